"""Designs side by side over sizes: one row for each, with error, power and what can be detected.

All designs and sizes are worked out together. Each design is asked once per size, at effects spread
over the whole range; between them variances are cubic splines, which is exact where they are cubic
polynomials of the effect, as those of shares, counts and numbers are, and near it elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Unpack

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.parameters import Quantity
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.answers import DesignPower
from sibsim.planning.arguments import ALPHA, POWER, Better, Sided, inside, one, refuse
from sibsim.planning.arguments import people as people_in
from sibsim.planning.asking import check_names, evaluated, prior_of, question_of, reach, whole
from sibsim.planning.detection import Question, detected
from sibsim.planning.findings import Findings
from sibsim.planning.setting import Result, Setting
from sibsim.planning.solving import first_reached
from sibsim.planning.standard import NAMES, Design, standard_designs

if TYPE_CHECKING:
    import pandas as pd

_STEPS = 24
NODES = 0.5 * (1.0 - np.cos(np.pi * np.arange(_STEPS) / (_STEPS - 1.0)))
"""Places in a range, from 0 to 1, at which each design is asked: closer together at the ends."""

POINTS, ROUNDS = 7, 8
"""Points and rounds of the search for a detectable effect: the range shrinks by 8^8."""

COLUMNS = (
    "design",
    "people",
    "comparison_people",
    "bias",
    "standard_error",
    "rmse",
    "power",
    "false_positive",
    "size_adjusted_power",
    "minimum_detectable_effect",
    "assurance",
)
"""Columns of the table, in order."""


def design_table(
    designs: Design | Sequence[Design] | Mapping[str, Design] | None = None,
    *,
    sizes: ArrayLike,
    counterfactual: float,
    effect: object,
    power: float = POWER,
    alpha: float = ALPHA,
    sided: Sided = 2,
    better: Better | None = None,
    long: bool = False,
    **result: Unpack[Result],
) -> pd.DataFrame:
    """Return one row per design and size.

    Parameters
    ----------
    designs
        Names of standard designs, tables or designs; as a mapping under names of your own. Without
        them the eleven standard designs, whose figures are assumptions.
    sizes
        People planned to start, whole, at least 2, (N,).
    counterfactual
        Mean result without the intervention: a share in [0, 1], mean events, or a mean.
    effect
        Change of it; or a prior such as `{"p10": 0.0, "p50": 0.1, "p90": 0.2}`, whose base value is
        the effect and over which the assurance is taken.
    power
        Power that the minimum detectable effect has, in (0, 1).
    alpha, sided, better, **result
        As in `designs.power`; `drift_sd` too, which a historical baseline alone feels.
    long
        Whether to return design, people, what and value, one row for each figure, ready to plot.

    Returns
    -------
    pandas.DataFrame
        `design`, `people`, `comparison_people`, `bias`, `standard_error`, `rmse`, `power` and
        `false_positive` (of the evaluator's own test), `size_adjusted_power` and
        `minimum_detectable_effect` (with false positives held at alpha; NaN where there is none),
        and `assurance`. All probabilities of a design without a comparison are NaN, since nothing
        is tested. `attrs["assumptions"]` holds the assumed figures of every standard design, with
        their reasons.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or a design cannot measure such a result.
    """
    import pandas as pd

    check_names(result, function=design_table)
    named = _named(designs)
    people = np.atleast_1d(people_in("sizes", sizes)).ravel()
    base = Setting(2, counterfactual, 0.0, **result)
    likely, asked = _effects(effect, setting=base)
    question = question_of(alpha, sided=sided, better=better, effects=likely)
    Setting(2, counterfactual, np.concatenate([likely, [asked]]), **result)
    target = float(inside("power", one("power", power)))
    ask = _Ask(question, target, asked, float(likely.min()), float(likely.max()))
    cells = [
        _Cell.of(each, replace(base, people=whole(size)), ask=ask)
        for each in named.values()
        for size in people
    ]
    curves = _Curves.of(cells)
    null, found = curves.exactly(0), curves.exactly(1)
    answer = DesignPower.of(
        found,
        at_effect=detected(found, null=null, question=question),
        at_none=detected(null, null=null, question=question),
    )
    spread = np.broadcast_to(likely[:, np.newaxis], (len(likely), len(cells)))
    over_prior = detected(curves.at(spread), null=null, question=question)
    columns = {
        "design": np.repeat(list(named), len(people)),
        "people": np.tile(people.astype(np.int64), len(named)),
        **{name: getattr(answer, name)[0] for name in COLUMNS[2:9]},
        "minimum_detectable_effect": _detectable(curves, null, target=target, question=question),
        "assurance": over_prior.better.mean(axis=0),
    }
    table = pd.DataFrame(columns)
    if long:
        table = table.melt(id_vars=["design", "people"], var_name="what", value_name="value")
    table.attrs["assumptions"] = _assumptions(named, setting=base)
    return table


def _assumptions(named: Mapping[str, Design], *, setting: Setting) -> dict[str, str]:
    """Return the assumed figures of every design that goes by a standard name, with reasons."""
    tables = standard_designs(setting=setting)
    return {
        name: str(tables[design]["note"])
        for name, design in named.items()
        if isinstance(design, str)
    }


def _named(
    designs: Design | Sequence[Design] | Mapping[str, Design] | None,
) -> dict[str, Design]:
    """Return the designs by the name that a row has."""
    if designs is None:
        return {name: name for name in NAMES}
    if isinstance(designs, Mapping) and designs and "design" not in designs:
        return dict(designs)
    given = _several(designs)
    names = [_name(each) for each in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        refuse(
            "designs",
            twice,
            rule="rows are told apart by the name of the design, and this one is there twice",
            way_out="write a mapping from names of your own to designs",
        )
    return dict(zip(names, given, strict=True))


def _several(designs: object) -> list[Design]:
    """Return the designs as a list, refused where there are none."""
    if isinstance(designs, str | EvaluationDesign) or (isinstance(designs, Mapping) and designs):
        return [designs]
    if not isinstance(designs, Iterable) or not (given := list(designs)):
        refuse(
            "designs",
            designs,
            rule="they are a list of names, tables or designs, one or more, or a mapping to such",
            way_out="write for instance ['randomised', 'before_after'], or nothing for all eleven",
        )
    return given


def _name(design: Design) -> str:
    if isinstance(design, Mapping):
        return str(design.get("design"))
    return design.design if isinstance(design, EvaluationDesign) else str(design)


def _effects(effect: object, *, setting: Setting) -> tuple[FloatArray, float]:
    """Return the equally likely effects, and the one that power is asked about."""
    likely = prior_of(effect, setting=setting)
    if isinstance(effect, Mapping | Quantity):
        return likely, Quantity.model_validate(effect).base_value
    if likely.size > 1:
        refuse(
            "effect",
            likely.tolist(),
            rule="power is asked about one effect",
            way_out="write one number, or a prior such as {'p10': 0, 'p50': 0.1, 'p90': 0.2}",
        )
    return likely, float(likely[0])


@dataclass(frozen=True, slots=True)
class _Ask:
    """What every cell of the table is asked."""

    question: Question
    """The test."""

    power: float
    """Power that the minimum detectable effect has."""

    effect: float
    """The effect that power is asked about."""

    least: float
    most: float
    """Least and greatest effect of the prior."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one design finds with one size, at effects spread over its range."""

    least: float
    most: float
    """Least and greatest effect looked at."""

    furthest: float
    """How far effects in the good direction go."""

    found: Findings
    """What it finds without an effect, at the one asked about, and at the nodes, (2 + M,)."""

    @classmethod
    def of(cls, design: Design, setting: Setting, *, ask: _Ask) -> _Cell:
        """Return what a design finds in a setting."""
        sign = ask.question.sign
        furthest = reach(design, setting=setting, question=ask.question, power=ask.power)
        least = min(0.0, ask.least, sign * furthest)
        most = max(0.0, ask.most, sign * furthest)
        effects = np.concatenate([[0.0, ask.effect], least + (most - least) * NODES])
        # The last one exactly, so that a share does not leave [0, 1] by rounding.
        effects[-1] = most
        asked = replace(setting, effect=effects)
        found = evaluated(design, setting=asked, sign=sign)
        return cls(least, most, furthest, found)


@dataclass(frozen=True, slots=True)
class _Curves:
    """What all cells find, as splines of the effect."""

    figures: FloatArray
    """Estimate, bias and the squared errors, real, without an effect and stated, where there is no
    effect and at the one asked about, (2, cells, 5)."""

    pieces: FloatArray
    """Coefficients of the five between nodes, (4, M - 1, cells, 5)."""

    least: FloatArray
    most: FloatArray
    furthest: FloatArray
    degrees: FloatArray
    least_p: FloatArray
    comparison_people: FloatArray
    """Of each cell, (cells,)."""

    @classmethod
    def of(cls, cells: list[_Cell]) -> _Curves:
        """Return the curves of all cells."""
        from scipy.interpolate import CubicSpline

        found = [cell.found for cell in cells]
        values = [
            np.stack([each.estimate, each.bias, *(error**2 for error in errors)], axis=-1)
            for each in found
            for errors in [(each.standard_error, each.null_error, each.stated)]
        ]
        figures = np.stack(values, axis=1)
        return cls(
            figures=figures[:2],
            pieces=CubicSpline(NODES, figures[2:]).c,
            least=np.array([cell.least for cell in cells]),
            most=np.array([cell.most for cell in cells]),
            furthest=np.array([cell.furthest for cell in cells]),
            degrees=np.array([each.degrees for each in found], dtype=np.float64),
            least_p=np.array([each.least_p for each in found], dtype=np.float64),
            comparison_people=np.array([each.comparison_people for each in found]),
        )

    def exactly(self, which: int) -> Findings:
        """Return what each cell finds without an effect (0) or at the one asked about (1)."""
        return self._findings(self.figures[which : which + 1])

    def at(self, effects: FloatArray) -> Findings:
        """Return what each cell finds at its effects, (M, cells)."""
        width = np.where(self.most > self.least, self.most - self.least, 1.0)
        place = (effects - self.least) / width
        last = len(NODES) - 2
        piece: IntArray = np.clip(np.searchsorted(NODES, place, side="right") - 1, 0, last)
        step = (place - NODES[piece])[..., np.newaxis]
        cubic = self.pieces[:, piece, np.arange(effects.shape[-1])]
        return self._findings(((cubic[0] * step + cubic[1]) * step + cubic[2]) * step + cubic[3])

    def _findings(self, figures: FloatArray) -> Findings:
        error, null_error, stated = np.sqrt(np.maximum(np.moveaxis(figures[..., 2:], -1, 0), 0.0))
        return Findings(
            estimate=figures[..., 0],
            bias=figures[..., 1],
            standard_error=error,
            null_error=null_error,
            stated=stated,
            degrees=self.degrees,
            least_p=self.least_p,
            comparison_people=self.comparison_people,
        )


def _detectable(
    curves: _Curves, null: Findings, *, target: float, question: Question
) -> FloatArray:
    """Return the smallest effect with a size-adjusted power, (cells,); NaN where there is none."""

    def adjusted(sizes: FloatArray) -> FloatArray:
        found = curves.at(question.sign * sizes)
        return detected(found, null=null, question=question).adjusted

    found = first_reached(
        adjusted,
        target=target,
        lower=np.zeros(len(curves.furthest)),
        upper=curves.furthest,
        points=POINTS,
        rounds=ROUNDS,
    )
    return question.sign * found
