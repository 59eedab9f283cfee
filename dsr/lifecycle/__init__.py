"""The life of a request, in the order in which a request lives; ``transition`` is the only door between states.

It arrives
    intake          receive → prove the mailbox → join or open; chase the silent
    identity        challenge → confirm | doubt → prove; the identifiers that sources are asked about
    wishes          what the proven reader adds: which rows, which values to correct
    proofs          what shows that a correction is right, until the decision
    restricting     contested fields are marked as long as they are contested
It is decided
    triage          accept | refuse | extend | ask | route; each correction by itself
    addresses       a new e-mail address: confirmed, announced to the old one, then in effect
    execution       prepare the steps → plan → approve → look after them → settle
It is carried out
    claim, running  hold a step by lease and token; carry it out, chunk by chunk
    pace            how many rows go into one chunk
    rounds          many rows at the clock's bidding, of which one may fail
    handed_in       the file that a person hands in for a source kept by hand
    files           stored files whose rows are gone
An access
    screening       find other people in free text, keep it for an officer, mask it at packing
    persons         mask or leave, passage by passage
    consultations   who opened the reader's file, and why, for the letter beside the copy
    delivery        pack → announce → expire
    reading         an officer reads the copy, then releases it or has it made again
    downloads       a code begins a session, transfers prolong it
    copies          a fresh copy, once the first is destroyed
A rectification
    rectifying      what changes where, all at once, and what did not come out as decided
An erasure
    planning        what would be done, source by source
    contracts       one that still runs: ended before the approval, or kept until its term
    old_values      what will be searched for afterwards, sealed before the first row goes
    verification    that search, wherever text stands
    mentions        what others wrote: masked, or left for a reason of the law
    kept_lists      what is kept, and the look each day at those whose ground has ended
    suppressing     the list of those who refuse messages
    certifying      the signed certificate
It is answered
    recipients      whoever received the data is told first (GDPR Art. 19)
    closing         answer | withdraw → forget
A backup is restored
    remembering     what the ledger is told of an erasure, an objection, a consent
    restoring       the database is older than the ledger: nothing is carried out
    replaying       whoever was erased since is erased again
    comparing       each night, the ledger against every source
    resurgences     what is back of the erased, or may be: left to a person, and settled
"""
