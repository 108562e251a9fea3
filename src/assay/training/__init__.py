"""Fitting image classifiers and measuring them: plain functions on arrays and files."""
