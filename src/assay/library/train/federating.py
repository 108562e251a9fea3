"""From what a federation told to a Model folder, a learning curve by site, and the list of what crossed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from assay import step
from assay.training import export
from assay.training.federated.facts import SiteFacts
from assay.training.federated.judged import Judged, together
from assay.training.federated.recipe import FederatedRecipe, Terms
from assay.trust.charts.chart import Line, LineChart
from assay.trust.performance.ranking import auroc
from assay.trust.performance.thresholds import sensitivity_threshold, youden_threshold

CROSSED = ("site", "asked", "round", "arrays", "weights", "sha256", "numbers")
"""Columns of the list of messages."""


@dataclass(slots=True)
class Course:
    """What a federation told while it ran.

    Attributes:
        losses: Training loss by round from 1, then by site.
        judged: Validation by round from 1, then by site.
        gone: Sites that ended, and how.
    """

    recipe: FederatedRecipe
    terms: Terms | None = None
    facts: dict[str, SiteFacts] = field(default_factory=dict)
    losses: dict[int, Mapping[str, float]] = field(default_factory=dict)
    judged: dict[int, dict[str, Judged]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    done: Mapping[str, Any] = field(default_factory=dict)

    def follow(self, event: Mapping[str, Any]) -> None:
        """Take in an event, and show it: progress, a line of the log, and figures by site and round."""
        rounds = self.recipe.rounds
        match event["event"]:
            case "agreed":
                self.terms = Terms.from_json(event["terms"])
                self.facts = {site: SiteFacts.from_json(raw) for site, raw in event["sites"].items()}
                for site, fact in self.facts.items():
                    print(f"site {site}: {fact.images} training images of {_people(fact.train.patients)}")
                step.progress(0, rounds, "rounds")
            case "round":
                self.losses[event["round"]] = event["training_loss"]
                step.progress(event["round"], rounds, "rounds")
            case "judged":
                self._judged(event["round"], {site: Judged.from_json(raw) for site, raw in event["sites"].items()})
            case "gone":
                line = f"site {event['site']} {event['how']} {event['when']}; {event['left']} sites go on"
                self.gone.append(line)
                print(f"warning: {line}")
            case "done":
                self.done = event
            case "broken":
                print(event["log"], end="")

    def _judged(self, number: int, sites: dict[str, Judged]) -> None:
        self.judged[number] = sites
        parts = []
        for site, one in sites.items():
            ranked = auroc(*one.scores())
            step.log_metric(f"validation_loss_{site}", one.mean_loss, index=number)
            step.log_metric(f"validation_auroc_{site}", ranked, index=number)
            parts.append(f"{site} loss {one.mean_loss:.4f}, AUROC {ranked:.3f}")
        print(f"round {number}: {'; '.join(parts)}")

    @property
    def best(self) -> int:
        """The round whose weights the model has, from 1."""
        return int(self.done["best_round"])

    @property
    def kept(self) -> Judged:
        """Validation of the best round over the sites together."""
        return together(self.judged[self.best].values())

    def threshold(self, rule: str, sensitivity: float) -> float:
        """Return the threshold chosen on the sites' counts of scores."""
        truth, score = self.kept.scores()
        return youden_threshold(truth, score) if rule == "youden" else sensitivity_threshold(truth, score, sensitivity)

    def chart(self) -> LineChart:
        """Return the learning curve: validation loss of each site by round."""
        lines = [
            Line(site, [(number, sites[site].mean_loss) for number, sites in self.judged.items() if site in sites])
            for site in self.facts
        ]
        highest = max(1.0, *(loss for line in lines for _, loss in line.points))
        synthetic = " (synthetic images)" if self.terms and self.terms.synthetic else ""
        last = float(max(2, self.recipe.rounds))
        return LineChart(
            f"Validation loss by site{synthetic}",
            "round",
            "loss (nats)",
            lines,
            x_range=(1.0, last),
            y_range=(0.0, highest),
        )

    def model_facts(self, terms: Terms, threshold: float, rule: str) -> dict[str, Any]:
        """Return ``model.json``."""
        recipe, kept = self.recipe, self.kept
        sites: dict[str, dict[str, Any]] = {
            site: {
                "train": _part(fact.train.images, fact.train.patients),
                "validation": _part(fact.validation.images, fact.validation.patients),
                "rounds": sum(site in losses for losses in self.losses.values()),
            }
            for site, fact in self.facts.items()
        }
        training = {
            "network": str(recipe.network),
            "pretrained": "",
            "fine_tuned": False,
            "weights": self.done["weights"],
            "seed": recipe.seed,
            "threads": recipe.threads,
            "epochs": recipe.rounds * recipe.local_epochs,
            "epochs_run": len(self.losses) * recipe.local_epochs,
            "best_epoch": self.best * recipe.local_epochs,
            "monitor": "loss",
            "batch_size": recipe.batch,
            "learning_rate": recipe.learning_rate,
            "weight_decay": recipe.weight_decay,
            "class_weights": "balanced" if recipe.balanced else "none",
            "weighted": False,
            "augmentation": str(recipe.level),
            "flip": recipe.flip,
            "validation_auroc": auroc(*kept.scores()),
            "validation_loss": kept.mean_loss,
            "versions": {**export.versions(), "nvflare": version("nvflare")},
            "data": {name: _sum(fact[name] for fact in sites.values()) for name in ("train", "validation")},
            "federated": {
                "algorithm": "FedProx" if recipe.proximal else "FedAvg",
                "proximal": recipe.proximal,
                "rounds": recipe.rounds,
                "local_epochs": recipe.local_epochs,
                "best_round": self.best,
                "sites": sites,
                "gone": self.gone,
                "simulated": "all sites were processes of one machine",
                "privacy": "none: no secure aggregation, no differential privacy",
            },
        }
        answers = export.Answers(terms.labels, terms.positive, threshold, rule)
        given = export.Given(terms.intensity, terms.modality, terms.window, recipe.size, terms.mean, terms.std)
        agreed = export.Agreement(self.done["largest_difference"], self.done["images_checked"])
        return export.model_facts(answers, given, training, agreed, synthetic=terms.synthetic)


def crossed_table(crossings: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the list of messages that left a site as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CROSSED, restval="", lineterminator="\n")
    writer.writeheader()
    for site, line in crossings:
        numbers = "; ".join(f"{name}={value}" for name, value in line["numbers"].items())
        writer.writerow({"site": site, **line, "numbers": numbers})
    return text.getvalue()


def _people(patients: Mapping[str, int]) -> str:
    return ", ".join(f"{count} patients {label}" for label, count in patients.items())


def _part(images: Mapping[str, int], patients: Mapping[str, int]) -> dict[str, Any]:
    return {"images": sum(images.values()), "patients": sum(patients.values()), "labels": dict(images)}


def _sum(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    known = list(parts)
    labels: Counter[str] = Counter()
    for part in known:
        labels.update(part["labels"])
    whole = {name: sum(part[name] for part in known) for name in ("images", "patients")}
    return {**whole, "labels": dict(sorted(labels.items()))}
