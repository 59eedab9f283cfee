"""The tables, one file each; imports the modules for Django and re-exports nothing."""

from dsr.models import audit, correction, erasure, identity, notice, package, request, staff, step  # noqa: F401
