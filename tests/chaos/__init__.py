"""The tests of chaos."""
