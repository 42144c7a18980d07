"""The eleven designs with typical fields, to set side by side before one is chosen.

**Every figure here is an assumption** with its reason beside it; none is taken from one evaluation.
Errors that nobody sees are stated in standard deviations of a person's result, so that they fit any
outcome. All comparison groups are as large as the group of participants, so that designs are
compared and not sizes. Put your own figures in their place before you decide anything by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from sibsim.core.clusters import Clusters
from sibsim.core.spec import family_names, load_family_member, nearest
from sibsim.core.validation import validated
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.arguments import Better, direction
from sibsim.planning.setting import Setting

Design = EvaluationDesign | Mapping[str, Any] | str
"""A design: itself, its table as in a case file, or the name of a standard one."""

CONTROLS = 1.0
"""Assumption: as many controls as participants."""

BASELINE_PEOPLE = 400
"""Assumption: a baseline is counted on a few earlier years of a municipality's target group."""

BASELINE_DATE = date(2023, 12, 31)
"""Assumption: the end of the year before; no figure here depends on it."""

UNSEEN = 0.1
"""Assumption: what matching or parallel trends leave unseen, and how far regression to the mean may
lie from what is expected of it, in standard deviations, one sd; about 4 points of a share near a
third. Small effects by Cohen's words are 0.2."""

REGRESSION = 0.2
"""Assumption: by how many standard deviations people who are referred at their worst get better by
themselves."""

ROOM = 0.5
"""Assumption: at most half of the way to the end of a scale is regression to the mean."""

CORRELATION = 0.5
"""Assumption: correlation of a person's results a year apart, where a difference in differences and
a plain comparison afterwards are equally exact."""

ICC = 0.05
"""Assumption: people of a team are a little alike, as in most trials of schools and services."""

CLUSTERS = 8
"""Assumption: teams, schools or districts in each arm of a trial with clusters, and in all of a
stepped wedge."""

STEPS = 4
"""Assumption: steps of a stepped wedge, two clusters in each."""

TREATED_CELLS = CLUSTERS // STEPS * STEPS * (STEPS + 1) // 2
"""Treated clusters x periods of that stepped wedge, over which participants are spread."""

POINTS_BEFORE, POINTS_AFTER = 24, 12
"""Assumption: two years of months before and one after, as registers give them."""

AUTOCORRELATION = 0.3
"""Assumption: neighbouring months are somewhat alike."""

SHOCK = 0.1
"""Assumption: sd of a month beyond the luck of its people, in standard deviations of a person."""

DONORS = 20
"""Assumption: comparable municipalities of 98; with fewer than 19 no test at 5 % can be passed."""

PLACEBO = 0.1
"""Assumption: sd of placebo effects between municipalities, in standard deviations of a person."""


REASONS = {
    "verification": "Nothing is assumed: results are looked up, and nothing is compared.",
    "historical_baseline": (
        f"Baseline counted on {BASELINE_PEOPLE} people: a few earlier years of a municipality's "
        "target group. Its date is the end of the year before; no figure depends on it."
    ),
    "before_after": (
        f"Regression to the mean of {REGRESSION} sd of a person's result, or half the way to the "
        "end of the scale where that is less: people are referred at their worst and get better "
        f"by themselves; known to within {UNSEEN} sd. Correlation of results a year apart "
        f"{CORRELATION}."
    ),
    "matched_comparison": (
        "As many controls as participants, so that designs are compared and not sizes. Matching "
        f"leaves an unseen bias with sd {UNSEEN} of a person's sd: half of what Cohen calls a "
        "small effect."
    ),
    "difference_in_differences": (
        "As many controls as participants, so that designs are compared and not sizes. Correlation "
        f"of results a year apart {CORRELATION}, where the design and a plain comparison "
        "afterwards are equally exact. Trends differ unseen with sd "
        f"{UNSEEN} of a person's sd: half of what Cohen calls a small effect."
    ),
    "randomised": "As many controls as participants, so that designs are compared and not sizes.",
    "cluster_randomised": (
        f"As many controls as participants. {CLUSTERS} clusters in each arm: what a contract can "
        f"find of teams or schools. Where no clusters are stated participants are in {CLUSTERS} "
        f"with ICC {ICC}: people of a team are a little alike, as in most trials of schools and "
        "services."
    ),
    "stepped_wedge": (
        f"{CLUSTERS} clusters that begin in {STEPS} steps: what a contract can find of teams or "
        f"schools. tau is the root of ICC {ICC}: people of a team are a little alike. People per "
        "cluster and period: participants, spread over treated clusters and periods."
    ),
    "regression_discontinuity": (
        "As many controls as participants, so that designs are compared and not sizes. Everybody "
        "is used, and scores are spread evenly."
    ),
    "interrupted_time_series": (
        f"{POINTS_BEFORE} months before and {POINTS_AFTER} after, as registers give them. "
        f"Autocorrelation {AUTOCORRELATION}: neighbouring months are somewhat alike. A month "
        f"moves by {SHOCK} of a person's sd beyond the luck of its people. People per month: "
        "participants, spread over the months after."
    ),
    "synthetic_control": (
        f"{DONORS} donors: comparable municipalities of 98, enough for a test at 5 %. Placebo "
        f"effects between municipalities have sd {PLACEBO} of a person's sd."
    ),
}
"""What is assumed in each standard table, with the reason, by name of the design."""


