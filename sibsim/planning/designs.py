"""Power, people needed, minimum detectable effect and assurance of any evaluation design.

A design is a name of `standard.NAMES` (typical fields, which are assumptions), a table as in a case
file, or an evaluation design. It is asked about one cohort and one follow-up: `people` planned to
start, a `counterfactual` mean result and an `effect` on it. What a test finds is in `detection`.

Sources: Bloom 1995, "Minimum detectable effects", Evaluation Review 19(5):547-556; O'Hagan, Stevens
and Campbell 2005, "Assurance in clinical trial design", Pharmaceutical Statistics 4(3):187-201.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, isclose
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.core.clusters import Clusters
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.answers import DesignPower
from sibsim.planning.arguments import (
    ALPHA,
    POWER,
    Better,
    Sided,
    inside,
    number,
    one,
    refuse,
)
from sibsim.planning.arguments import (
    people as people_in,
)
from sibsim.planning.asking import (
    check_names,
    evaluated,
    prior_of,
    question_of,
    reach,
    settled,
    whole,
)
from sibsim.planning.detection import Question, detected
from sibsim.planning.more_clusters import has_control_clusters, more_clusters
from sibsim.planning.needed import PeopleNeeded
from sibsim.planning.setting import Result, Setting
from sibsim.planning.solving import fewest, first_reached
from sibsim.planning.standard import Design

LARGEST = 100_000
"""Participants beyond any contract: what cannot be shown with so many cannot be shown by more."""

FEWER = 100
"""How many times fewer people show whether the error still falls."""

SEARCH_POINTS, SEARCH_ROUNDS = 31, 4
"""Effects looked at together in the search for a detectable one: exact to a millionth."""


def power(
    design: Design,
    *,
    people: ArrayLike,
    counterfactual: float,
    effect: ArrayLike,
    alpha: float = ALPHA,
    sided: Sided = 2,
    better: Better | None = None,
    **result: Unpack[Result],
) -> DesignPower:
    """Return how often a design's own test finds an effect, and how often one that is not there.

    A test of two shares divides by the unpooled error here; in a contract a trial's test pools the
    shares, which differs by about a point (`power_of_proportions` is the pooled one).

    Parameters
    ----------
    design
        Name of a standard design, table, or evaluation design.
    people
        People planned to start, whole, at least 2: one number or (N,). Where controls are drawn
        among those referred, both arms; else participants, their controls coming beside them.
    counterfactual
        Mean result without the intervention: a share in [0, 1], mean events, or a mean.
    effect
        Change of it for those who take part, such as 0.1 for 10 points: one number or (W,). A trial
        that reports everybody as allotted finds a part of it.
    alpha
        Level of the test, in (0, 1).
    sided
        1 or 2 directions; both count as found.
    better
        Which direction is the good one; without it that of the effect.
    **result
        Of a person's result `kind` ("binary", yes or no, unless stated; "count", events;
        "continuous", a number), `sd` (of a continuous one), `dispersion` (of a count) and
        `clusters` (such as `{"number": 6, "icc": 0.03}`); and `drift_sd`, how far what
        would happen anyway has moved since a historical baseline was counted or agreed on, as a
        standard deviation in the outcome's unit, 0 or more (0 unless stated; 0.05 is 5 points of a
        share). The evaluator does not see it.

    Returns
    -------
    DesignPower
        Arrays of the shape of people, then of effects; probabilities are NaN where the design has
        no comparison.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or the design cannot measure such a result.
    """
    check_names(result, function=power)
    effects, sizes = number("effect", effect), people_in("people", people)
    question = question_of(alpha, sided=sided, better=better, effects=effects)
    rows = [
        _answer(design, size, counterfactual, effects.ravel(), question=question, result=result)
        for size in sizes.ravel()
    ]
    return DesignPower.stacked(rows, shape=(*sizes.shape, *effects.shape))


def minimum_detectable_effect(
    design: Design,
    *,
    people: ArrayLike,
    counterfactual: float,
    power: float = POWER,
    alpha: float = ALPHA,
    sided: Sided = 2,
    better: Better = "more",
    **result: Unpack[Result],
) -> FloatArray:
    """Return the smallest effect that a design tells from none, in the shape of `people`.

    The smallest with that size-adjusted power: false positives are held at alpha, bias, unseen
    error and drift included. Negative where fewer is better; NaN where no possible effect is
    detected.

    Parameters
    ----------
    design, people, counterfactual, alpha, sided, **result
        As in `power`.
    power
        Probability of finding it, in (0, 1).
    better
        Which direction is the good one.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or the design cannot measure such a result.
    """
    check_names(result, function=minimum_detectable_effect)
    sizes, target = people_in("people", people), float(inside("power", one("power", power)))
    question = question_of(alpha, sided=sided, better=better, effects=np.zeros(1))
    found = [
        _detectable(design, size, counterfactual, target, question=question, result=result)
        for size in sizes.ravel()
    ]
    return np.array(found).reshape(sizes.shape)


def people_needed(
    design: Design,
    *,
    counterfactual: float,
    effect: float,
    power: float = POWER,
    alpha: float = ALPHA,
    sided: Sided = 2,
    **result: Unpack[Result],
) -> PeopleNeeded:
    """Return how many people a design needs to tell an effect from none, or what it can tell.

    The fewest with that size-adjusted power, up to 100,000. Where no number reaches it, what does
    not average out with more people (an unseen error, a drift) stands in the way, and the answer
    says what can be detected, and how many clusters would be enough, with (1 - ICC) / ICC people in
    each. For a trial of yes or no it is the size of the pooled test.

    Parameters
    ----------
    design, counterfactual, alpha, sided, **result
        As in `power`.
    effect
        Change of the mean result, not 0.
    power
        Probability of finding it, in (0, 1).

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or the design cannot measure such a result.
    """
    check_names(result, function=people_needed)
    target = float(inside("power", one("power", power)))
    if not one("effect", effect):
        refuse(
            "effect",
            effect,
            rule="an effect of 0 cannot be told from none",
            way_out="write the smallest effect that matters to the payer",
        )
    effects = np.array([float(effect)])
    question = question_of(alpha, sided=sided, better=None, effects=effects)

    def at(size: float) -> DesignPower:
        return _answer(design, size, counterfactual, effects, question=question, result=result)

    most, fewer = at(LARGEST), at(LARGEST // FEWER)
    enough = fewest(
        lambda size: bool(at(size).size_adjusted_power[0] >= target), above=1, most=LARGEST
    )
    made, setting = settled(
        design,
        setting=Setting(enough or LARGEST, counterfactual, effects, **result),
        sign=question.sign,
    )
    answer = at(setting.people)
    errors = [float(each.standard_error[0]) for each in (most, fewer)]
    floor = _floor(*errors)
    limit = _detectable(design, LARGEST, counterfactual, target, question=question, result=result)

    def in_clusters(design: EvaluationDesign, size: int, clusters: Clusters) -> bool:
        stated = {**result, "clusters": clusters}
        found = _answer(design, size, counterfactual, effects, question=question, result=stated)
        return bool(found.size_adjusted_power[0] >= target)

    more = None
    if enough is None and floor > 0 and made.compares:
        more = more_clusters(made, clusters=setting.grouped, most=LARGEST, enough=in_clusters)
    served = ceil(setting.people * made.served_share)
    return PeopleNeeded(
        people=enough,
        participants=served if enough else None,
        controls=_controls(made, answer=answer, people=setting.people) if enough else None,
        effect=float(effect),
        power=target,
        alpha=question.alpha,
        standard_error=float(answer.standard_error[0]),
        floor=floor,
        falls=not (made.sized_by and isclose(*errors)),
        most=LARGEST,
        detectable=abs(limit) * question.sign,
        clusters=more[0] if more else None,
        people_per_cluster=more[1] if more else None,
        both_arms=has_control_clusters(made),
        least_p=float(most.least_p[0]),
        false_positive=float(answer.false_positive[0]),
        compares=made.compares,
        in_points=setting.kind == "binary",
    )


def assurance(
    design: Design,
    *,
    people: ArrayLike,
    counterfactual: float,
    effect: object,
    alpha: float = ALPHA,
    sided: Sided = 2,
    better: Better | None = None,
    **result: Unpack[Result],
) -> FloatArray:
    """Return the mean probability that a test finds the good effect, in the shape of `people`.

    The mean over a prior of the effect, where power asks about one effect only; significance in the
    wrong direction does not count.

    Parameters
    ----------
    design, people, counterfactual, alpha, sided, **result
        As in `power`.
    effect
        The prior: draws (M,), or a quantity such as `{"p10": 0.0, "p50": 0.1, "p90": 0.2}`.
    better
        Which direction is the good one; without it that of the mean effect.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or the design cannot measure such a result.
    """
    check_names(result, function=assurance)
    sizes = people_in("people", people)
    likely = prior_of(effect, setting=Setting(2, counterfactual, 0.0, **result)).ravel()
    question = question_of(alpha, sided=sided, better=better, effects=likely)
    found = [
        _answer(design, size, counterfactual, likely, question=question, result=result)
        for size in sizes.ravel()
    ]
    return np.array([each.power_for_better.mean() for each in found]).reshape(sizes.shape)


def _controls(design: EvaluationDesign, *, answer: DesignPower, people: int) -> int | None:
    """Return the people of a control group that is drawn for the participants; None: there is none.

    Parameters
    ----------
    design
        The design.
    answer
        What it finds with so many people.
    people
        People planned to start.
    """
    if "controls_per_participant" not in type(design).model_fields:
        return None
    if design.served_share < 1:
        return people - ceil(people * design.served_share)
    return round(float(answer.comparison_people[0]))


def _answer(
    design: Design,
    size: float,
    counterfactual: float,
    effects: FloatArray,
    *,
    question: Question,
    result: Mapping[str, Any],
) -> DesignPower:
    """Return what a design of one size finds, (W,)."""
    asked = np.concatenate([[0.0], effects])
    setting = Setting(whole(size), counterfactual, asked, **result)
    found = evaluated(design, setting=setting, sign=question.sign)
    rest, null = found.part(slice(1, None)), found.part(slice(0, 1))
    return DesignPower.of(
        rest,
        at_effect=detected(rest, null=null, question=question),
        at_none=detected(null, null=null, question=question),
    )


def _floor(error: float, with_fewer: float) -> float:
    """Return what an error does not fall below, from the errors of two sizes.

    With an error of sqrt(floor^2 + v / n); 0 where the floor is a hundredth of the error or less.
    """
    squared = (FEWER * error**2 - with_fewer**2) / (FEWER - 1.0)
    floor = float(np.sqrt(max(squared, 0.0)))
    return floor if floor > error / FEWER else 0.0


def _detectable(
    design: Design,
    size: float,
    counterfactual: float,
    target: float,
    *,
    question: Question,
    result: Mapping[str, Any],
) -> float:
    """Return the smallest effect with a size-adjusted power, with its sign; NaN for none."""
    setting = Setting(whole(size), counterfactual, 0.0, **result)
    found = first_reached(
        lambda sizes: (
            _answer(
                design,
                size,
                counterfactual,
                question.sign * sizes,
                question=question,
                result=result,
            ).size_adjusted_power
        ),
        target=target,
        lower=0.0,
        upper=reach(design, setting=setting, question=question, power=target),
        points=SEARCH_POINTS,
        rounds=SEARCH_ROUNDS,
    )
    return float(question.sign * found)
