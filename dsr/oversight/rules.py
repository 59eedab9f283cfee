"""What deserves an auditor's eyes, drawn from the log by the rules of one table."""
