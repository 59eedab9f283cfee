"""The life of a request: intake, identity, triage, execution, delivery, closing; transition is the only door between states."""
