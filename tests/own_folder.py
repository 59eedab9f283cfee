"""A plugin: each process that runs tests has a data folder of its own.

The processes that pytest-xdist starts inherit the folder of the one that starts them. Sharing it, the sweep of one,
at some far day of its clock, would take the packages of another for orphans.
"""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("DSR_DATA_DIR", None)
