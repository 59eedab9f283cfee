"""The tests of readers."""
