"""Explanations of image and table models: where a method points, and whether it deserves belief. One method a file."""
