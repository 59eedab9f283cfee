"""Chromium for every room's tests: ``from tests.browser import browse, chromium`` in a conftest is all it takes.

Playwright keeps an event loop running in its thread, where Django would refuse the database or open connections of its
own: so it lives in a thread apart, and what a test holds hands every call over to it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.groups import give_groups_back

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
REFUSED = "Failed to load resource: the server responded with a status of 4"  # how Chromium reports any 4xx


class Elsewhere:
    """A Playwright object or method of the other thread; it is used as if it were here."""

    def __init__(self, thread: ThreadPoolExecutor, thing: Any) -> None:
        self._thread, self._thing = thread, thing

    def __getattr__(self, name: str) -> Any:
        return self._hand_over(getattr, self._thing, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._hand_over(self._thing, *args, **kwargs)

    def __enter__(self) -> Any:
        return self._hand_over(self._thing.__enter__)

    def __exit__(self, *failure: object) -> None:
        self._hand_over(self._thing.__exit__, *failure)

    def _hand_over(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._brought(self._thread.submit(act, *args, **kwargs).result())

    def _brought(self, found: Any) -> Any:
        if isinstance(found, list):
            return [self._brought(each) for each in found]
        stays = callable(found) or type(found).__module__.startswith("playwright")
        return Elsewhere(self._thread, found) if stays else found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, without a window: a Playwright ``Browser``."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with ThreadPoolExecutor(max_workers=1) as thread, Elsewhere(thread, sync_playwright()) as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any, live_server: Any, transactional_db: None) -> Iterator[Callable[..., Any]]:
    """``browse(language="en", width=320, dark=True, scripts=False)`` opens a Playwright ``Page``, of a new profile.

    Ask for it before any staff: it gives back the groups that a database flushed by an earlier test has lost.
    At the end no page may have logged an error (a broken content policy is one) or asked another host for anything.
    """
    give_groups_back()
    contexts: list[Any] = []
    faults: list[str] = []

    def open_page(*, language: str = "fr", width: int = 1280, dark: bool = False, scripts: bool = True) -> Any:
        context = chromium.new_context(
            base_url=live_server.url,
            locale=language,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        _watch(page, faults, host=urlsplit(live_server.url).netloc)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def problems(page: Any) -> str:
    """What axe finds wrong with the page as it stands; empty when nothing."""
    found = Axe().run(page)
    return found.generate_report() if found.violations_count else ""


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _watch(page: Any, faults: list[str], *, host: str) -> None:
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
    page.on("request", lambda asked: faults.append(asked.url) if _leaves(asked.url, host) else None)


def _is_fault(said: Any) -> bool:
    return said.type == "error" and not said.text.startswith(REFUSED)


def _leaves(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host
