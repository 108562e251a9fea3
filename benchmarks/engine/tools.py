"""What is measured: Assay, the reference and the peers, and how each is told to run a workload."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLOWS = HERE / "flows"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assay" / "peers"

Command = Callable[[str, int, Path], list[str]]
"""Workload, number of steps and an empty folder to the command that runs it there (what it needs is written first)."""


@dataclass(frozen=True)
class Tool:
    """One engine under measurement.

    Attributes:
        name: As its makers write it.
        isolation: What its steps run in.
        workloads: Which workloads it is measured on.
        command: How to run a workload.
        packages: What its own environment holds; empty when it runs in Assay's.
        steps: How many steps its long runs have; fewer where one costs most of a second.
    """

    name: str
    isolation: str
    workloads: frozenset[str]
    command: Command
    packages: tuple[str, ...] = ()
    steps: int = 100

    @property
    def folder(self) -> Path:
        """Return the environment of a peer."""
        return CACHE / self.name

    def install(self) -> str:
        """Make the environment if it is not there; return why not, or an empty string."""
        if not self.packages or (self.folder / ".ready").exists():
            return ""
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        if uv is None:
            return "uv is not installed"
        shutil.rmtree(self.folder, ignore_errors=True)
        for arguments in (
            ["venv", "--python", sys.executable, str(self.folder)],
            ["pip", "install", "--python", str(self.folder / "bin" / "python"), *self.packages],
        ):
            done = subprocess.run([uv, "--quiet", *arguments], capture_output=True, text=True, check=False)
            if done.returncode:
                return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "uv failed"
        (self.folder / ".ready").touch()
        return ""

    def version(self) -> str:
        """Return the version of the tool that is measured."""
        python = str(self.folder / "bin" / "python") if self.packages else sys.executable
        package = re.split(r"[><=\[]", self.packages[0])[0] if self.packages else "assay-ml"
        code = f"from importlib.metadata import version; print(version({package!r}))"
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def python_of(peer: str) -> str:
    """Return the interpreter of a peer's environment."""
    return str(CACHE / peer / "bin" / "python")


def script(peer: str) -> Command:
    """Run ``flows/<peer>_flow.py WORKLOAD STEPS``."""
    return lambda work, steps, _: [python_of(peer), str(FLOWS / f"{peer}_flow.py"), work, str(steps)]


def assay(work: str, steps: int, folder: Path) -> list[str]:
    """Write the pipeline of a workload and return the command that a person would type."""
    shutil.copy(FLOWS / ("assay_plain.py" if work == "spawn" else "assay_steps.py"), folder / "steps.py")
    first, following = ("first_array", "array") if work == "array" else ("first", "tick")
    suffix = {"torch": "_torch", "spawn": "_spawn"}.get(work, "")
    lines = ["assay: 1", f"name: {work}", "steps:"]
    for number in range(steps):
        if number == 0 or work == "fanout":
            lines.append(f"  s{number}: {{use: './steps.py:{first}{suffix}', with: {{number: {number}}}}}")
        else:
            lines.append(f"  s{number}: {{use: './steps.py:{following}{suffix}', in: {{before: s{number - 1}.file}}}}")
    (folder / "bench.pipeline.yaml").write_text("\n".join(lines) + "\n")
    return [str(Path(sys.executable).parent / "assay"), "run", "bench.pipeline.yaml"]


def reference(work: str, steps: int, _: Path) -> list[str]:
    """Run the reference with the same preloads."""
    preload = {"torch": ["torch"], "cached": ["numpy"]}.get(work, ["numpy"])
    return [
        sys.executable,
        str(HERE / "reference.py"),
        {"torch": "chain", "cached": "chain"}.get(work, work),
        str(steps),
        *preload,
    ]


def doit(work: str, steps: int, _: Path) -> list[str]:
    """Run doit, two tasks at a time for the fan-out."""
    pool = "2" if work == "fanout" else "0"
    settings = [f"WORKLOAD={work}", f"STEPS={steps}"]
    program = [
        str(CACHE / "doit" / "bin" / "doit"),
        "-f",
        str(FLOWS / "dodo.py"),
        "-d",
        ".",
        "-n",
        pool,
        "-P",
        "process",
    ]
    return ["env", *settings, *program]


