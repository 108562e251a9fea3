"""The embedded engine: a pure plan, a pure scheduler, and one runner that touches the world."""
