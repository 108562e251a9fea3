import click


@click.command(context_settings={"show_default": True})
@click.argument("input_table", type=click.Path(exists=True))
@click.argument("others", nargs=-1)
@click.option("--epochs", "-e", default=8, help="Passes over the data.")
@click.option("--shout/--no-shout", " /-S", default=True)
@click.option("--dry-run", is_flag=True)
@click.option("--mode", type=click.Choice(["a", "b"], case_sensitive=False), required=True)
@click.option("--rate", type=click.FloatRange(0, 1), default=0.5)
@click.option("--pos", type=(int, int), default=(1, 2))
@click.option("--tag", "tags", multiple=True)
@click.option("-v", "--verbose", count=True)
@click.option("--says", type=bool, default="no")
@click.option("--key", prompt=True, hide_input=True)
@click.option("--name", prompt="Who")
@click.option("--out", type=click.File("w"), default="-")
@click.version_option("1.0")
def main(**options):
    """Count words.

    And say so.
    """


main()
