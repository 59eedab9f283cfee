"""What a reader does: asks through the form, types the codes of the letters, corrects, downloads."""

import io
import zipfile
from urllib.parse import urlsplit

from dsr.management.demo.browser import Browser, Page, Unexpected
from dsr.management.demo.mailbox import Mailbox
from dsr.management.demo.processes import Processes
from dsr.states import Kind

PREFERRED = ("city", "phone", "pen_name")  # what a reader would correct
CORRECTED = "Villeneuve-d’Exemple"


class Reader:
    """One reader, with a browser and a mailbox; ``reference`` is the request they made."""

    def __init__(self, address: str, *, site: str, mailbox: Mailbox, processes: Processes) -> None:
        self.address = address
        self.browser = Browser(site)
        self.mailbox = mailbox
        self.processes = processes
        self.reference = ""
        self.used: list[str] = []

    def ask(self, kind: Kind) -> str:
        """Fill in the form and send it; the reference that came back."""
        page = self.browser.get("/demande/")
        form = page.form(having="kinds")
        sent = self.browser.submit(page, form, {"kinds": [kind.value], "email": self.address})
        self.reference = urlsplit(sent.url).path.rstrip("/").rpartition("/")[2]
        return self.reference

    def prove(self) -> Page:
        """Type the code of the first letter."""
        page = self.follow()
        form = page.form(having="code", do="confirm")
        return self.browser.submit(page, form, {"code": self._code()})

    def follow(self) -> Page:
        """The page of the request."""
        return self.browser.get(f"/demande/{self.reference}/")

    def correct(self) -> str:
        """Wish another value for one thing that the newspaper holds; which one."""
        page = self.follow()
        form = page.form(do="wish")
        rows = {
            form.fields[name][0]: name.removeprefix("concept-") for name in form.names if name.startswith("concept-")
        }
        concept = next((each for each in PREFERRED if each in rows), "")
        if not concept:
            raise Unexpected("nothing on the page may be corrected")
        self.browser.submit(page, form, {f"new-{rows[concept]}": CORRECTED})
        return concept

    def choose(self, ending: str) -> None:
        """Say what becomes of the contract that runs."""
        page = self.follow()
        self.browser.submit(page, page.form(do="contract"), {"ending": ending})

    def download(self) -> list[str]:
        """Type the code of the letter that announces the package, check the archive; the names of its files."""
        page = self.follow()
        copy = self.browser.submit(page, page.form(do="download"), {"code": self._code()})
        answer = self.browser.get(f"{urlsplit(copy.url).path}copie.zip")
        if answer.type != "application/zip":
            raise Unexpected(f"the download answered {answer.type}")
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            if damaged := archive.testzip():
                raise Unexpected(f"{damaged} is damaged")
            return archive.namelist()

    def _code(self) -> str:
        """The newest code not yet typed, when it has come."""

        def unused() -> str | None:
            fresh = [code for code in self.mailbox.codes(self.reference) if code not in self.used]
            return fresh[-1] if fresh else None

        code = self.processes.wait(unused, what=f"the code for {self.reference}")
        self.used.append(code)
        return code
