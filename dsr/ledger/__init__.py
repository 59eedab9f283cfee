"""The ledger: who was erased, as keyed tokens kept outside the database, to erase again after a restored backup.

``epochs`` keeps one key for each month, ``tokens`` turns an identifier into what stands in the ledger, ``book`` writes
and reads its records. Nothing here can be turned back into an address: whoever holds a database can ask whether
somebody in it was erased, as long as the key of the month exists.
"""
