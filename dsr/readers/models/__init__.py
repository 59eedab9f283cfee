"""The newspaper's tables about its readers, one module per subject."""

from .account import Account
from .billing import Invoice, Subscription
from .comment import Comment
from .consent import Consent
from .moderation import Ban, ModerationNote, Report
from .newsletter import NewsletterSubscription
from .reading import ArticleRead
from .support import SupportMessage

__all__ = [
    "Account",
    "ArticleRead",
    "Ban",
    "Comment",
    "Consent",
    "Invoice",
    "ModerationNote",
    "NewsletterSubscription",
    "Report",
    "Subscription",
    "SupportMessage",
]
