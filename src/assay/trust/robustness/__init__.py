"""What a model withstands: other acquisitions, adversaries, snooping, and images of another kind. Plain functions on arrays."""
