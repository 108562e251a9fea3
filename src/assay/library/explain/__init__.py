"""Explanations of models, measured."""
