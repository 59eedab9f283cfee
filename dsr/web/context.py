"""What every page says of the newspaper."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, Any]:
    """Context processor: who publishes, and where to write to the data protection officer."""
    return {
        "newspaper": settings.DSR_NEWSPAPER_NAME,
        "dpo_email": settings.DSR_DPO_EMAIL,
        "postal_address": settings.DSR_POSTAL_ADDRESS,
    }
