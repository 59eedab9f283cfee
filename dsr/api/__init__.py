"""The machine's door, ``/api/v1/``: readers ask and follow, staff decide, in JSON (design page, section 11)."""
