"""How a classifier treats groups of people: plain functions on arrays, every figure with an interval that counts patients."""
