"""One file for each thing that is asked about. Handlers translate; what they answer is decided below."""
