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
from pydantic import ValidationError

from sibsim.core.clusters import Clusters
from sibsim.core.spec import family_names, load_family_member, nearest
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
"""Assumption: what matching or parallel trends leave unseen, in standard deviations, one sd; about
4 points of a share near a third. Small effects by Cohen's words are 0.2."""

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


def standard_designs(*, setting: Setting, better: Better = "more") -> dict[str, dict[str, Any]]:
    """Return the tables of the eleven designs with typical fields, by name.

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
        "regression_to_the_mean": _regression(setting, better=better),
        "correlation": CORRELATION,
    }
    if setting.kind != "binary":
        before_after["sd_before"] = sd
    return {
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


STANDARD_CLUSTERS = Clusters(number=CLUSTERS, icc=ICC)
"""Clusters of an outcome whose design needs them, where none are stated."""

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
        given = {"design": given, **tables[given]}
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
    try:
        design = model.model_validate({"outcome": "planned", **table})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_url=False)
        )
        message = f"design: {faults}"
        raise ArgumentError(message) from None
    assert isinstance(design, EvaluationDesign)  # noqa: S101 - the family holds nothing else
    return design


def _regression(setting: Setting, *, better: Better) -> float:
    """Return by how much participants' mean changes by itself, in the outcome's unit."""
    change = REGRESSION * setting.person_sd
    least, most = setting.range
    room = -least if better == "more" else most
    return direction(better) * float(min(change, ROOM * room))
