import argparse, multiprocessing, sys


class Split(argparse.Action):
    pass


def main(names=("a", "b")):
    parser = argparse.ArgumentParser(description="Computed things. Shown as the title.")
    for name in names:
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--pairs", action=Split)
    parser.add_argument("--secret-key-password", default="hunter2")
    parser.add_argument("--wrong", type=int, default="eight")
    parser.parse_args()
