import enum
from pathlib import Path
from typing import Annotated, Optional

import typer

app = typer.Typer(add_completion=False)


class Mode(str, enum.Enum):
    fast = "fast"
    slow = "as slow as it goes"


@app.command()
def main(
    context: typer.Context,
    input_scans: Annotated[Path, typer.Argument(help="Slices.")],
    epochs: Annotated[int, typer.Option("--epochs", "-e", min=1, max=100, help="Passes.")] = 8,
    mode: Mode = Mode.slow,
    flag: bool = False,
    deep: Annotated[bool, typer.Option("--deep/--shallow")] = True,
    name: Optional[str] = None,
    sizes: list[int] = typer.Option([], "--size", help="Repeated."),
    must: float = typer.Option(...),
    output_model: Path = Path("m.onnx"),
    odd: complex = 1j,
):
    """Fit it.

    Args:
        name: Who.
    """


if __name__ == "__main__":
    app()
