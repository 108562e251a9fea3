"""Can the truth be told from what should not matter, and does the model lean on it: plain functions on arrays."""
