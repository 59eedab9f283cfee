"""Each declaration broken in turn, to see that something notices; a part of `make soak`."""
