"""What must be true before the service starts: every fault has its id, and a sentence that says what to do.

configuration  settings: keys, what the data protection officer has to choose, dates            E017 - E024, E031, E032
declared       each data source by itself: words, fields, values                                      E001 - E011, E027
between        the sources beside each other: order, references that reach across                     E012 - E014
recipients     whom a correction or an erasure is told to, and how                                          E030
tables         the tables that no source claims                                                       E015, E016
indexes        identifiers that no index serves                                                       W001
log            the log's guards in the database, its signing key                                    E025, E026, W004
databases      tables that no model describes; asked with ``manage.py check --database <alias>``      W003
"""

from dsr.checks import between, configuration, databases, declared, indexes, log, recipients, tables

__all__ = ["between", "configuration", "databases", "declared", "indexes", "log", "recipients", "tables"]
