"""What the Studio's image browser needs an image library or a model for, in a process of its own: ``python -m assay.explore``."""
