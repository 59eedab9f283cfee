"""What an officer does: signs in with two factors, finds a request at the desk, uses the verbs that its page offers."""

import re
from collections.abc import Mapping

from dsr.management.demo.browser import Browser, Form, Page, Unexpected
from dsr.management.demo.cast import Member
from dsr.management.demo.processes import Processes

SIGN_IN = "/accounts/login/"
QUEUE = "/admin/dsr/datarequest/"
REVIEWS = "/admin/dsr/review/"


class Desk:
    """One member of staff at work; every act goes through a form of the admin."""

    def __init__(self, member: Member, *, site: str, processes: Processes) -> None:
        self.member = member
        self.browser = Browser(site)
        self.processes = processes

    def sign_in(self, *, to: str = QUEUE) -> Page:
        """Password, then the code of the telephone; the page that comes after."""
        page = self.browser.get(f"{SIGN_IN}?next={to}")
        credentials = {"login": self.member.username, "password": self.member.password}
        page = self.browser.submit(page, page.form(having="password"), credentials)
        page = self.browser.submit(page, page.form(having="code"), {"code": self.member.code})
        if not page.url.endswith(to):
            raise Unexpected(f"{self.member.name} came to {page.url} instead of the desk")
        return page

    def open_review(self) -> Page:
        """An auditor signs in and opens a review of the log before its day."""
        page = self.sign_in(to=REVIEWS)
        return self.browser.submit(page, page.form(to=f"{REVIEWS}open/"))

    def open(self, reference: str) -> Page:
        """Look for a request by its reference, and open its page."""
        queue = self.browser.get(QUEUE)
        page = self.browser.submit(queue, queue.form(having="words"), {"words": reference})
        if reference not in page.text:
            raise Unexpected(f"the desk does not know {reference}")
        return page

    def do(self, reference: str, verb: str, values: Mapping[str, str] | None = None) -> None:
        """Use a verb, as soon as the page of the request offers it, with what its form proposes and what is typed."""
        page, form = self.processes.wait(lambda: self._offered(reference, verb), what=f"« {verb} » for {reference}")
        self.browser.submit(page, form, values)

    def accept_corrections(self, reference: str) -> int:
        """Accept each correction that was wished; how many."""
        decided = 0
        while form := self._offered(reference, r"decide_correction/\d+"):
            self.browser.submit(*form, {"accepted": "yes"})
            decided += 1
        return decided

    def let_go(self, reference: str) -> int:
        """Mask what a copy says of other people, read the package as its reader will, release it; how many masks."""
        masked = 0

        def packed() -> tuple[Page, Form] | None:
            nonlocal masked
            masked += self._mask(reference)
            return self._offered(reference, "read")

        package = self.browser.submit(*self.processes.wait(packed, what=f"the package of {reference}"))
        if package.type != "application/zip":
            raise Unexpected(f"the package to read answered {package.type}")
        self.do(reference, "release")
        return masked

    def _mask(self, reference: str) -> int:
        """Mask every passage that waits for a decision; how many."""
        page = self.browser.get(self.open(reference).url.replace("/change/", "/passages/"))
        shown = [form for form in page.forms() if form.action.endswith("/passages/rest/")]
        if not shown:
            return 0
        listed = sum(name.startswith("decision-") for form in page.forms() for name in form.names)
        self.browser.submit(page, shown[0])
        self.do(reference, "finish_screening")
        return listed

    def _offered(self, reference: str, verb: str) -> tuple[Page, Form] | None:
        page = self.open(reference)
        address = re.compile(rf"/{verb}/\Z")
        return next(((page, form) for form in page.forms() if address.search(form.action)), None)
