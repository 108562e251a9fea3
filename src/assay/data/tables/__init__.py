"""Tables of cases: read, described, divided; one row a case, every cell as text."""
