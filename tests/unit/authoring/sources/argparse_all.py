"""Train a model.

Every kind of option.
"""

import argparse
import os
from pathlib import Path

MODES = {"fast": 1, "slow": 2}


def parser():
    p = argparse.ArgumentParser(description="not shown: there is a docstring", formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("input_table", help="The table to learn from")  # type: Dataset
    group = p.add_argument_group("training")
    group.add_argument("-e", "--epochs", type=int, default=8, help="Passes over the data (default: %(default)s)")
    group.add_argument("--learning-rate", "--lr", type=float, default=1e-3)
    # From the environment, else this
    group.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "7")))
    group.add_argument("--mode", choices=MODES.keys(), required=True)
    group.add_argument("--level", type=int, choices=range(1, 4), default=2)
    group.add_argument("--layers", nargs="+", type=int, default=[64, 32])
    group.add_argument("--pair", nargs=2, type=float, default=(0.5, -0.5))
    group.add_argument("--tag", action="append", help="100%% literal")
    group.add_argument("--exclude", action="append", default=["tmp"])
    group.add_argument("--shuffle", action="store_true")
    group.add_argument("--cache", dest="cache", action="store_true")
    group.add_argument("--no-cache", dest="cache", action="store_false")
    group.add_argument("--color", action=argparse.BooleanOptionalAction, default=True)
    group.add_argument("-v", "--verbose", action="count", default=0)
    group.add_argument("--trap", type=bool, default=False, help="bool('False') is true")
    group.add_argument("--said", type=lambda text: text.lower() in ("yes", "true"), default=True)
    group.add_argument("--text", default="it's \"quoted\" $HOME\nÄ 50%")
    group.add_argument("--where", type=Path, default=Path("here"))
    group.add_argument("--kept", default=argparse.SUPPRESS)
    group.add_argument("--version", action="version", version="1")
    group.add_argument("--api-token")
    group.add_argument("--output-model", default="model.pkl")
    group.add_argument("--log", type=argparse.FileType("w"), default="-")
    p.set_defaults(cache=True)
    return p


print(vars(parser().parse_args()))
