"""What the log says of its own health, asked of the database when the measures are read."""

from collections.abc import Iterator
from typing import Final

from django.utils import timezone
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.registry import Collector

from dsr.audit import sequencer, tree
from dsr.models.tree import Checkpoint
from dsr.oversight import reviews

ENTRIES: Final = "Entries of the log that have their place in the tree."
WAITING: Final = "Seconds since the oldest entry without a place was written; more than 60 is an alarm."
CHECKPOINT: Final = "Seconds since the last checkpoint was published."
OVERDUE: Final = "Reviews of the log that should be signed, or should have opened, by now."


class LogCollector(Collector):
    """Gauges of the log, its checkpoints and its reviews."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is measured while the process starts."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure now."""
        now = timezone.now()
        oldest, last = sequencer.oldest_waiting(), Checkpoint.objects.first()
        yield GaugeMetricFamily("dsr_log_entries", ENTRIES, value=tree.size())
        yield GaugeMetricFamily(
            "dsr_log_waiting_seconds", WAITING, value=(now - oldest).total_seconds() if oldest else 0
        )
        if last:
            age = (now - last.published_at).total_seconds()
            yield GaugeMetricFamily("dsr_log_checkpoint_seconds", CHECKPOINT, value=age)
        yield GaugeMetricFamily("dsr_reviews_overdue", OVERDUE, value=reviews.overdue(at=now))


REGISTRY.register(LogCollector())
