"""Data subject requests, from the form to the answer.

states, deadlines, grounds, leaving, keys  what the law fixes: tables, dates, closed lists; the service's keys
typesetting                       documents as tagged PDF
models                            one file per table
audit                             what happened, recorded in the transaction in which it happened
sources                           the bodies of personal data: find, plan, collect, rectify, erase
packages                          the archive that answers an access request
permissions, notifications        who may; what we write to whom
lifecycle                         the life of a request, intake to closing
oversight                         who watches the log: checkpoints, and the auditors' reviews
hints, tasks                      Celery: "there is work", and the work
web, api, admin, management       the doors
"""
