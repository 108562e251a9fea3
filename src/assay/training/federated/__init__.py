"""Fitting one classifier at several sites whose images stay where they are: weights and counts cross, nothing else."""
