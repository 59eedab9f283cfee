"""What operators' machines ask: is the process alive, can it work, what does it measure."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from health_check.base import HealthCheck
from health_check.checks import Database
from health_check.contrib.redis import Redis
from redis.asyncio import Redis as Client

from dsr.audit import signing
from dsr.models.tree import Checkpoint
from site_config import measures  # noqa: F401 - registers the log's own measures

TEXT = "text/plain; charset=utf-8"
PATIENCE_SECONDS = 1

# Threads of our own: the event loop would wait, at its end, for a probe that a frozen database still holds.
PROBES = ThreadPoolExecutor(max_workers=2, thread_name_prefix="readyz")


class TimelyDatabase(Database):  # type: ignore[misc]
    """The database, if it answers soon."""

    timeout = timedelta(seconds=PATIENCE_SECONDS)


class Broker(Redis):  # type: ignore[misc]
    """The broker, if it answers soon."""

    timeout = timedelta(seconds=PATIENCE_SECONDS)


def _broker() -> Client:
    return Client.from_url(settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)


@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers, whatever it depends on."""
    return HttpResponse("alive\n", content_type=TEXT, headers={"Cache-Control": "no-store"})


@require_safe
async def ready(_request: HttpRequest) -> HttpResponse:
    """200 when database and broker answer, else 503; says which one does not, and nothing about where it is."""
    checks: dict[str, HealthCheck] = {"database": TimelyDatabase(), "broker": Broker(client_factory=_broker)}
    results = await asyncio.gather(*(check.get_result(PROBES) for check in checks.values()))
    answers = {name: "unavailable" if result.error else "ok" for name, result in zip(checks, results, strict=True)}
    return HttpResponse(
        "".join(f"{name}: {answer}\n" for name, answer in answers.items()),
        content_type=TEXT,
        status=503 if "unavailable" in answers.values() else 200,
        headers={"Cache-Control": "no-store"},
    )


@require_safe
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The last signed statement of the log's size and root (C2SP checkpoint); it says nothing about anyone."""
    last = Checkpoint.objects.first()
    if last is None:
        raise Http404
    return HttpResponse(last.note, content_type=TEXT, headers={"Cache-Control": "no-store"})


@require_safe
def verifier(_request: HttpRequest) -> HttpResponse:
    """The keys that verify checkpoints (C2SP signed note), one a line, today's first; compare them with a copy kept."""
    keys = "".join(f"{each.text}\n" for each in signing.verifiers())
    return HttpResponse(keys, content_type=TEXT, headers={"Cache-Control": "no-store"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The measures, to whoever holds ``DSR_METRICS_TOKEN``; with no token set the page does not exist.

    The address of the caller proves nothing: behind a proxy on the same machine everybody comes from loopback.
    """
    token = settings.DSR_METRICS_TOKEN
    presented = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not compare_digest(presented.encode(), token.encode()):
        raise Http404
    page: HttpResponse = ExportToDjangoView(request)
    return page
