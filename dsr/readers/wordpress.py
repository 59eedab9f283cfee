"""The import of a WordPress export: its comments become ours, once, whatever their status.

A comment signed with the address of one of the site's authors is imported like any other: a person wrote it under an
article, in the place where readers write. The authors themselves are staff, not readers, and are only counted.
Pingbacks and trackbacks are messages between sites, nobody's personal data: counted, left out.

The file is taken as the newer truth: a second import of the same file changes nothing, a later export updates what
changed in it. One thing is never undone: a comment whose author was erased here stays erased, and one that had gone
does not come back, since the suppression list remembers until when its author was erased. What they wrote afterwards is
new, and imported; so is what somebody wrote who only objected to our messages.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from itertools import islice
from pathlib import Path

from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _
from tqdm import tqdm

from dsr.readers.models import Comment
from dsr.readers.wxr import Export, ExportedComment, NotAnExport
from dsr.sources.suppression import erased

BATCH = 1000
LARGEST_NUMBER = 2**63 - 1
PINGS = {"pingback", "trackback"}
STATUSES = {
    "1": Comment.Status.PUBLISHED,
    "approve": Comment.Status.PUBLISHED,
    "0": Comment.Status.HELD,
    "hold": Comment.Status.HELD,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.TRASHED,
    "post-trashed": Comment.Status.TRASHED,
}
FIELDS = [
    "author_name",
    "author_email",
    "author_url",
    "author_ip",
    "content",
    "status",
    "article_url",
    "article_title",
    "created_at",
    "wordpress_parent",
]


@dataclass
class Summary:
    """What an import did, in numbers of comments; ``left_out`` counts pingbacks and trackbacks by type."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    erased_here: int = 0
    refused: int = 0
    undated: int = 0
    authors: int = 0
    dropped_characters: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def sentences(self) -> Iterator[str]:
        """The summary in words, one line per number worth saying."""
        yield _("Commentaires lus : %(count)d") % {"count": self.statuses.total()}
        for status in Comment.Status:
            yield _("– %(status)s : %(count)d") % {"status": status.label, "count": self.statuses[status.value]}
        yield _("Nouveaux : %(new)d, modifiés : %(changed)d, inchangés : %(unchanged)d") % {
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
        }
        yield _("Laissés de côté : pingbacks %(pingbacks)d, trackbacks %(trackbacks)d") % {
            "pingbacks": self.left_out["pingback"],
            "trackbacks": self.left_out["trackback"],
        }
        yield _("Auteurs du site, membres de la rédaction, non importés : %(count)d") % {"count": self.authors}
        if self.erased_here:
            yield _("Laissés effacés, leur auteur l’ayant été ici : %(count)d") % {"count": self.erased_here}
        if self.refused:
            sentence = _("Refusés, antérieurs à l’effacement de leur auteur : %(count)d")
            yield sentence % {"count": self.refused}
        if self.undated:
            yield _("Sans date lisible, datés de leur article : %(count)d") % {"count": self.undated}
        if self.dropped_characters:
            yield _("Caractères de contrôle retirés : %(count)d") % {"count": self.dropped_characters}


def import_file(path: Path, *, progress: bool = False) -> Summary:
    """Import every comment of the export in one transaction; threads are linked at the end, whatever the order.

    Raises NotAnExport, with nothing imported.
    """
    try:
        with (
            path.open("rb") as stream,
            tqdm(total=path.stat().st_size, unit="o", unit_scale=True, disable=not progress) as bar,
            transaction.atomic(),
        ):
            export, summary = Export(), Summary()
            rows = _rows(export.comments(stream, on_read=bar.update), export, summary)
            while batch := list(islice(rows, BATCH)):
                _save(batch, summary)
            _link_threads(_site(export))
    except OSError as error:
        raise NotAnExport(_unreadable(path, error)) from error
    summary.authors, summary.dropped_characters = export.authors, export.dropped
    return summary


def _unreadable(path: Path, error: OSError) -> str:
    causes: dict[type[OSError], str] = {
        FileNotFoundError: _("ce fichier n’existe pas"),
        IsADirectoryError: _("c’est un dossier"),
        PermissionError: _("vous n’avez pas le droit de le lire"),
    }
    return _("%(path)s ne peut pas être lu : %(cause)s.") % {
        "path": path,
        "cause": causes.get(type(error), error.strerror),
    }


def _rows(entries: Iterable[ExportedComment], export: Export, summary: Summary) -> Iterator[Comment]:
    for entry in entries:
        kind = entry.texts.get("wp:comment_type", "").strip()
        if kind in PINGS:
            summary.left_out[kind] += 1
            continue
        row, dated = _row(entry, site=_site(export))
        summary.statuses[row.status] += 1
        summary.undated += not dated
        yield row


def _site(export: Export) -> str:
    """The blog without its scheme: an export made before the site had HTTPS is of the same site."""
    address = export.site.strip().rstrip("/").partition("://")[2]
    if not 0 < len(address) <= _longest("imported_from"):
        raise NotAnExport(_("Ligne %(line)d : le fichier ne dit pas de quel site il vient.") % {"line": export.line})
    return address


