"""The vocabulary every other floor speaks: components, pipelines, artifacts, events, and the text of a pipeline file. No I/O."""
