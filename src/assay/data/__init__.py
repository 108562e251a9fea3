"""Image data: the Images folder format, readers of the usual file types, and the synthetic CT phantom."""
