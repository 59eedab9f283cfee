"""Each declaration broken in turn, to see that something notices; a soak of its own, `make mutate`."""
