"""Reports: one self-contained HTML page, escaped, that loads nothing and runs nothing."""
