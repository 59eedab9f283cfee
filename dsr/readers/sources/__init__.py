"""What the newspaper declares of its records about readers: one class for each table, every field classified."""

from .accounts import Accounts
from .audience import ArticlesRead
from .billing import Invoices, Subscriptions
from .comments import Comments
from .letters import Consents, NewsletterSubscriptions
from .moderation import Bans, ModerationNotes, Reports
from .support import SupportMessages

__all__ = [
    "Accounts",
    "ArticlesRead",
    "Bans",
    "Comments",
    "Consents",
    "Invoices",
    "ModerationNotes",
    "NewsletterSubscriptions",
    "Reports",
    "Subscriptions",
    "SupportMessages",
]
