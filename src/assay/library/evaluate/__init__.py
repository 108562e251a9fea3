"""Components that measure how well a model does."""
