"""``/telechargement/<reference>/``: the copy itself, for whoever holds its session: the archive, or page by page.

The address may be served by processes of its own (docs/operations.md). GET changes nothing of the request; that bytes
left is recorded, and moves the end of the session on.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import override

from dsr import deadlines
from dsr.lifecycle import downloads
from dsr.models.download import DownloadSession
from dsr.models.request import DataRequest
from dsr.notifications.writing import in_words
from dsr.packages.names import legal_name
from dsr.packages.opening import Members, NoMember, Plaintext
from dsr.packages.vault import VaultError
from dsr.web import ranges, wording
from dsr.web.transfer import RETRY_SECONDS, ROOM, Full, Transfer
from dsr.web.views.errors import answers

COOKIE = "copie"
# Never stored on the way, not even by a proxy that would write a long answer to its disk.
UNSTORED = {"Cache-Control": "private, no-store, no-transform", "X-Accel-Buffering": "no"}
INERT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-same-origin allow-downloads allow-popups"
)
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}

logger = structlog.get_logger(__name__)


def enter(begun: downloads.Begun) -> HttpResponse:
    """Send this browser, which alone now holds the session, to the copy."""
    reference = begun.session.package.data_request.reference
    response = redirect("web:copy", reference=reference)
    response.set_cookie(
        COOKIE,
        begun.token,
        max_age=begun.session.ends_at - begun.session.opened_at,
        path=reverse("web:copy", args=[reference]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def in_session(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in whoever holds a session of that request; say what else happens in words."""

    @wraps(view)
    def answer(request: HttpRequest, /, reference: str, **rest: Any) -> HttpResponseBase:
        try:
            session = downloads.held(reference, _token(request), at=timezone.now())
            return view(request, session, **rest)
        except downloads.NoSession:
            return _closed(request, reference)
        except Full:
            response = _sentence(request, reference, "full", status=503)
            response["Retry-After"] = str(RETRY_SECONDS)
            return response
        except NoMember:
            return _sentence(request, reference, "no-member", status=404)
        except VaultError:
            logger.error("package_damaged", reference=reference)  # noqa: TRY400 - the trace says nothing more
            return _sentence(request, reference, "damaged", status=500)

    return answer


@answers("GET", "POST")
@in_session
def show(request: HttpRequest, session: DownloadSession, /) -> HttpResponseBase:
    """What may be done with the copy; a post ends the session."""
    reference = session.package.data_request.reference
    if request.method == "POST":
        downloads.end(session)
        response: HttpResponseBase = redirect("web:tracking", reference=reference)
        response.delete_cookie(COOKIE, path=reverse("web:copy", args=[reference]), samesite="Strict")
        return response
    context = {
        "package": session.package,
        "reference": reference,
        "until": in_words(deadlines.receipt_day(session.package.expires_at)),
        "closes": wording.hour(session.expires_at),
    }
    response = render(request, "dsr/copy.html", context)
    response["Cache-Control"] = UNSTORED["Cache-Control"]
    return response


@answers("GET")
@in_session
def archive(request: HttpRequest, session: DownloadSession, /) -> HttpResponseBase:
    """The archive, or the part of it that was asked for (RFC 9110, section 14)."""
    package, at = session.package, timezone.now()
    etag = f'"{package.ciphertext_digest}"'
    headers = UNSTORED | {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Content-Disposition": f'attachment; filename="{package.data_request.reference}.zip"',
        "Content-Type": "application/zip",
    }
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    try:
        part = ranges.wanted(request, size=package.size, etag=etag)
    except ranges.Unsatisfiable:
        return HttpResponse(status=416, headers=UNSTORED | {"Content-Range": f"bytes */{package.size}"})
    headers["Content-Length"] = str(part.length)
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    with ExitStack() as held:
        _take_room(session, held)
        plaintext = held.enter_context(downloads.whole(session, at=at))
        if part.is_all:
            downloads.transfer(session, event="package.downloaded", at=at)
        else:
            downloads.transfer(session, event="package.resumed", at=at, first=part.start, last=part.end - 1)
        transfer = Transfer(plaintext.pieces(part.start, part.end), session, held.pop_all())
    if not part.asked:
        return StreamingHttpResponse(transfer, headers=headers)
    return StreamingHttpResponse(transfer, status=206, headers=headers | {"Content-Range": part.content_range})


@answers("GET")
@in_session
def member(request: HttpRequest, session: DownloadSession, /, path: str) -> HttpResponseBase:
    """One file of the archive: its pages are read here, whatever else it holds is saved and never shown."""
    at = timezone.now()
    with ExitStack() as held:
        members = Members(held.enter_context(Plaintext(session.package)))
        found = members.find(path)
        is_page = path == "index.html" or (path.startswith("pages/") and path.endswith(".html"))
        way_back = _way_back(session.package.data_request) if is_page else b""
        length = str(found.file_size + len(way_back))
        headers = UNSTORED | (_to_read() if is_page else _to_save(path)) | {"Content-Length": length}
        if request.method == "HEAD":
            return HttpResponse(headers=headers)
        if is_page:
            downloads.read(session, at=at)
        else:
            _take_room(session, held)
            downloads.transfer(session, event="package.file_taken", at=at, size=found.file_size)
        pieces = _with(way_back, members.content(found))
        return StreamingHttpResponse(Transfer(pieces, session, held.pop_all()), headers=headers)


def _way_back(data_request: DataRequest) -> bytes:
    """What only the page read online says, in the language of the copy: where the copy is."""
    with override(data_request.language):
        return render_to_string("dsr/copy_way_back.html", {"reference": data_request.reference}).encode()


def _with(way_back: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The page, with the way back behind its first link, which leads to its content."""
    before, link, rest = next(pieces, b"").partition(b"</a>")
    yield before + link + way_back + rest
    yield from pieces


def _to_read() -> dict[str, str]:
    """The headers of a page: it is inert, whatever a comment in it tries."""
    return {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": INERT}


def _to_save(path: str) -> dict[str, str]:
    """The headers of a file that somebody may have uploaded."""
    name = legal_name(path.rpartition("/")[2])
    content_type = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return {"Content-Type": content_type, "Content-Disposition": disposition, "Content-Security-Policy": INERT}


def _take_room(session: DownloadSession, held: ExitStack) -> None:
    ROOM.take(session)
    held.callback(ROOM.leave, session)


def _token(request: HttpRequest) -> str:
    """What a program shows in a header, and a browser in its cookie."""
    scheme, _space, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else request.COOKIES.get(COOKIE, "")


def _closed(request: HttpRequest, reference: str) -> HttpResponse:
    """The same page for another's copy, for one that does not exist, and for a session that is over."""
    if "Authorization" not in request.headers:
        return _sentence(request, reference, "closed", status=403)
    response = _sentence(request, reference, "closed", status=401)
    response["WWW-Authenticate"] = 'Bearer realm="dsr"'
    return response


def _sentence(request: HttpRequest, reference: str, what: str, *, status: int) -> HttpResponse:
    context = {"reference": reference, "what": what}
    return render(request, "dsr/copy_unavailable.html", context, status=status)
