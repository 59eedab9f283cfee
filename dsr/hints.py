"""« There is work »: publishes what is due to Celery by task name, never waits long, never fails a caller."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from dsr.audit import sequencer
from dsr.lifecycle import execution
from dsr.models import prepared
from dsr.models.address import frozen_since
from dsr.models.notice import Notice
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.models.step import Step

# Redis may be frozen: a page waits half a second for it, once, and the sweeper hints again.
IMPATIENT = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry_on_timeout": False, "max_retries": 0}
EXPIRES_SECONDS = 300  # a hint nobody took by then is dropped: the sweeper publishes it anew
AT_ONCE = 1000

Keys = Iterable[tuple[int]]
Hint = tuple[str, list[int]]  # a task's name and the id of its row, if it is about one

logger = structlog.get_logger(__name__)

_NOTICES = prepared.Columns(lambda: _keys(Notice.objects.claimable(given("at")).filter(data_request=given("request"))))
_STEPS = prepared.Columns(
    lambda: _keys(
        Step.objects.due(given("at"), frozen_since=given("frozen_since")).filter(data_request=given("request"))
    )
)
_TOLD = prepared.Columns(lambda: _keys(execution.settleable().filter(pk=given("request"))))


def for_request(data_request: DataRequest) -> None:
    """Once the transaction is committed, hint whatever is due for this request."""
    transaction.on_commit(partial(_hint_due, data_request.pk))


def everything_due(*, at: datetime) -> int:
    """Hint again whatever is due, oldest first; returns how many hints were published."""
    return _publish(_due(at))


def of_request(request_id: int, *, at: datetime) -> list[Hint]:
    """Whatever is due for one request, its letters first."""
    notices, steps, told = (
        _NOTICES(request=request_id, at=at),
        _STEPS(request=request_id, at=at, frozen_since=frozen_since(at)),
        _TOLD(request=request_id),
    )
    return _hints(notices, steps, told)


def _hint_due(request_id: int) -> None:
    _publish(of_request(request_id, at=timezone.now()))


def _due(at: datetime) -> list[Hint]:
    return _hints(*map(_keys, (Notice.objects.claimable(at), Step.objects.due(at), execution.settleable())))


def _keys(rows: QuerySet[Any]) -> QuerySet[Any, tuple[int]]:
    """The keys of the oldest."""
    return rows.order_by("pk").values_list("pk")[:AT_ONCE]


def _hints(notices: Keys, steps: Keys, told: Keys) -> list[Hint]:
    tasks = {"dsr.send_notice": notices, "dsr.run_step": steps, "dsr.settle": told}
    found: list[Hint] = [(name, list(key)) for name, keys in tasks.items() for key in keys]
    return found + ([("dsr.sequence", [])] if sequencer.is_due() else [])


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
