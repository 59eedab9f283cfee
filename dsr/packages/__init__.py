"""The archive that answers an access request, as a stream, and the vault where it waits encrypted.

``archive`` writes the ZIP, ``inventory`` remembers what went in, ``records`` reads a source, ``cells`` says how one value
reads in a file, ``names`` makes file names legal everywhere, ``readable`` writes the pages, ``manifest`` the digests,
``vault`` keeps it all encrypted at rest.
"""