def standard_designs(*, setting: Setting, better: Better = "more") -> dict[str, dict[str, Any]]:
    """Return the tables of the eleven designs with typical fields, by name.

    Each can be asked about as it is, also all together by `design_table`, but for a trial of
    clusters, which needs `clusters={"number": 8, "icc": 0.05}` or clusters of your own. Its `note`
    lists the figures that are assumed, each with its reason.

    Parameters
    ----------
    setting
        What is planned for: its people and a person's spread set the scale.
    better
        Which way participants' results change by themselves after their worst time.
    """
    sd = setting.person_sd
    unseen = {"mean": 0.0, "sd": UNSEEN * sd}
    controls = {"controls_per_participant": CONTROLS}
    before_after: dict[str, Any] = {
        "regression_to_the_mean": unseen | {"mean": _regression(setting, better=better)},
        "correlation": CORRELATION,
    }
    if setting.kind != "binary":
        before_after["sd_before"] = sd
    fields: dict[str, dict[str, Any]] = {
        "verification": {},
        "historical_baseline": {
            "baseline": {"to_be_counted": True, "people": BASELINE_PEOPLE, "date": BASELINE_DATE}
        },
        "before_after": before_after,
        "matched_comparison": controls | {"residual_bias": unseen},
        "difference_in_differences": controls
        | {
            "periods_before": 1,
            "correlation": CORRELATION,
            "analysis": "difference",
            "trend": unseen,
        },
        "randomised": controls,
        "cluster_randomised": controls | {"control_clusters": CLUSTERS},
        "stepped_wedge": {
            "sequences": [CLUSTERS // STEPS] * STEPS,
            "people": max(1, round(setting.people / TREATED_CELLS)),
            "tau": float(np.sqrt(ICC)) * sd,
        },
        "regression_discontinuity": controls | {"assignment": "uniform"},
        "interrupted_time_series": {
            "points_before": POINTS_BEFORE,
            "points_after": POINTS_AFTER,
            "people_per_point": max(1, round(setting.people / POINTS_AFTER)),
            "autocorrelation": AUTOCORRELATION,
            "shock_sd": SHOCK * sd,
            "change": "level",
        },
        "synthetic_control": {"donors": DONORS, "placebo_sd": PLACEBO * sd},
    }
    return {
        name: {"design": name, **stated, "note": REASONS[name]} for name, stated in fields.items()
    }


STANDARD_CLUSTERS = Clusters(
    number=CLUSTERS, icc=ICC, note=REASONS["cluster_randomised"].partition(". ")[2]
)
"""Clusters of an outcome whose design needs them, where none are stated: 8, with ICC 0.05."""

NAMES = (
    "verification",
    "historical_baseline",
    "before_after",
    "matched_comparison",
    "difference_in_differences",
    "randomised",
    "cluster_randomised",
    "stepped_wedge",
    "regression_discontinuity",
    "interrupted_time_series",
    "synthetic_control",
)
"""Names of the standard designs, from the simplest to the most particular."""


def design_of(given: Design, *, setting: Setting, better: Better = "more") -> EvaluationDesign:
    """Return the design that was named, stated as a table, or given as itself.

    Parameters
    ----------
    given
        The design.
    setting, better
        As in `standard_designs`, for a name.

    Raises
    ------
    UnknownNameError
        If no standard design has the name; names the nearest one.
    ArgumentError
        If the table is not a valid design.
    """
    if isinstance(given, EvaluationDesign):
        return given
    if isinstance(given, str):
        tables = standard_designs(setting=setting, better=better)
        if given not in tables:
            hint = nearest(given, tables) or f"; known are {', '.join(tables)}"
            message = f"design: got {given!r}, which is no standard design{hint}"
            raise UnknownNameError(message)
        given = tables[given]
    return _read(given)


def _read(table: object) -> EvaluationDesign:
    if not isinstance(table, Mapping):
        message = (
            f"design: got {table!r}; a design is a name, a table or an evaluation design; write "
            "'randomised', or {'design': 'randomised', 'controls_per_participant': 1.0}"
        )
        raise ArgumentError(message)
    name = table.get("design")
    model = None
    if isinstance(name, str):
        model = load_family_member("sibsim.evaluation", "sibsim.evaluation", name)
    if model is None:
        known = family_names("sibsim.evaluation", "sibsim.evaluation")
        message = (
            f"design: got design = {name!r}; known are {', '.join(known)}"
            f"{nearest(str(name), known)}"
        )
        raise ArgumentError(message)
    design, faults = validated({"outcome": "planned", **table}, model, path="design")
    if faults:
        raise ArgumentError("; ".join(map(str, faults)))
    assert isinstance(design, EvaluationDesign)  # noqa: S101 - the family holds nothing else
    return design


def _regression(setting: Setting, *, better: Better) -> float:
    """Return by how much participants' mean changes by itself, in the outcome's unit."""
    change = REGRESSION * setting.person_sd
    least, most = setting.range
    room = -least if better == "more" else most
    return direction(better) * float(min(change, ROOM * room))
