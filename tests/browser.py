"""Chromium for every room's tests: ``from tests.browser import browse, chromium`` in a conftest is all it takes.

Playwright keeps an event loop running in the test's own thread, where Django would refuse the database: it is allowed
for as long as the browser lives, which is one module, so that no loop stays beside other tests.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
REFUSED = "Failed to load resource: the server responded with a status of 4"  # how Chromium reports any 4xx


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """``browse(language="en", width=320, dark=True, scripts=False)`` opens a page of a new browser profile.

    At the end no page may have logged an error (a broken content policy is one) or asked another host for anything.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(*, language: str = "fr", width: int = 1280, dark: bool = False, scripts: bool = True) -> Page:
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


def problems(page: Page) -> str:
    """What axe finds wrong with the page as it stands; empty when nothing."""
    found = Axe().run(page)
    return found.generate_report() if found.violations_count else ""


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _watch(page: Page, faults: list[str], *, host: str) -> None:
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
    page.on("request", lambda asked: faults.append(asked.url) if _leaves(asked.url, host) else None)


def _is_fault(said: Any) -> bool:
    return said.type == "error" and not said.text.startswith(REFUSED)


def _leaves(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host
