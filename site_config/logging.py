"""What a log line holds: events and codes as JSON; no address, no browser, nobody's name."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

PERSONAL = ("ip", "user_agent")
RESET_KEY = re.compile(r"(/reset/key/)[^/\s]+")

BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def without_personal_data(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Drop what django-structlog knows of the visitor, and the key in the address of a new password."""
    for name in PERSONAL:
        event.pop(name, None)
    return {name: RESET_KEY.sub(r"\1…", value) if isinstance(value, str) else value for name, value in event.items()}


def configured() -> dict[str, Any]:
    """Configure structlog, and return Django's LOGGING, which prints every line through it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *BEFORE,
            without_personal_data,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_personal_data,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": BEFORE,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": "INFO"},
    }
