"""The parts of a letter: a heading with something under it, or an error, for an empty heading is no answer."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr.sources.activities import Text
from dsr.sources.base import SourceError

NOT_APPLICABLE = gettext_lazy("Sans objet.")

Texts = tuple[Text, ...]


class EmptyHeadingError(SourceError):
    """A heading would have nothing under it; the sentence names the heading, whose words are the newspaper's."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, then whatever it has of paragraphs, a list, labels with their values, sections of the next level.

    Raises EmptyHeadingError when nothing, or a blank text, would stand under a heading or a label.
    """

    title: Text
    texts: Texts = ()
    items: Texts = ()
    facts: tuple[tuple[Text, Texts], ...] = ()
    parts: tuple["Section", ...] = ()

    def __post_init__(self) -> None:
        """Refuse to be empty."""
        if not _said((self.title,)) or not (self.texts or self.items or self.facts or self.parts):
            raise _empty(self.title)
        for label, texts in (*self.facts, *((self.title, each) for each in (self.texts, self.items) if each)):
            if not _said((label,)) or not _said(texts):
                raise _empty(self.title, label)

    def data(self) -> dict[str, Any]:
        """The section as a template reads it, in the active language."""
        return {
            "title": str(self.title),
            "texts": [str(text) for text in self.texts],
            "items": [str(item) for item in self.items],
            "facts": [[str(label), [str(text) for text in texts]] for label, texts in self.facts],
            "parts": [part.data() for part in self.parts],
        }


def or_not_applicable(*texts: Text) -> Texts:
    """The texts that say something; « sans objet » when none does."""
    return tuple(text for text in texts if str(text).strip()) or (NOT_APPLICABLE,)


def _said(texts: Texts) -> bool:
    """Whether there is a text, and none is blank."""
    return bool(texts) and all(str(text).strip() for text in texts)


def _empty(*titles: Text) -> EmptyHeadingError:
    heading = ", ".join(dict.fromkeys(str(title) for title in titles))
    return EmptyHeadingError(
        _("La lettre n’est pas composée : « %(heading)s » n’a rien à dire.") % {"heading": heading}
    )
