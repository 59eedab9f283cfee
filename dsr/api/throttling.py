"""How often a caller may ask for what costs a letter or guesses a code."""

from typing import Any

from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle


class Rate(ScopedRateThrottle):
    """The rate of the view's ``throttle_scope``, from ``DEFAULT_THROTTLE_RATES`` as it stands at the call."""

    def get_rate(self) -> str | None:
        """The rate, such as ``30/hour``; None does not limit."""
        rates: dict[Any, Any] = {**api_settings.DEFAULT_THROTTLE_RATES}
        rate: str | None = rates[self.scope]
        return rate
