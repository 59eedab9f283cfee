"""The life of a request, from intake to closing; ``transition`` is the only door between states."""
