"""The archive that answers an access request, as a stream, and the vault where it waits encrypted.

``archive`` writes the ZIP and ``inventory`` remembers what went in. ``records`` reads a source; ``data_files`` and
``cells`` write its JSON and CSV, ``readable`` and ``markup`` the pages for people, ``letter``, of ``section``s, with a
``glossary``, what the law wants told. ``names`` makes file names legal everywhere, ``withholding`` says what a
declaration leaves out, ``manifest`` holds the digests, ``vault`` keeps it all encrypted at rest, ``opening`` reads from
anywhere in it.
"""
