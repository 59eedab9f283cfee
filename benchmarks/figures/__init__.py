"""The figures, one module for each name they begin with; ``measure()`` answers with a number for each."""
