"""Two things at once."""

import argparse

parser = argparse.ArgumentParser()
commands = parser.add_subparsers()
train = commands.add_parser("train")
train.add_argument("--epochs", type=int, default=8)
