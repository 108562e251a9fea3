"""Options of the command line, read from the syntax tree: ``argparse``, ``click`` and ``typer``."""

from assay.authoring.options.find import Options, find_options

__all__ = ["Options", "find_options"]
