"""What runs one step; the executors are strangers to each other."""
