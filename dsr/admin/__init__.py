"""The officer's desk in the Django admin."""
