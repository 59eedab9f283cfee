"""The archive that answers an access request, as a stream, and the vault where it waits encrypted.

``archive`` writes the ZIP and ``inventory`` remembers what went in. ``records`` reads a source; ``data_files`` and
``cells`` write its JSON and CSV, ``readable`` and ``markup`` the pages for people. ``names`` makes file names legal
everywhere, ``manifest`` holds the digests, ``vault`` keeps it all encrypted at rest.
"""
