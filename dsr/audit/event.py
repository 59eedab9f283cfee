"""What is said of one kind of entry."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of entry; facts are codes, counts, dates and digests of ciphertext, never words about anyone.

    ``act`` goes on after the name of whoever acted, with the ``{subject}`` in it. ``told`` is how the reader is told:
    the life of the request and what was done, not how the desk works. ``looked`` is there when a member of staff looked
    at the reader's data, and says why: the letter beside a copy tells it (CJEU C-579/21).
    """

    sentence: str | Promise
    act: str | Promise
    facts: frozenset[str] = frozenset()
    told: str | Promise = ""
    looked: str | Promise = ""


def event(
    sentence: str | Promise, act: str | Promise, *facts: str, told: str | Promise = "", looked: str | Promise = ""
) -> Event:
    """One line of a table of events."""
    return Event(sentence, act, frozenset(facts), told, looked)
