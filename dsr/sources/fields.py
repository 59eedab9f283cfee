"""The words of a declaration: what each field of a model is, what ties a row to a reader, what keeps it until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from dsr.sources.activities import Text


class Mark(Enum):
    """What stands where a value would stand, and is known only when the work is done."""

    WITH_ROW = "the value goes with its row; it cannot be blanked"
    NOW = "the instant of the objection, or the first instant of the day of the erasure, where nothing stands yet"
    TODAY = "the day of the erasure itself"
    NO_END_YET = "nothing has ended: kept, case by case"
    AS_IT_IS = "the value itself"


WITH_ROW: Final = Mark.WITH_ROW
NOW: Final = Mark.NOW
TODAY: Final = Mark.TODAY
NO_END_YET: Final = Mark.NO_END_YET
AS_IT_IS: Final = Mark.AS_IT_IS

Start = str | Combinable | Mark
Condition = Q | Combinable


SOMEBODY_ELSES: Final = _("donnée d’une autre personne")


class Shared(Enum):
    """What an erasure does with a row that two links tie to two readers."""

    LEAVE = "the row stays as it is, and the reader is told why"
    BLANK_OWN_FIELDS = "the row stays, without the fields that tie it to this reader and those their links own"
    ERASE = "the row is the reader's all the same"


LEAVE: Final = Shared.LEAVE
BLANK_OWN_FIELDS: Final = Shared.BLANK_OWN_FIELDS
ERASE: Final = Shared.ERASE


class Owner(Enum):
    """Whose the value is."""

    READER = "reader"
    THIRD_PERSON = "third_person"
    NOBODY = "nobody"
    UNDECIDED = "undecided"


class Sought(Enum):
    """What an erasure looks for again afterwards: the first three name one person alone, and are sought everywhere."""

    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    NAME = "name"
    IP = "ip"
    NOTHING = "nothing"  # nor is a bare number that stands here taken for the reader's: a postcode is nobody's


UNIQUE: Final = frozenset({Sought.EMAIL, Sought.PHONE, Sought.NUMBER})


@dataclass(frozen=True, slots=True)
class Held:
    """A legal ground that holds a field; ``since`` names alternatives, and the first that is filled starts it."""

    ground: str
    since: tuple[Start, ...]
    when: Condition | None = None
    referenced_by: str = ""


@dataclass(frozen=True, slots=True)
class Classified:
    """What one field is. Not exported, or nobody's: ``why`` says the reason, in words for the reader.

    ``free_text`` says whether people write there in their own words; None leaves it to the column: a TextField is.
    """

    owner: Owner
    label: Text = ""
    exported: bool = True
    why: Text = ""
    concept: str = ""
    erased_to: Any = WITH_ROW
    kept: tuple[Held, ...] = ()
    role: Text = ""
    others_see: Text | Mark = ""
    when_corrected: Mapping[str, Any] = field(default_factory=dict)
    searched: Sought | None = None
    free_text: bool | None = None

    @property
    def can_be_blanked(self) -> bool:
        """Whether an erasure may blank the value in a row that stays."""
        return self.erased_to is not WITH_ROW


@dataclass(frozen=True, slots=True)
class Link:
    """A way from an identifier to rows: ``path`` is a field here or across foreign keys."""

    kind: str
    path: str
    unless: tuple[str, ...] = ()
    caseless: bool = False
    owns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revealed:
    """An identifier that we ourselves filed with the row, hence as good as the one that found it."""

    kind: str
    path: str
    when: Q | None = None


def kept(
    ground: str, *, since: Start | tuple[Start, ...], when: Condition | None = None, referenced_by: str = ""
) -> Held:
    """Keep on a ground of ``dsr.grounds.KEEPING``, from the first filled of the fields or expressions ``since``.

    ``TODAY`` and ``NO_END_YET`` always are filled; where nothing is, the ground does not hold. ``when`` must be true of
    the row, and with ``referenced_by`` a row that stays must point here through that reverse relation.
    """
    return Held(ground, since if isinstance(since, tuple) else (since,), when, referenced_by)


def personal(
    label: Text,
    *,
    concept: str = "",
    erased_to: Any = WITH_ROW,
    kept: Held | tuple[Held, ...] = (),
    not_exported: Text = "",
    others_see: Text | Mark = SOMEBODY_ELSES,
    when_corrected: Mapping[str, Any] | None = None,
    searched: Sought | None = None,
    free_text: bool | None = None,
) -> Classified:
    """Say that the value is the reader's.

    ``concept`` makes it rectifiable, in every source that names the same concept; ``when_corrected`` are other fields
    of the row to set then. ``erased_to`` is what stands after an erasure in a row that stays. ``not_exported`` is the
    reason why the reader does not get it. ``others_see`` stands in the copy of a reader whom the row only mentions.
    ``searched`` says what an erasure looks for again; an address is known by its type, others often by their concept.
    ``free_text`` has the field searched for other people's addresses before the copy leaves; a TextField is unless said
    otherwise, any other text column only when said.
    """
    return Classified(
        Owner.READER,
        label,
        exported=not not_exported,
        why=not_exported,
        concept=concept,
        erased_to=erased_to,
        kept=kept if isinstance(kept, tuple) else (kept,),
        others_see=others_see,
        when_corrected=when_corrected or {},
        searched=searched,
        free_text=free_text,
    )


def third_person(label: Text, *, role: Text, erased_to: Any = WITH_ROW) -> Classified:
    """Say that the value is somebody else's: the copy names the role, and an erasure leaves it unless ``erased_to``."""
    return Classified(Owner.THIRD_PERSON, label, role=role, erased_to=erased_to)


def not_personal(label: Text = "", *, because: Text, free_text: bool | None = None) -> Classified:
    """Say that the value is nobody's and why; with a label it goes into the copy, which it makes intelligible."""
    exported = bool(label)
    return Classified(Owner.NOBODY, label, exported, why=because, others_see=AS_IT_IS, free_text=free_text)


def undecided(label: Text = "") -> Classified:
    """Say that nobody has classified the field yet: ``draft_source`` writes it, the system checks refuse it."""
    return Classified(Owner.UNDECIDED, label)


def by(kind: str, path: str, *, unless: str | tuple[str, ...] = (), owns: tuple[str, ...] = ()) -> Link:
    """Say which field ties a row to an identifier of that kind; e-mail addresses are compared without case.

    ``unless`` names fields that must be empty: a comment filed under an account is that account's, whatever address it
    also bears. ``owns`` are the other fields about whoever it leads to, blanked with it where a row is shared.
    """
    return Link(kind, path, (unless,) if isinstance(unless, str) else unless, caseless=kind == "email", owns=owns)


def reveal(kind: str, path: str, *, when: Q | None = None) -> Revealed:
    """Say which identifier we filed with the row, such as a subscriber number."""
    return Revealed(kind, path, when)
