"""Files that people hand in: their size and real type are checked, they are encrypted at rest and expire."""

import codecs
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import PurePath

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from dsr.models.package import Upload
from dsr.packages import vault
from dsr.permissions import Refusal

logger = structlog.get_logger(__name__)

MAGIC = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/zip": b"PK\x03\x04",
}
TEXT = "text/plain"
LABEL_LENGTH = 120


class UploadTooLarge(Refusal):
    """A file over the limit."""

    code = "upload-too-large"
    sentence = _("Ce fichier est trop volumineux.")


class WrongTypeOfFile(Refusal):
    """A file that is not what may be handed in, whatever its name says."""

    code = "wrong-type-of-file"
    sentence = _(
        "Ce type de fichier n’est pas accepté : remettez un PDF, une image JPEG ou PNG, une archive ZIP ou du texte."
    )


class NotStored(Refusal):
    """There is no room, or the storage does not answer: nothing of the file was kept."""

    code = "not-stored"
    sentence = _(
        "Le fichier n’a pas pu être enregistré, et rien n’en a été gardé. Joignez-le de nouveau dans un moment."
    )


def seal(file: "UploadedFile[bytes]", *, at: datetime) -> Upload:
    """Check and encrypt; the returned row is not saved and has no step yet.

    It expires with the longest package that may hold it, and not before the request is closed.
    """
    if (file.size or 0) > settings.DSR_UPLOAD_MAX_BYTES:
        raise UploadTooLarge
    if not file.size:
        raise WrongTypeOfFile(_("Ce fichier est vide."))
    content_type = _real_type(file)
    sealed = store(file)
    return Upload(
        **asdict(sealed),
        sealed_at=at,
        expires_at=at + timedelta(days=settings.DSR_PACKAGE_DAYS),
        label=PurePath(file.name or "").name[-LABEL_LENGTH:],
        content_type=content_type,
    )


def store(file: "UploadedFile[bytes]") -> vault.Sealed:
    """Encrypt the file into the storage; raises NotStored."""
    try:
        return vault.seal(chunks(file), object_name=vault.fresh_name())
    except OSError as error:
        logger.error("file_not_stored", error=type(error).__name__, number=error.errno)  # noqa: TRY400
        raise NotStored from error


def chunks(file: "UploadedFile[bytes]") -> Iterator[bytes]:
    """The file from its beginning."""
    file.seek(0)
    yield from file.chunks()


def shown_type(file: "UploadedFile[bytes]") -> str:
    """The type that the first bytes show, empty when they show none."""
    file.seek(0)
    head = file.read(16)
    return next((content_type for content_type, magic in MAGIC.items() if head.startswith(magic)), "")


def _real_type(file: "UploadedFile[bytes]") -> str:
    """The type its first bytes show; text is whatever decodes as UTF-8 and holds no NUL."""
    if shown := shown_type(file):
        return shown
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks(file):
            if "\0" in decoder.decode(chunk):
                raise WrongTypeOfFile
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise WrongTypeOfFile from error
    return TEXT
