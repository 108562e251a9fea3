"""Meta-analysis: figures of several sites as one, with what the sites differ by."""
