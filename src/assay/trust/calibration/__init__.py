"""Whether a score means what it says, and whether acting on it does good: plain functions on arrays."""
