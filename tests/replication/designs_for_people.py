"""Designs on stated truths, for setting their closed forms against people who are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sibsim.core.clusters import Clusters
from sibsim.core.spec import load_family_member
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.setting import Setting

NUMBERS = {"kind": "continuous", "counterfactual": 50.0, "effect": 4.0, "sd": 12.0}
"""Points of a scale."""

SHARES = {"counterfactual": 0.3, "effect": 0.1}
"""Ten points from 30 %."""

NO_ERROR = {"mean": 0.0, "sd": 0.0}
"""Nothing goes unseen."""


@dataclass(frozen=True)
class Case:
    """One design on one truth."""

    name: str
    """What is special."""

    design: Mapping[str, Any]
    """Table of the design."""

    truth: Mapping[str, Any] = field(default_factory=lambda: SHARES)
    """What happens to people."""

    people: int = 100
    """Participants."""

    clusters: Clusters | None = None
    """Clusters of the participants."""

    covers: bool = True
    """Whether the interval that the usual analysis states covers as it says."""

    @property
    def as_id(self) -> str:
        """Its name in a list of tests."""
        return f"{self.design['design']}, {self.name}"

    @property
    def model(self) -> EvaluationDesign:
        """The design itself."""
        member = load_family_member("sibsim.evaluation", "sibsim.evaluation", self.design["design"])
        assert member is not None
        design = member.model_validate(self.design)
        assert isinstance(design, EvaluationDesign)
        return design

    @property
    def setting(self) -> Setting:
        """The same truth, as it is planned for."""
        stated = {name: value for name, value in self.truth.items() if name != "confounding"}
        return Setting(people=self.people, clusters=self.clusters, **stated)


def clusters(number: int, *, icc: float, cv: float = 0.0) -> Clusters:
    """Return clusters of so many, so alike and so unequal."""
    return Clusters.model_validate({"number": number, "icc": icc, "cv": cv})


def table(design: str, **fields: object) -> dict[str, Any]:
    """Return the table of a design."""
    return {"design": design, "outcome": "job", **fields}


trial = partial(table, "randomised", controls_per_participant=1.0)
"""As many controls."""

difference = partial(
    table,
    "difference_in_differences",
    controls_per_participant=1.0,
    periods_before=1,
    analysis="difference",
    trend=NO_ERROR,
)
"""As many in the comparison group, measured once before, with a parallel trend."""

cutoff = partial(
    table, "regression_discontinuity", controls_per_participant=1.0, assignment="uniform"
)
"""As many on the other side of it, all of them used."""

series = partial(
    table,
    "interrupted_time_series",
    points_before=24,
    points_after=12,
    people_per_point=50,
    autocorrelation=0.4,
    shock_sd=1.0,
    change="level",
)
"""Two years of months before, one after."""

EVENTS = {"kind": "count", "counterfactual": 2.0, "effect": -0.5, "dispersion": 1.5}
"""Events a person, more spread than by luck alone."""

BASELINE = {"people": 400, "date": date(2023, 1, 1)}
"""What every baseline states."""

CASES: list[Case] = [
    Case("as it is", table("verification")),
    Case(
        "misread, misreported and audited",
        table(
            "verification",
            sensitivity=0.9,
            specificity=0.95,
            misreporting={"share": 0.2, "audited": 0.5},
        ),
        covers=False,
    ),
    Case("missing, left out", table("verification", missing={"share": 0.2, "rule": "excluded"})),
    Case(
        "missing, counted as achieved",
        table("verification", missing={"share": 0.2, "rule": "counts_as_achieved"}),
        covers=False,
    ),
    Case("events", table("verification"), EVENTS, people=200),
    Case(
        "a fixed rate, five points too low",
        table("historical_baseline", baseline={"rate": 0.25, **BASELINE}),
        covers=False,
    ),
    Case(
        "a rate to be counted",
        table("historical_baseline", baseline={"to_be_counted": True, **BASELINE}),
    ),
    Case(
        "worst scores selected",
        table("before_after", regression_to_the_mean=2.0, correlation=0.5, sd_before=9.0),
        NUMBERS,
        covers=False,
    ),
    Case(
        "best scores selected",
        table("before_after", regression_to_the_mean=-1.0, correlation=0.3, sd_before=12.0),
        NUMBERS,
        covers=False,
    ),
    Case("nothing by itself", table("before_after", regression_to_the_mean=0.0, correlation=0.4)),
    Case(
        "yes or no",
        table("before_after", regression_to_the_mean=0.1, correlation=0.4),
        covers=False,
    ),
    Case(
        "not known what changes by itself",
        table("before_after", regression_to_the_mean={"mean": 0.05, "sd": 0.04}, correlation=0.4),
        covers=False,
    ),
    Case("equal arms", trial()),
    Case("three controls each, few", trial(controls_per_participant=3.0), NUMBERS, people=30),
    Case("events", trial(), EVENTS, people=150),
    Case("covariates of numbers", trial(covariates_r2=0.4), NUMBERS),
    Case(
        "covariates of shares",
        trial(controls_per_participant=2.0, covariates_r2=0.3),
        people=150,
    ),
    Case("lost at random", trial(attrition={"treated": 0.3, "control": 0.1})),
    Case(
        "lost by result",
        trial(
            attrition={
                "treated": {"achieved": 0.1, "not_achieved": 0.3},
                "control": {"achieved": 0.2, "not_achieved": 0.1},
            }
        ),
        covers=False,
    ),
    Case(
        "intention to treat",
        trial(non_compliance={"no_shows": 0.2, "crossovers": 0.1, "estimand": "itt"}),
    ),
    # The ratio is as good as normal where the lot moves many: 300 x 0.7 here.
    Case(
        "effect on compliers",
        trial(non_compliance={"no_shows": 0.2, "crossovers": 0.1, "estimand": "cace"}),
        people=300,
    ),
    # Clusters in one arm only: the usual degrees of freedom are too many.
    Case("participants in clusters", trial(), clusters=clusters(10, icc=0.05), covers=False),
    Case(
        "equal clusters",
        table("cluster_randomised", controls_per_participant=1.0, control_clusters=10),
        people=200,
        clusters=clusters(10, icc=0.05),
    ),
    Case(
        "clusters of unequal size, numbers",
        table("cluster_randomised", controls_per_participant=1.0, control_clusters=20),
        NUMBERS,
        people=400,
        clusters=clusters(20, icc=0.1, cv=0.5),
    ),
    Case(
        "fewer control clusters, events",
        table("cluster_randomised", controls_per_participant=0.5, control_clusters=8),
        EVENTS,
        people=320,
        clusters=clusters(16, icc=0.02),
    ),
    Case(
        "levels of clusters",
        table("stepped_wedge", sequences=[6, 6, 6, 6], people=120, tau=0.01),
        {"counterfactual": 0.05, "effect": -0.015},
    ),
    Case(
        "effects of clusters, transition, more periods",
        table(
            "stepped_wedge",
            sequences=[4, 4, 4],
            people=30,
            tau=2.0,
            eta=1.5,
            rho=0.4,
            periods_after=1,
            transition_periods=1,
        ),
        NUMBERS,
    ),
    Case(
        "one each",
        table(
            "matched_comparison",
            controls_per_participant=1.0,
            residual_bias={"mean": 0.02, "sd": 0.0},
        ),
        people=80,
    ),
    Case(
        "two each, an uncertain bias",
        table(
            "matched_comparison",
            controls_per_participant=2.0,
            residual_bias={"mean": 1.0, "sd": 1.5},
        ),
        NUMBERS,
        people=60,
        covers=False,
    ),
    Case("three periods before", difference(periods_before=3, correlation=0.5, gap=3.0), NUMBERS),
    Case("shares", difference(controls_per_participant=2.0, correlation=0.4, gap=0.05)),
    Case(
        "an uncertain trend",
        difference(correlation=0.6, trend={"mean": 0.5, "sd": 1.5}),
        NUMBERS,
        covers=False,
    ),
    Case(
        "given the results before",
        difference(periods_before=2, correlation=0.5, analysis="ancova", gap=3.0),
        NUMBERS,
        covers=False,
    ),
    # One slope is fitted and scores differ by chance: more people than elsewhere.
    Case("a uniform score that explains", cutoff(score_r2=0.2), NUMBERS, people=400),
    Case(
        "a normal score, a third treated",
        cutoff(controls_per_participant=2.0, assignment="normal", score_r2=0.3),
        NUMBERS,
        people=200,
    ),
    Case(
        "part of a normal score, which is not normal",
        cutoff(assignment="normal", bandwidth=0.5),
        NUMBERS,
        people=400,
    ),
    Case(
        "few served of whom many succeed",
        cutoff(controls_per_participant=4.0),
        {"counterfactual": 0.05, "effect": 0.35},
        people=200,
        covers=False,
    ),
    Case("half the people used", cutoff(bandwidth=0.5), NUMBERS, people=400),
    # With arms of one size a straight line of effects does not move the jump.
    Case(
        "another effect at the cutoff",
        cutoff(local_difference=2.0),
        NUMBERS,
        people=400,
        covers=False,
    ),
    Case("a change of level", series(), NUMBERS),
    Case(
        "a series from 8 to 48 %",
        series(people_per_point=40, shock_sd=0.0),
        {"counterfactual": 0.08, "effect": 0.4},
        covers=False,
    ),
    Case(
        "a wedge from 5 to 45 %",
        table("stepped_wedge", sequences=(3, 3, 3), people=40, tau=0.02),
        {"counterfactual": 0.05, "effect": 0.4},
        covers=False,
    ),
    Case("a change of level and slope", series(change="level_and_slope"), NUMBERS),
    Case("fifteen donors", table("synthetic_control", donors=15, placebo_sd=1.5), NUMBERS),
    Case(
        "an uncertain bias",
        table(
            "synthetic_control",
            donors=8,
            placebo_sd=0.03,
            residual_bias={"mean": 0.01, "sd": 0.04},
        ),
        covers=False,
    ),
]
"""Every design that is one evaluation."""
