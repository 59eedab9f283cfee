"""The Celery application: two queues, no result backend, nothing the database does not already know."""

import os

from celery import Celery
from celery.signals import task_prerun, worker_init
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")

app = Celery("dsr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf["CELERY_DB_REUSE_MAX"] = 500  # tasks; Celery closes after each otherwise, whatever CONN_MAX_AGE says
app.autodiscover_tasks()


@worker_init.connect
def refuse_to_start(**_kwargs: object) -> None:
    """End a worker whose settings are wrong; Celery would log any other exception and go on."""
    from dsr.checks import configuration  # noqa: PLC0415 - settings are ready only now

    try:
        configuration.refuse_to_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@task_prerun.connect
def let_go_of_what_is_old(**_kwargs: object) -> None:
    """As Django does before each page: what is older than CONN_MAX_AGE goes, what is used again is tried first."""
    close_old_connections()
