"""The Django project around the service: settings, addresses, Celery."""

from site_config.celery import app as celery_app

__all__ = ["celery_app"]
