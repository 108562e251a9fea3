"""Only a function."""

import typer


def greet(name: str, times: int = 1, input_readings: str = None):
    """Greet."""


if __name__ == "__main__":
    typer.run(greet)
