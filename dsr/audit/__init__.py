"""The log: the events and their facts, recording, verifying."""
