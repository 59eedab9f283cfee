"""``manage.py demo_cast``: the addresses of some readers who have much to show, for the demonstration."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count, Q

from dsr.readers.models import Account

PUBLISHED = Q(comments__status="published")


class Command(BaseCommand):
    """Print the addresses of readers with an account, a subscription, a letter and comments, as a JSON list.

    Drawn at random, so that playing again meets other readers; an empty list when the newspaper is empty.
    """

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """How many."""
        parser.add_argument("--count", type=int, default=4)

    def handle(self, *, count: int, **_options: Any) -> None:
        """Print them."""
        known = Account.objects.filter(email__isnull=False, email_confirmed_at__isnull=False, closed_at=None)
        rich = known.annotate(said=Count("comments", filter=PUBLISHED)).filter(
            said__gt=0, subscriptions__isnull=False, newsletter_subscriptions__isnull=False
        )
        chosen = rich.order_by("?").values_list("email", flat=True)
        self.stdout.write(json.dumps(list(dict.fromkeys(chosen))[:count]))
