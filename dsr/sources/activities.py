"""Processing activities (GDPR Art. 30): why data are held, on what basis, who receives them, how long, from where."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise

Text = str | Promise


class Telling(Enum):
    """How a recipient hears that data it received were corrected or erased (GDPR Art. 19)."""

    BY_EMAIL = "by_email"
    BY_HAND = "by_hand"
    NOT_TOLD = "not_told"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who receives data, by name, and how they hear of a correction or an erasure: exactly one of three ways.

    ``email`` is where a letter goes; ``by_hand`` tells staff what to do; ``not_told`` says why there is nobody to tell:
    the public, the newspaper's own people, a processor whose copy is ours to erase. ``code`` is stable, and the same in
    every activity that names this recipient, so that they hear once.
    """

    code: str
    name: Text
    email: str = ""
    by_hand: Text = ""
    not_told: Text = ""

    def __str__(self) -> str:
        return str(self.name)

    @property
    def telling(self) -> Telling:
        """How they are told."""
        if self.email:
            return Telling.BY_EMAIL
        return Telling.BY_HAND if self.by_hand else Telling.NOT_TOLD


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the register of processing, in words fit for the reader (GDPR Art. 15(1)(a)-(h)).

    ``recipients`` are named one by one (CJEU C-154/21). ``transfers`` and ``automated_decisions`` left empty are told
    as « sans objet »; the other sentences are never empty.
    """

    code: str
    name: Text
    purpose: Text
    legal_basis: Text
    categories: Text
    recipients: tuple[Recipient, ...]
    retention: Text
    origin: Text
    transfers: Text = ""
    automated_decisions: Text = ""

    def __hash__(self) -> int:
        """By the code: the sentences would be translated for it."""
        return hash(self.code)
