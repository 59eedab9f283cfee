"""Rewriting five columns of one reader's 100,000 comments in bounded transactions, against one raw UPDATE of them."""

from statistics import median

from benchmarks.erasures import turns
from benchmarks.one_database import Figures


def measure() -> Figures:
    """The goals are 1.5 and 1 second at most; the search that verifies an erasure is not in it."""
    return {
        "erasure.time_ratio_update": median(each.erasure / each.update for each in turns()),
        "erasure.longest_transaction_s": max(each.longest for each in turns()),
        "erasure.update_s": median(each.update for each in turns()),
    }
