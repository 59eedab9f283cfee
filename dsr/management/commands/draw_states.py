"""``manage.py draw_states``: the life of a request as a diagram, from the table itself."""

from typing import Any

from django.core.management.base import BaseCommand

from dsr.states import EVENTS, OWNERS


def drawn() -> str:
    """The states page of the documentation: a Mermaid diagram and whose turn each state is."""
    moves = "\n".join(f"    {source} --> {target}: {event}" for (source, target), event in EVENTS.items())
    owners = "\n".join(f"| `{state}` | {owner} |" for state, owner in OWNERS.items())
    return f"""# The life of a request

Drawn from `dsr/states.py` by `manage.py draw_states`; a test keeps it true.

```mermaid
stateDiagram-v2
    [*] --> received: request.received
    [*] --> review: request.received (typed in by staff)
{moves}
```

| state | whose turn |
|---|---|
{owners}
"""


class Command(BaseCommand):
    """Print docs/states.md."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print it."""
        self.stdout.write(drawn(), ending="")
