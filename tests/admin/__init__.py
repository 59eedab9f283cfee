"""The officer's desk, through its real addresses."""
