"""Adversaries: small changes of the pixels that turn a decision, one method a module; PyTorch only where a gradient is needed."""
