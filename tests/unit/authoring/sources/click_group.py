"""Many commands."""

import click


@click.group()
def cli():
    pass


@cli.command()
@click.option("--n", default=1)
def train(n):
    pass


@cli.command("predict")
def predict():
    pass
