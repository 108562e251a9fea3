"""Components of the category ``transform``."""
