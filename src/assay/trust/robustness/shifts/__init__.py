"""What happens to pictures in hospitals: other windows, kernels, doses, slices, positions and files, one change a module."""
