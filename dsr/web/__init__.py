"""The reader's door: rights and notice, the form, confirm and follow, the privacy page."""
