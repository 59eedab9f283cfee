"""``python -m benchmarks.verifying``: verify the log of the database in the environment.

In a process that did nothing else, what the memory grows by is all verification's.
"""

import json
import re
import sys
from pathlib import Path
from time import perf_counter

import django


def main() -> None:
    """Print as JSON the entries verified in a second, and the MiB by which the peak of the memory grew."""
    django.setup()
    from dsr.audit import tree  # noqa: PLC0415 - models are ready only now
    from dsr.audit.verifying import verify  # noqa: PLC0415

    entries, before, began = tree.size(), peak(), perf_counter()
    if problem := next(verify(), ""):
        raise RuntimeError(problem)
    figures = {"per_second": entries / (perf_counter() - began), "memory_mib": peak() - before}
    json.dump(figures, sys.stdout)


def peak() -> float:
    """The most memory that this process ever held, in MiB; getrusage would count in what its parent held."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
