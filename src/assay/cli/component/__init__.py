"""What stands behind ``assay component``: one file for each of its words."""
