"""The built-in components, one folder a category; the catalog reads their source."""
