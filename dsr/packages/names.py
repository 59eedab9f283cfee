"""File names that are legal on every system."""

import re
import unicodedata

MAX_CHARACTERS = 100
MAX_BYTES = 200  # file systems stop at 255 bytes, and a decomposing one stores accents as two characters

# What Windows refuses, controls, and the marks that reorder or hide the letters of a name.
_FORBIDDEN = re.compile(
    r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]'
)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,11}$")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def legal_name(name: str, *, fallback: str = "fichier") -> str:
    """One path component, composed (NFC), without anything a system reserves; the suffix survives shortening."""
    cleaned = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    if _RESERVED.match(cleaned):
        cleaned = f"_{cleaned}"
    return _shortened(cleaned) or fallback


def free_name(name: str, taken: set[str]) -> str:
    """A legal name that no other of the folder bears, case and composition aside; adds it to ``taken``."""
    legal = candidate = legal_name(name)
    number = 2
    while _alike(candidate) in taken:
        candidate = legal_name(_with_number(legal, number))
        number += 1
    taken.add(_alike(candidate))
    return candidate


def _alike(name: str) -> str:
    """The same for names that some file system takes for one: Windows folds case, macOS composes letters, too."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _with_number(name: str, number: int) -> str:
    """``name-2.pdf``, short enough for the number to survive."""
    suffix = _suffix(name)
    mark = f"-{number}{suffix}"
    return _cut(name.removesuffix(suffix), MAX_CHARACTERS - len(mark), MAX_BYTES - len(mark.encode())) + mark


def _shortened(name: str) -> str:
    """Within both limits, cut before the suffix."""
    suffix = _suffix(name)
    stem = _cut(name.removesuffix(suffix), MAX_CHARACTERS - len(suffix), MAX_BYTES - len(suffix.encode()))
    return stem + suffix


def _suffix(name: str) -> str:
    """The last extension when it looks like one."""
    found = _EXTENSION.search(name)
    return found[0] if found else ""


def _cut(stem: str, characters: int, size: int) -> str:
    """As much of a stem as both limits allow, ending in neither a space nor a dot."""
    return stem[:characters].encode()[:size].decode(errors="ignore").rstrip(" .")
