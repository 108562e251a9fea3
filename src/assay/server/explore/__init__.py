"""Predictions as cases that a person filters, sorts and opens; what needs an image library is asked of a process of its own."""
