"""What a design is asked: which test, over which effects, with how many people.

The good direction is that of the mean effect unless it is said; a prior is taken at equally likely
quantiles, inside the effects that are possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity, Support
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.arguments import Better, Sided, direction, inside, number, refuse, tails
from sibsim.planning.detection import Question
from sibsim.planning.setting import Findings, Setting, findings
from sibsim.planning.standard import STANDARD_CLUSTERS, Design, design_of
from sibsim.planning.testing import mde_multiplier

SOME_LEFT = 1e-6
"""A fall of events leaves this share of them at least: a mean of 0 has no spread."""

WIDE = 3.0
"""Times the usual minimum detectable effect: an effect so large is found for sure."""

PRIOR_POINTS = 64
"""Equally likely effects that stand for a prior: quantiles (i + 1/2) / 64."""


def question_of(
    alpha: float, *, sided: Sided, better: Better | None, effects: FloatArray
) -> Question:
    """Return the test that is made, the good direction being that of the mean effect unless said.

    Parameters
    ----------
    alpha, sided, better
        As in `power`.
    effects
        The effects that are asked about.
    """
    tails(sided)
    sign = (-1.0 if effects.mean() < 0 else 1.0) if better is None else direction(better)
    return Question(alpha=float(inside("alpha", alpha)), sided=sided, sign=sign)


def prior_of(given: object, *, setting: Setting) -> FloatArray:
    """Return equally likely effects: the draws that are given, or quantiles of a quantity.

    Parameters
    ----------
    given
        Draws (M,), a quantity, or the table of one.
    setting
        What is planned for, whose range the effects must lie in.

    Raises
    ------
    ArgumentError
        If a quantity is not valid or reaches outside the range.
    """
    if not isinstance(given, Mapping | Quantity):
        return np.atleast_1d(number("effect", given))  # type: ignore[arg-type]
    try:
        quantity = Support(*setting.range).read(given)
    except (ValidationError, PydanticCustomError) as error:
        faults = error.errors() if isinstance(error, ValidationError) else ()
        said = "; ".join(each["msg"] for each in faults) or str(error)
        message = f"effect: {said}"
        raise ArgumentError(message) from None
    return quantity.ppf((np.arange(PRIOR_POINTS) + 0.5) / PRIOR_POINTS)


def evaluated(
    design: Design, *, setting: Setting, sign: float
) -> tuple[EvaluationDesign, Findings]:
    """Return a design, made for the setting where it is named, and what it finds there.

    Standard designs that need clusters get those of `standard`, where none are stated.

    Parameters
    ----------
    design
        Name of a standard design, table, or evaluation design.
    setting
        What it is asked about.
    sign
        1 where more is better, -1 where fewer is.
    """
    made = design_of(design, setting=setting, better="more" if sign > 0 else "fewer")
    if isinstance(design, str) and any(made.check_outcome(setting.measurable)):
        setting = replace(setting, clusters=STANDARD_CLUSTERS)
    return made, findings(made, setting=setting)


def reach(setting: Setting, *, none: Findings, question: Question, power: float) -> float:
    """Return how far to look for a detectable effect in the good direction, at least 0.

    To the end of the scale, or where it has none, so far that it is found for sure.

    Parameters
    ----------
    setting
        What is planned for.
    none
        What the design finds without an effect, (1,).
    question
        The test.
    power
        Power that is looked for.
    """
    least, most = setting.range
    furthest = most if question.sign > 0 else -least
    if setting.kind == "count":
        furthest *= 1.0 - SOME_LEFT
    if np.isfinite(furthest):
        return float(furthest)
    multiplier = mde_multiplier(
        degrees=none.degrees, alpha=question.alpha, sided=question.sided, power=power
    )
    error = max(float(none.standard_error[0]), float(none.stated[0]))
    return float(WIDE * np.abs(multiplier) * error + abs(float(none.bias[0])))


def whole(size: float) -> int:
    """Return a number of people as a whole one, refused where it is not."""
    if size != int(size):
        refuse("people", size, rule="people are whole", way_out="write a whole number")
    return int(size)
