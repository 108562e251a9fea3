"""Components of the category ``input``."""
