"""One request per kind through the real doors, from the form to the close."""
