"""A believable French newspaper, invented: the same rows for the same numbers, on any day and any machine.

Addresses are of example.org, .com and .net, telephone numbers of the ranges that Arcep keeps for fiction, IP addresses
of the ranges kept for documentation: nothing here can reach anybody.
"""

from dsr.readers.demo.newspaper import TODAY, NotEmpty, believable_newspaper

__all__ = ["TODAY", "NotEmpty", "believable_newspaper"]
