"""The tests of packages."""
