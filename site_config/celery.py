"""The Celery application: two queues, no result backend, nothing the database does not already know."""

import os

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")

app = Celery("dsr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_to_start(**_kwargs: object) -> None:
    """End a worker whose settings are wrong; Celery would log any other exception and go on."""
    from dsr.checks import configuration  # noqa: PLC0415 - settings are ready only now

    try:
        configuration.refuse_to_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