def snakemake(work: str, steps: int, _: Path) -> list[str]:
    """Run Snakemake with one core, or two for the fan-out."""
    settings = [f"WORKLOAD={work}", f"STEPS={steps}", f"STEPS_PY={FLOWS / 'steps.py'}"]
    program = [
        str(CACHE / "snakemake" / "bin" / "snakemake"),
        "-s",
        str(FLOWS / "Snakefile"),
        "-d",
        ".",
        "--quiet",
        "all",
    ]
    return ["env", *settings, *program, "--cores", "2" if work == "fanout" else "1"]


def dvc(work: str, steps: int, folder: Path) -> list[str]:
    """Write the stages and run them."""
    python = python_of("dvc")
    program = str(CACHE / "dvc" / "bin" / "dvc")
    subprocess.run([program, "init", "--no-scm", "--quiet"], cwd=folder, check=True, capture_output=True)
    stages = [python, str(FLOWS / "dvc_stages.py"), work, str(steps), python, str(FLOWS / "steps.py")]
    subprocess.run(stages, cwd=folder, check=True)
    return [program, "repro", "--quiet"]


def metaflow(work: str, steps: int, folder: Path) -> list[str]:
    """Write the flow and run it."""
    python = python_of("metaflow")
    subprocess.run([python, str(FLOWS / "metaflow_flow.py"), work, str(steps)], cwd=folder, check=True)
    workers = ["--max-workers", "2" if work == "fanout" else "1", "--max-num-splits", "1000"]
    return [python, "flow.py", "--quiet", "run", *workers]


def zenml(work: str, steps: int, folder: Path) -> list[str]:
    """Make a repository and run the flow in it."""
    subprocess.run(
        [str(CACHE / "zenml" / "bin" / "zenml"), "init"],
        cwd=folder,
        check=True,
        capture_output=True,
        env=quiet(folder, TOOLS["zenml"]),
    )
    shutil.copy(FLOWS / "zenml_flow.py", folder)  # it refuses a file outside its repository
    return [python_of("zenml"), "zenml_flow.py", work, str(steps)]


def quiet(folder: Path, tool: Tool) -> dict[str, str]:
    """Return the environment of every measured process: one thread, no telemetry, its settings in a folder of its own.

    Variables for Python are left out: where PYTHONDONTWRITEBYTECODE is set, every start would compile all sources again.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {
        **inherited,
        "PATH": f"{tool.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "DO_NOT_TRACK": "1",
        "DAGSTER_HOME": str(folder),
        "DVC_NO_ANALYTICS": "1",
        "METAFLOW_USER": "bench",
        "PREFECT_HOME": str(folder / ".prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "ZENML_ANALYTICS_OPT_IN": "false",
        "ZENML_CONFIG_PATH": str(folder / ".zenml"),
        "AUTO_OPEN_DASHBOARD": "false",
    }


def named(*workloads: str) -> frozenset[str]:
    """Return a set of workloads."""
    return frozenset(workloads)


FORKED, STARTED, POOL, SAME = (
    "process, forked",
    "process, started",
    "pool of processes that stay",
    "the flow's own process",
)

TOOLS = {
    tool.name: tool
    for tool in (
        Tool("assay", FORKED, named("chain", "torch", "fanout", "array", "cached", "one", "spawn"), assay),
        Tool("reference", FORKED, named("chain", "torch", "fanout", "array", "cached", "one"), reference),
        Tool("luigi", FORKED, named("chain", "fanout", "array", "one"), script("luigi"), ("luigi", "numpy")),
        Tool("doit", STARTED, named("chain", "fanout", "array", "cached", "one"), doit, ("doit", "numpy")),
        Tool(
            "snakemake", STARTED, named("chain", "fanout", "array", "cached", "one"), snakemake, ("snakemake", "numpy")
        ),
        Tool(
            "kfp",
            STARTED,
            named("chain", "fanout", "array", "cached", "one"),
            script("kfp"),
            ("kfp>=2.14", "numpy", "setuptools"),
        ),
        Tool("prefect", SAME, named("chain", "one"), script("prefect"), ("prefect", "numpy", "fastapi<0.116")),
        Tool("dvc", STARTED, named("chain", "cached", "one"), dvc, ("dvc", "numpy")),
        Tool(
            "metaflow",
            STARTED,
            named("chain", "fanout", "one"),
            metaflow,
            ("metaflow", "numpy", "setuptools"),
            steps=20,
        ),
        Tool("dagster", STARTED, named("chain", "one"), script("dagster"), ("dagster", "numpy"), steps=20),
        Tool("parsl", POOL, named("chain", "fanout", "array", "one"), script("parsl"), ("parsl", "numpy")),
        Tool("zenml", SAME, named("cached", "one"), zenml, ("zenml[local]", "numpy")),
    )
}
