"""A browser without a screen: pages, their forms and links, cookies; what a person could do, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

TIMEOUT_SECONDS = 30
UNTYPED = frozenset({"submit", "button", "image", "file", "reset"})

Value = str | list[str]


class Unexpected(Exception):  # noqa: N818
    """A page that refuses, or lacks the form it should have."""


@dataclass
class Form:
    """A form as it stands on its page: where it posts, and what its fields hold."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Page:
    """What came back."""

    url: str
    status: int
    type: str
    body: bytes

    @property
    def text(self) -> str:
        """The page as text."""
        return self.body.decode("utf-8", "replace")

    def forms(self) -> list[Form]:
        """Every form that posts, in the order of the page."""
        reader = _FormReader()
        reader.feed(self.text)
        return reader.forms

    def form(self, *, having: str = "", to: str = "", **holding: str) -> Form:
        """The first form that has the field, posts to an address ending so, and holds these values."""
        for form in self.forms():
            holds = all(form.fields.get(name) == [value] for name, value in holding.items())
            if (not having or having in form.names) and form.action.endswith(to) and holds:
                return form
        raise Unexpected(f"{self.url} has no form with {having or to or holding}")


class Browser:
    """One person's browser: it keeps its cookies and follows redirects."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        """Open a page; raises Unexpected unless it is there."""
        return self._open(Request(urljoin(self.site, path)))  # noqa: S310 - the site we have just started

    def submit(self, page: Page, form: Form, values: Mapping[str, Value] | None = None) -> Page:
        """Send a form of the page, filled in; raises Unexpected when it is refused."""
        data = urlencode({**form.fields, **(values or {})}, doseq=True).encode()
        headers = {"Referer": page.url}
        return self._open(Request(urljoin(page.url, form.action), data=data, headers=headers))  # noqa: S310

    def _open(self, request: Request) -> Page:
        request.add_header("Accept-Language", "fr")
        try:
            answer = self._opener.open(request, timeout=TIMEOUT_SECONDS)
        except HTTPError as error:
            with error:
                raise Unexpected(f"{request.get_method()} {request.full_url} answered {error.code}") from error
        with answer:
            return Page(answer.url, answer.status, answer.headers.get_content_type(), answer.read())


class _FormReader(HTMLParser):
    """Collects the forms that post: hidden and typed fields, ticked boxes, chosen options, texts."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._name = ""  # of the select or textarea we are in
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a form, or note one of its fields."""
        has = {name: value or "" for name, value in attrs}
        if tag == "form" and has.get("method", "").lower() == "post":
            self._form = Form(has.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None and tag in {"input", "select", "textarea", "option"}:
            self._field(tag, has)

    def _field(self, tag: str, has: dict[str, str]) -> None:
        name, type_ = has.get("name", ""), has.get("type", "text")
        if tag == "option":
            if "selected" in has:
                self._hold(self._name, has.get("value", ""))
            return
        if tag == "input" and (type_ in UNTYPED or not name):
            return
        self._name = name
        if self._form is not None:
            self._form.names.add(name)
        if tag == "textarea":
            self._text = []
        elif tag == "input" and (type_ not in {"checkbox", "radio"} or "checked" in has):
            self._hold(name, has.get("value", "on" if type_ in {"checkbox", "radio"} else ""))

    def handle_data(self, data: str) -> None:
        """The text of a textarea."""
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close a textarea or the form."""
        if tag == "textarea" and self._text is not None:
            self._hold(self._name, "".join(self._text).removeprefix("\n"))
            self._text = None
        elif tag == "form":
            self._form = None

    def _hold(self, name: str, value: str) -> None:
        if self._form is not None and name:
            self._form.fields.setdefault(name, []).append(value)
