"""How often one place on the network may knock: fixed windows counted in Django's cache, which never learns who it is.

The cache need not be shared by all processes: guessing is already held by five tries a code and a few letters a day, in
the database. Counted per reference *and* place, never per reference alone: a stranger could then lock a reader out.
"""

import ipaddress
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from dsr import keys

PERIODS = {"minute": 60, "hour": 3600, "day": 86400}
HOUSEHOLD = 64  # an IPv6 customer is given a whole /64


class TooMany(Exception):  # noqa: N818
    """The window's knocks are spent; ``retry_after`` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def spend(request: HttpRequest, door: str, *, at: datetime, reference: str = "") -> None:
    """Count one knock at a door of ``DSR_WEB_RATES`` (such as ``30/hour``; absent: no limit); raises TooMany."""
    rate = settings.DSR_WEB_RATES.get(door)
    if not rate:
        return
    allowed, seconds = parse(rate)
    window, elapsed = divmod(int(at.timestamp()), seconds)
    knocker = keys.keyed("rate", f"{door}:{place(request)}:{reference}:{window}".encode()).hex()
    cache.add(knocker, 0, timeout=2 * seconds)
    if cache.incr(knocker) > allowed:
        raise TooMany(seconds - elapsed)


def parse(rate: str) -> tuple[int, int]:
    """``30/hour`` is 30 knocks in 3600 seconds; raises ValueError or KeyError for another shape."""
    number, _slash, period = rate.partition("/")
    return int(number), PERIODS[period]


def place(request: HttpRequest) -> str:
    """The client's address as the nearest trusted proxy saw it (``DSR_PROXIES`` of them), a household for IPv6."""
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.DSR_PROXIES:
        forwarded = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        seen = forwarded[-min(settings.DSR_PROXIES, len(forwarded))] or seen
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return str(seen)
    if address.version == 4:  # noqa: PLR2004
        return str(address)
    return str(ipaddress.ip_network((address, HOUSEHOLD), strict=False))
