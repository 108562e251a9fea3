"""Methods that need gradients: Captum's, on a PyTorch network. PyTorch is imported by nobody but these."""
