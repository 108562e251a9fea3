def write_tables(results): pass
