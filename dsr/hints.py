"""« There is work »: publishes what is due to Celery by task name, never waits long, never fails a caller."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from dsr.audit import sequencer
from dsr.lifecycle import execution
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Step

# Redis may be frozen: a page waits half a second for it, once, and the sweeper hints again.
IMPATIENT = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry_on_timeout": False, "max_retries": 0}
EXPIRES_SECONDS = 300  # a hint nobody took by then is dropped: the sweeper publishes it anew
AT_ONCE = 1000

Hint = tuple[str, list[int]]  # a task's name and the id of its row, if it is about one

logger = structlog.get_logger(__name__)


def for_request(data_request: DataRequest) -> None:
    """Once the transaction is committed, hint whatever is due for this request."""
    transaction.on_commit(partial(_hint_due, data_request.pk))


def everything_due(*, at: datetime) -> int:
    """Hint again whatever is due, oldest first; returns how many hints were published."""
    return _publish(_due(at))


def _hint_due(request_id: int) -> None:
    _publish(_due(timezone.now(), request_id))


def _due(at: datetime, request_id: int | None = None) -> list[Hint]:
    steps, notices, told = Step.objects.due(at), Notice.objects.claimable(at), execution.settleable()
    if request_id is not None:
        steps, notices = steps.filter(data_request=request_id), notices.filter(data_request=request_id)
        told = told.filter(pk=request_id)
    mail = [("dsr.send_notice", [pk]) for pk in notices.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]]
    work = [("dsr.run_step", [pk]) for pk in steps.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]]
    work += [("dsr.settle", [pk]) for pk in told.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]]
    return mail + work + ([("dsr.sequence", [])] if sequencer.is_due() else [])


def _publish(hints: Iterable[Hint]) -> int:
    """Publish until the broker fails; what is left is the sweeper's."""
    published = 0
    hints = list(hints)
    if not hints:
        return 0
    try:
        with current_app.connection_for_write(transport_options=_impatient()) as connection:
            for name, row_ids in hints:
                current_app.send_task(name, args=row_ids, connection=connection, retry=False, expires=EXPIRES_SECONDS)
                published += 1
    except (KombuError, OperationalError, RedisError, OSError) as error:
        logger.warning("hint_not_published", error=type(error).__name__, left=len(hints) - published)
    return published


def _impatient() -> dict[str, object]:
    return {**current_app.conf.broker_transport_options, **IMPATIENT}
