"""Who signs what the log states, and whose signatures count."""

from functools import lru_cache

from django.conf import settings

from dsr import keys
from dsr.audit import note


def signer() -> note.Signer:
    """Who signs: the log's origin, with the key of the environment."""
    return note.Signer(settings.DSR_LOG_ORIGIN, keys.log_seed())


def verifiers() -> list[note.Verifier]:
    """Whose signature counts: the key of today and those before it."""
    return _verifiers(settings.DSR_LOG_ORIGIN, keys.log_seed(), tuple(settings.DSR_LOG_PAST_KEYS))


@lru_cache(maxsize=4)
def _verifiers(origin: str, seed: bytes, past: tuple[str, ...]) -> list[note.Verifier]:
    return [note.Signer(origin, seed).verifier, *(note.Verifier.parse(text) for text in past)]
