"""Fitting one classifier at several sites whose images stay where they are: weights, sums and counts cross, nothing else."""
