"""Data subject requests, from the form to the answer.

states, deadlines, grounds, leaving  what the law fixes: tables, dates, closed lists
keys, durable, typesetting           one key for each purpose; files that a power cut does not take; tagged PDF
alone, cursors                       work that one process does at a time; statements prepared once per connection
models                               one file per table
audit                                what happened, recorded in the transaction in which it happened
sources                              the bodies of personal data: find, plan, collect, rectify, erase
ledger                               who was erased, as keyed tokens outside the database
packages                             the archive that answers an access request, the letter, the certificate
permissions, notifications           who may; what we write to whom
lifecycle                            the life of a request, intake to closing: a map of its own
oversight                            who watches the log: checkpoints, and the auditors' reviews
hints, tasks                         Celery: "there is work", and the work
web, api, admin, management          the doors
checks, apps                         what must be true before starting
readers                              the newspaper's own records: the core never imports it
"""
