"""Evidence: one machine-readable trust result, what it states and how sure it is; written by components, judged by the gate."""
