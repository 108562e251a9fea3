"""What a port carries, small enough to look at in place."""
