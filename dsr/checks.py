"""What must be true before the service starts (dsr.E001 …)."""
