"""Components of the category ``fairness``."""
