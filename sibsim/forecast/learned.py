"""What has been learned of each uncertain quantity, and what the data cannot tell.

learned = 1 - variance after / variance before: the share of what was uncertain that no longer is.
It is below 0 where the data contradict what was held likely. shift = |mean after - mean before| /
standard deviation before: how far the quantity was moved. A quantity may move without narrowing.

Without a comparison the data know one share of each outcome, and what is learned of one quantity
that it is made of hangs on what the plan assumes of the others: those are `given`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import Language
from sibsim.core.words import Words
from sibsim.forecast.data import Reported
from sibsim.forecast.draws import Draws
from sibsim.forecast.likelihood import Likelihood
from sibsim.forecast.quantity_words import outcome_words, quantity_words
from sibsim.forecast.reach import DRIFTS, Reach

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["nothing", "resampling", "numpyro"]
"""How the rows were found."""

MUCH = 0.5
"""Share of the variance that is gone from which a quantity counts as learned: half."""

LITTLE = 0.05
"""Share below which the data do not identify it: its standard deviation fell by under 2.6 %, less
than anyone would see in a figure."""

MOVED = 0.5
"""Shift from which a quantity that did not narrow counts as moved: half a standard deviation, after
which a third of what was held likely (normal: 31 %) lies beyond the new mean."""

OUTCOMES = "outcomes."
"""What the paths of quantities of outcomes begin with."""

START_DELAY = "delivery.start_delay"
"""Path of the quantity that a real start makes known."""

SHARED = ""
"""Cohort of a quantity that all cohorts share."""

Verdict = Literal[
    "learned",
    "a little",
    "moved, not narrowed",
    "not identified by these data",
    "not touched by these data",
]
"""What the data say of a quantity."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a quantity is spread over draws, in its unit."""

    mean: float
    """Mean."""

    sd: float
    """Standard deviation."""

    p5: float
    """Value that it is below in 5 % of draws."""

    p50: float
    """Median."""

    p95: float
    """Value that it is below in 95 % of draws."""

    @classmethod
    def of(cls, values: FloatArray) -> Spread:
        """Return the spread of values, (N,)."""
        low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
        return cls(
            float(values.mean()), float(values.std()), float(low), float(middle), float(high)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What is known of one quantity before and after."""

    quantity: str
    """Path of the quantity; `drifts.<name>` at the last date that the data read."""

    cohort: int | None
    """Position of the cohort, from 1, where each has its own value; None: all share it."""

    before: Spread
    """Before anything was known."""

    after: Spread
    """After what has happened."""

    verdict: Verdict
    """What the data say of it."""

    given: tuple[str, ...] = ()
    """Paths of other quantities of its outcome, on whose distributions in the plan hangs what was
    learned of it: the outcome is known by one share only, as no comparison was reported."""

    @property
    def learned(self) -> float:
        """Share of the variance that is gone; 0 where there was none."""
        return _gone(self.before.sd, self.after.sd)

    @property
    def shift(self) -> float:
        """How far the mean was moved, in standard deviations before; 0 where there was none."""
        return _shift(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Together:
    """Quantities of which the data know only what they come to together."""

    outcome: str
    """Name of the outcome whose reported share is learned."""

    learned: float
    """Largest share of the variance of a reported share that is gone."""

    compared: bool
    """Whether a comparison was reported too, and nonetheless none of the quantities is learned."""

    quantities: tuple[str, ...]
    """Paths of the quantities that it is made of."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What the uncertain parameters may be after what has happened."""

    rows: Mapping[str, FloatArray]
    """Values in each of N joint rows, by path of the quantity, (1 or C, N); empty: none."""

    walks: Mapping[str, FloatArray]
    """How far each drift has moved at the start of the case and at the end of each of its first
    periods in each row, (nodes, N)."""

    effective: float
    """Effective sample size of the draws that the rows are taken from, or of the rows themselves
    where these are chains; NaN where there is nothing to learn from."""

    method: Method
    """How the rows were found."""

    changes: tuple[Change, ...]
    """Every uncertain quantity before and after, in the order of the case, and then drifts."""

    together: tuple[Together, ...]
    """Quantities that are known together only."""

    called: Mapping[str, Words]
    """What sentences call quantities, by path, and outcomes, by `outcomes.<name>`."""

    notes: tuple[Words, ...]
    """What was left out or is unusual."""

    @property
    def independent(self) -> float:
        """How many independent draws the rows are worth; infinity where nothing was sampled.

        1 / (1 / effective + 1 / rows): draws of the plan stand for what is known now, and rows for
        these draws. A bound, as chains are their own rows and systematic resampling adds less.
        """
        number = max(
            (each.shape[-1] for each in (*self.rows.values(), *self.walks.values())), default=0
        )
        if math.isnan(self.effective) or not number:
            return math.inf
        return 1.0 / (1.0 / self.effective + 1.0 / number)

    def table(self, lang: Language = "en") -> pd.DataFrame:
        """Return every uncertain quantity before and after, one row each.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English), of the verdict.
        """
        import pandas as pd

        from sibsim.forecast.learned_words import VERDICTS

        return pd.DataFrame(
            [
                {
                    "quantity": each.quantity,
                    "cohort": SHARED if each.cohort is None else str(each.cohort),
                    **{
                        f"{name}_{when}": getattr(spread, name)
                        for when, spread in (("before", each.before), ("after", each.after))
                        for name in ("mean", "sd", "p5", "p50", "p95")
                    },
                    "learned": each.learned,
                    "shift": each.shift,
                    "verdict": VERDICTS[each.verdict].in_language(lang),
                    "given": ", ".join(each.given),
                }
                for each in self.changes
            ]
        )

    def of(self, verdict: Verdict) -> tuple[str, ...]:
        """Return the quantities with a verdict, those of which any cohort has it once."""
        return tuple(dict.fromkeys(e.quantity for e in self.changes if e.verdict == verdict))

    def sentences(self, lang: Language = "en") -> tuple[str, ...]:
        """Return in words what has been learned and what the data cannot tell.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).
        """
        from sibsim.forecast.learned_words import sentences

        return tuple(each.say(lang) for each in sentences(self))


def learned(
    likelihood: Likelihood,
    *,
    reach: Reach,
    prior: Draws,
    posterior: Draws | None,
    method: Method,
    known: float | None,
    effective: float = math.nan,
) -> Learned:
    """Return what has been learned.

    Parameters
    ----------
    likelihood, reach
        The data, and which quantities they bear on.
    prior, posterior
        Draws before and after; None: there was nothing to learn from.
    method, effective
        How the latter were found, and their effective sample size.
    known
        Start delay in months that has become known; None: it has not.
    """
    number = (prior if posterior is None else posterior).log_likelihood.shape[0]
    rows = {} if posterior is None else {path: posterior.quantities[path] for path in reach.paths}
    if known is not None:
        rows[START_DELAY] = np.full((1, number), known)
    walks = {} if posterior is None else dict(posterior.walks)
    changes = [
        change
        for path, before in prior.quantities.items()
        for change in _changes(path, before=before, after=rows.get(path))
    ]
    for name, nodes in walks.items():
        changes += _changes(DRIFTS + name, before=prior.walks[name][-1:], after=nodes[-1:])
    together = _together(likelihood, reach, changes, prior=prior, posterior=posterior)
    changes = [replace(each, given=_given(each.quantity, together=together)) for each in changes]
    case = likelihood.case
    return Learned(
        rows=rows,
        walks=walks,
        effective=effective,
        method=method,
        changes=tuple(changes),
        together=together,
        called={each.quantity: quantity_words(case, each.quantity) for each in changes}
        | {OUTCOMES + each.outcome: outcome_words(case, each.outcome) for each in together},
        notes=likelihood.notes,
    )


def _changes(path: str, *, before: FloatArray, after: FloatArray | None) -> list[Change]:
    """Return the change of a quantity, one for each cohort that has its own value.

    Parameters
    ----------
    path
        Its path.
    before
        Draws before, (1 or C, N).
    after
        Rows after, (1 or C, N); None: the data do not touch it.
    """
    found = []
    for at, row in enumerate(before):
        spread = Spread.of(row)
        now = spread if after is None else Spread.of(after[min(at, len(after) - 1)])
        verdict: Verdict = "not touched by these data" if after is None else _verdict(spread, now)
        found.append(Change(path, at + 1 if len(before) > 1 else None, spread, now, verdict))
    return found


def _verdict(before: Spread, after: Spread) -> Verdict:
    """Return what the data say of a quantity that they touch."""
    share = _gone(before.sd, after.sd)
    if share >= MUCH:
        return "learned"
    if share >= LITTLE:
        return "a little"
    moved = _shift(before, after) >= MOVED
    return "moved, not narrowed" if moved else "not identified by these data"


def _gone(before: float, after: float) -> float:
    """Return 1 - variance after / variance before, and 0 where there was none."""
    return 1.0 - (after / before) ** 2 if before > 0 else 0.0


def _shift(before: Spread, after: Spread) -> float:
    """Return |mean after - mean before| / sd before, and 0 where there was none."""
    return abs(after.mean - before.mean) / before.sd if before.sd > 0 else 0.0


def _given(path: str, *, together: tuple[Together, ...]) -> tuple[str, ...]:
    """Return the other quantities of the outcomes that a quantity is known by one share of."""
    sums = (each.quantities for each in together if not each.compared and path in each.quantities)
    return tuple(dict.fromkeys(other for each in sums for other in each if other != path))


def _together(
    likelihood: Likelihood,
    reach: Reach,
    changes: list[Change],
    *,
    prior: Draws,
    posterior: Draws | None,
) -> tuple[Together, ...]:
    """Return the quantities that are known together only, outcome by outcome.

    Something is learned of the reported share of an outcome that several quantities move, and no
    comparison was reported; or one was, much is learned of the share, and of none of these.
    """
    if posterior is None:
        return ()
    known = {each.quantity for each in changes if each.learned >= MUCH}
    moved = {each.quantity for each in changes if each.shift >= MOVED}
    gone: dict[str, float] = {}
    parts: dict[str, dict[str, None]] = {}
    compared = set()
    for at, datum in enumerate(likelihood.data):
        if not isinstance(datum, Reported):
            continue
        if datum.arm == "comparison":
            compared.add(datum.outcome)
            continue
        share = _gone(float(prior.center[at].std()), float(posterior.center[at].std()))
        gone[datum.outcome] = max(gone.get(datum.outcome, share), share)
        movers = (path for path in reach.affecting[at] if path.startswith((OUTCOMES, DRIFTS)))
        parts.setdefault(datum.outcome, {}).update(dict.fromkeys(movers))
    return tuple(
        Together(outcome, gone[outcome], outcome in compared, tuple(paths))
        for outcome, paths in parts.items()
        if len(paths) > 1
        and (
            gone[outcome] >= MUCH and not known & set(paths)
            if outcome in compared
            else gone[outcome] >= LITTLE or moved & set(paths)
        )
    )
