"""The tables, one file each; imports the modules for Django and re-exports nothing."""

from dsr.models import (  # noqa: F401
    address,
    audit,
    correction,
    download,
    erasure,
    identity,
    ledger,
    notice,
    package,
    passage,
    proof,
    recipient,
    request,
    review,
    setting,
    staff,
    statement,
    step,
    tree,
    verification,
)
