"""The demonstration: a newspaper of its own, its processes, and one request of each kind through the real doors.

environment  the secrets and settings of the demonstration, and the refusal to run with any other
processes    Redis, worker, beat and web, started and ended by their process ids
cast         the readers who ask, the staff who decide, and their second factors
browser      pages and forms over HTTP, as a person would use them
mailbox      the letters, read in the folder where they arrive
reader, desk what a reader and an officer do, step by step
play         one request of each kind, and what became of it
"""
