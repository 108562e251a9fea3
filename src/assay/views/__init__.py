"""What a person asks of a workspace, as data: the JSON shapes, figures, two runs side by side, repairs. The command line and the server say the same."""
