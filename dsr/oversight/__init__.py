"""Who watches the log: checkpoints and verification by the clock, changed settings, and the auditors' reviews.

rules    what deserves eyes, one table
reviews  open by itself, mark, sign
keeping  publish, mail, verify
changes  settings that are not what they were
"""
