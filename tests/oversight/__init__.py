"""The tests of audit."""
