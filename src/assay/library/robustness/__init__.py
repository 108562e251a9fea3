"""Components that measure what a model withstands."""
