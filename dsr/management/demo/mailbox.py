"""The mailbox of the demonstration's readers: the folder in which the service leaves its letters."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from dsr.models.staff import ALPHABET

CODE = re.compile(rf"\b[{ALPHABET}]{{3}}(?:-[{ALPHABET}]{{3}}){{2}}\b")
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each letter


class Mailbox:
    """The letters of one request, found by its reference."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def letters(self, reference: str) -> list[EmailMessage]:
        """The letters that name the request, oldest first; one that is still being written is not there yet."""
        files = sorted(self.folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        whole = (part for file in files for part in file.read_bytes().split(BETWEEN)[:-1])
        read = (message_from_bytes(part, policy=policy.default) for part in whole)
        return [letter for letter in read if reference in text(letter)]

    def codes(self, reference: str) -> list[str]:
        """The codes that came for the request, oldest first."""
        found = (CODE.search(text(letter)) for letter in self.letters(reference))
        return [code.group() for code in found if code]

    def subjects(self, reference: str) -> list[str]:
        """What the letters are about."""
        return [letter["Subject"] for letter in self.letters(reference)]


def text(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""
