"""Two commands."""

import typer

app = typer.Typer()


@app.command()
def one(n: int = 1):
    pass


@app.command()
def two(n: int = 2):
    pass
