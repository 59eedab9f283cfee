"""Settings that are not what they were: each change is an entry of the log, by name, never by value."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction

from dsr import keys
from dsr.audit import log
from dsr.models.setting import SeenSetting
from dsr.models.tree import Head

KEY = "DSR_SERVICE_KEY"  # the digests hang on it: once it changes, all of them do
# They say nothing of how the service treats readers and their data.
NOT_WATCHED = frozenset({KEY, "DSR_OWNER_DATABASE_URL", "DSR_DATA_DIR", "DSR_ADMIN_CSP", "DSR_METRICS_TOKEN"})


def note(*, at: datetime) -> list[str]:
    """Record each setting that changed since it was last seen; returns their names. What is new is only taken down.

    Under another service key nothing can be compared: that it changed is recorded, and the rest is taken down anew.
    """
    with transaction.atomic():
        if rekeyed := _has_changed(KEY, _digest(""), at):
            SeenSetting.objects.exclude(name=KEY).delete()
    if rekeyed:
        return [KEY, *note(at=at)]
    return [name for name, value in watched() if _has_changed(name, _digest(value), at)]


def watched() -> Iterator[tuple[str, str]]:
    """The product's settings, each with its value as text."""
    for name in sorted(dir(settings)):
        if name.startswith("DSR_") and name not in NOT_WATCHED:
            yield name, repr(getattr(settings, name))


def _digest(value: str) -> str:
    return keys.keyed("settings", value.encode()).hex()


@transaction.atomic
def _has_changed(name: str, digest: str, at: datetime) -> bool:
    """One conditional update, so that of several processes that see the change one records it."""
    seen, new = SeenSetting.objects.get_or_create(name=name, defaults={"digest": digest})
    if new or seen.digest == digest:
        return False
    if not SeenSetting.objects.filter(name=name, digest=seen.digest).update(digest=digest):
        return False
    head = Head.objects.get_or_create(pk=1)[0]
    log.record("settings.changed", about=head, by=log.SYSTEM, at=at, facts={"setting": name})
    return True
