"""How often one place on the network may ask for what costs a letter or guesses a code."""

import ipaddress
from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle

HOUSEHOLD = 64  # an IPv6 customer is given a whole /64


class Rate(ScopedRateThrottle):
    """The rate of the view's ``throttle_scope``, from ``DEFAULT_THROTTLE_RATES`` as it stands at the call."""

    def get_rate(self) -> str | None:
        """The rate, such as ``30/hour``; a scope without one is not limited."""
        rates: dict[Any, Any] = {**api_settings.DEFAULT_THROTTLE_RATES}
        rate: str | None = rates.get(self.scope)
        return rate

    def get_ident(self, request: Request) -> str:
        """The caller's address behind ``NUM_PROXIES`` trusted proxies, a household for IPv6."""
        seen = super().get_ident(request)
        try:
            address = ipaddress.ip_address(seen)
        except ValueError:
            return str(seen)
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, HOUSEHOLD), strict=False))
        return str(address)