def _row(entry: ExportedComment, *, site: str) -> tuple[Comment, bool]:
    """The row that the comment asks for, and whether it had a readable date of its own."""
    texts, article = entry.texts, entry.article
    written = _instant(texts, "wp:comment_date")
    created_at = written or _instant(article, "wp:post_date")
    if created_at is None:
        raise NotAnExport(_at(entry, _("ni ce commentaire ni son article n’ont de date lisible")))
    row = Comment(
        imported_from=site,
        wordpress_id=_number(entry),
        wordpress_parent=_whole(texts.get("wp:comment_parent", "")) or None,
        author_name=_fitting(entry, "author_name", "wp:comment_author"),
        author_email=_fitting(entry, "author_email", "wp:comment_author_email"),
        author_url=_fitting(entry, "author_url", "wp:comment_author_url"),
        author_ip=_ip(texts.get("wp:comment_author_IP", "")),
        content=texts.get("wp:comment_content", ""),
        status=STATUSES.get(texts.get("wp:comment_approved", "").strip(), Comment.Status.HELD),
        article_url=article.get("link", "").strip()[: _longest("article_url")],
        article_title=article.get("title", "").strip()[: _longest("article_title")],
        created_at=created_at,
    )
    return row, written is not None


def _at(entry: ExportedComment, cause: str) -> str:
    return _("Ligne %(line)d : %(cause)s.") % {"line": entry.line, "cause": cause}


def _number(entry: ExportedComment) -> int:
    number = _whole(entry.texts.get("wp:comment_id", ""))
    if not number:
        raise NotAnExport(_at(entry, _("un commentaire n’a pas de numéro (wp:comment_id)")))
    return number


def _whole(text: str) -> int:
    """The number written in ASCII digits, or 0."""
    text = text.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_NUMBER)) + 1 else 0
    return number if number <= LARGEST_NUMBER else 0


def _fitting(entry: ExportedComment, name: str, element: str) -> str:
    """Refuse rather than cut what a person wrote; WordPress itself stores nothing longer."""
    text = entry.texts.get(element, "").strip()
    if len(text) > _longest(name):
        cause = _("%(element)s dépasse %(longest)d caractères") % {"element": element, "longest": _longest(name)}
        raise NotAnExport(_at(entry, cause))
    return text


def _longest(name: str) -> int:
    field = Comment._meta.get_field(name)
    assert isinstance(field, models.CharField) and field.max_length  # noqa: S101, PT018 - tells the type
    return field.max_length


def _ip(text: str) -> str | None:
    """The first address of the list a proxy may have left, as the database writes it; None when it is none."""
    try:
        address = ip_address(text.partition(",")[0].strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)


def _instant(texts: dict[str, str], element: str) -> datetime | None:
    """WordPress writes 0000-00-00 where it knows no GMT date; then the site's own hour is taken as ours."""
    for name, zone in ((f"{element}_gmt", UTC), (element, get_default_timezone())):
        try:
            written = datetime.strptime(texts.get(name, "").strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        except ValueError:
            continue
        if 1970 <= written.year < 2200:  # noqa: PLR2004 - older than the web, or a slip of the keyboard
            return written
    return None


def _save(batch: list[Comment], summary: Summary) -> None:
    """Insert and update one batch; of two comments with the same number the last one stands."""
    wanted = {row.wordpress_id: row for row in batch}
    gone = erased({row.author_email for row in wanted.values()}, on=localdate())
    site = batch[0].imported_from
    known = {row.wordpress_id: row for row in Comment.objects.filter(imported_from=site, wordpress_id__in=wanted)}
    changed = []
    for number, old in known.items():
        new = wanted.pop(number)
        if _erased_here(old, new):
            summary.erased_here += 1
        elif _differs(old, new):
            changed.append(old)
        else:
            summary.unchanged += 1
    fresh = [row for row in wanted.values() if not _came_back(row, gone)]
    Comment.objects.bulk_create(fresh)
    Comment.objects.bulk_update(changed, FIELDS)
    summary.new += len(fresh)
    summary.refused += len(wanted) - len(fresh)
    summary.changed += len(changed)


def _erased_here(old: Comment, new: Comment) -> bool:
    """A signature or an address is blank here alone; hosting law may have kept the other one for a while."""
    return any(getattr(new, name) and not getattr(old, name) for name in ("author_name", "author_email"))


def _came_back(new: Comment, gone: Mapping[str, datetime]) -> bool:
    """Whether the file brings back what an erasure of everything had removed."""
    erased_at = gone.get(new.author_email)
    return erased_at is not None and new.created_at <= erased_at


def _differs(old: Comment, new: Comment) -> bool:
    """Copy what changed onto the stored row, and say whether anything did."""
    changed = [name for name in FIELDS if getattr(old, name) != getattr(new, name)]
    for name in changed:
        setattr(old, name, getattr(new, name))
    return bool(changed)


def _link_threads(site: str) -> None:
    """One statement for the whole site; a parent that was left out, or is the comment itself, is no parent."""
    parents = Comment.objects.filter(imported_from=site, wordpress_id=OuterRef("wordpress_parent")).exclude(
        pk=OuterRef("pk")
    )
    parent = Subquery(parents.values("pk")[:1])
    replies = Comment.objects.filter(imported_from=site)
    replies = replies.filter(Q(wordpress_parent__isnull=False) | Q(parent__isnull=False)).annotate(found=parent)
    unlinked = replies.filter(
        ~Q(parent=models.F("found")) | Q(parent=None, found__isnull=False) | Q(parent__isnull=False, found=None)
    )
    unlinked.update(parent=parent)
