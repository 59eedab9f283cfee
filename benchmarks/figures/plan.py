"""The plan of an erasure against its run, over the same 100,000 comments."""

from statistics import median

from benchmarks.erasures import turns
from benchmarks.one_database import Figures


def measure() -> Figures:
    """The goal is 1.2 at most."""
    return {"plan.time_ratio_erasure": median(each.plan / each.erasure for each in turns())}
