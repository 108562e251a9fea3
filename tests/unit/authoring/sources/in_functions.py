"""Reads inside of functions."""
import os


def main(deep=os.environ.get("deep", "1")):
    def inner():
        return [int(os.environ.get("deeper", "2")) for _ in range(3)]
    return inner() if os.environ.get("check") else f"{os.environ['formatted']}"


if __name__ == "__main__":
    main()
