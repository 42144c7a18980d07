"""What a design is asked: which test, over which effects, with how many people.

The good direction is that of the mean effect unless it is said; a prior is taken at equally likely
quantiles, inside the effects that are possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import signature

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity, Support
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.arguments import Better, Sided, direction, inside, number, one, refuse, tails
from sibsim.planning.detection import Question
from sibsim.planning.findings import Findings, findings
from sibsim.planning.setting import Result, Setting
from sibsim.planning.standard import STANDARD_CLUSTERS, Design, design_of
from sibsim.planning.testing import mde_multiplier

SOME_LEFT = 1e-6
"""A fall of events leaves this share of them at least: a mean of 0 has no spread."""

WIDE = 3.0
"""Times the usual minimum detectable effect: an effect so large is found for sure."""

PRIOR_POINTS = 64
"""Equally likely effects that stand for a prior: quantiles (i + 1/2) / 64."""


def check_names(result: Mapping[str, object], *, function: Callable[..., object]) -> None:
    """Refuse a keyword that a function does not take, and name the nearest that it does.

    Parameters
    ----------
    result
        What was stated of the result, by keyword.
    function
        The public function that was called.

    Raises
    ------
    ArgumentError
        If it takes no such keyword.
    """
    known = [name for name in signature(function).parameters if name != "result"]
    known += Result.__annotations__
    for name in result:
        if name not in known:
            message = (
                f"{function.__name__}: got {name}, which it does not take; known are "
                f"{', '.join(known)}{nearest(name, known)}"
            )
            raise ArgumentError(message)


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
    return Question(alpha=float(inside("alpha", one("alpha", alpha))), sided=sided, sign=sign)


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
        return np.atleast_1d(number("effect", np.asarray(given)))
    try:
        quantity = Support(*setting.range).read(given)
    except (ValidationError, PydanticCustomError) as error:
        faults = error.errors() if isinstance(error, ValidationError) else ()
        said = "; ".join(each["msg"] for each in faults) or str(error)
        message = f"effect: {said}"
        raise ArgumentError(message) from None
    return quantity.ppf((np.arange(PRIOR_POINTS) + 0.5) / PRIOR_POINTS)


def settled(design: Design, *, setting: Setting, sign: float) -> tuple[EvaluationDesign, Setting]:
    """Return a design, made for the setting where it is named, and the setting.

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
    return made, setting


def evaluated(design: Design, *, setting: Setting, sign: float) -> Findings:
    """Return what a design finds, arguments as in `settled`."""
    made, setting = settled(design, setting=setting, sign=sign)
    return findings(made, setting=setting)


def reach(design: Design, *, setting: Setting, question: Question, power: float) -> float:
    """Return how far to look for a detectable effect in the good direction, at least 0.

    To the end of the scale, or where it has none, so far that it is found for sure.

    Parameters
    ----------
    design
        Name of a standard design, table, or evaluation design.
    setting
        What is planned for.
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
    step = setting.person_sd
    asked = replace(setting, effect=[0.0, question.sign * step])
    none = evaluated(design, setting=asked, sign=question.sign)
    multiplier = mde_multiplier(
        degrees=none.degrees, alpha=question.alpha, sided=question.sided, power=power
    )
    error = max(float(none.standard_error[0]), float(none.stated[0]))
    far = float(WIDE * np.abs(multiplier) * error + abs(float(none.bias[0])))
    # An estimate may aim at a part of the effect only, so that a larger one is needed.
    aimed_at = abs(float(np.diff(none.estimate - none.bias)[0]))
    return far * step / aimed_at if aimed_at > 0 else far


def whole(size: float) -> int:
    """Return a number of people as a whole one, refused where it is not."""
    if size != int(size):
        refuse("people", size, rule="people are whole", way_out="write a whole number")
    return int(size)
