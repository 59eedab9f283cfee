"""A real SMTP server on loopback, whose answers a test decides."""

import socket
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Keeps what it received; ``rcpt`` and ``data`` are the replies still to give, then it accepts.

    A test that sets ``hold`` makes the server wait, once it has a letter, before it says so.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.rcpt: list[str] = []
        self.data: list[str] = []
        self.arrived = threading.Event()
        self.hold: threading.Event | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names its hooks after the commands of SMTP
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data.pop(0)
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.received.append(message)
        self.arrived.set()
        hold, self.hold = self.hold, None
        if hold:
            await server.loop.run_in_executor(None, hold.wait)
        return "250 OK"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def controller(mailbox: Mailbox) -> Controller:
    """The server, not started yet."""
    return Controller(mailbox, hostname="127.0.0.1", port=free_port())
