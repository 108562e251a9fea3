"""How often the shortcut audit finds a planted text marker, and how often it accuses honest images: phantoms whose truth is known.

    python benchmarks/trust/shortcuts.py --seeds 40 --clean 100

Each seed is a cohort of its own. In half of the marked cohorts the letter's place varies. Found: the label's burnt-in text cue
fails. Accused: any cue of the label or the sex fails in a cohort without a marker.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time

from assay.library.evaluate.shortcut_audit import shortcut_audit
from assay.library.input.ct_phantom import ct_phantom
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence
from assay.trust.performance.intervals import wilson


def failed(arguments: argparse.Namespace, seed: int, **planted: object) -> set[tuple[str, str]]:
    """Return target and cue of every statement that fails in one cohort."""
    with contextlib.redirect_stdout(io.StringIO()):
        images = ct_phantom(
            patients=arguments.patients, slices=arguments.slices, size=arguments.size, seed=seed, **planted
        )
        evidence = read_evidence(shortcut_audit(images, seed=seed, draws=arguments.draws).evidence)
    return {(each.on["target"], each.on["cue"]) for each in evidence.statements if each.state is State.FAIL}


def share(name: str, hits: int, of: int) -> None:
    """Print a share with its interval."""
    ends = wilson(hits / of, of, 1.96)
    print(f"{name}: {hits} of {of}, {hits / of:.3f} [{ends.low:.3f}, {ends.high:.3f}]", flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--clean", type=int, default=100)
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--slices", type=int, default=2)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--draws", type=int, default=500)
    arguments = parser.parse_args()
    begun = time.process_time()
    for rate, base in ((0.9, 0.1), (0.7, 0.3)):
        for position in ("fixed", "varied"):
            hits = sum(
                ("label covid", "burnt-in text")
                in failed(
                    arguments,
                    1000 + seed,
                    marker="text",
                    marker_rate=rate,
                    marker_base=base,
                    marker_position=position,
                )
                for seed in range(arguments.seeds)
            )
            share(
                f"found, marker on {rate:.0%} of covid and {base:.0%} of other slices, {position}",
                hits,
                arguments.seeds,
            )
    accused = [failed(arguments, seed) for seed in range(arguments.clean)]
    for target in ("label covid", "sex F"):
        share(
            f"accused without a marker, {target}",
            sum(any(name == target for name, _ in each) for each in accused),
            arguments.clean,
        )
    print(f"{time.process_time() - begun:.0f} CPU seconds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
