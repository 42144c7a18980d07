"""What has been learned of each uncertain quantity, and what the data cannot tell.

learned = 1 - variance after / variance before: the share of what was uncertain that no longer is.
It is below 0 where the data contradict what was held likely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.amounts import chance
from sibsim.core.arrays import FloatArray
from sibsim.core.wording import Language, Sentence, listing
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

START_DELAY = "delivery.start_delay"
"""Path of the quantity that a real start makes known."""

SHARED = ""
"""Cohort of a quantity that all cohorts share."""

Verdict = Literal[
    "learned", "a little", "not identified by these data", "not touched by these data"
]
"""What the data say of a quantity."""

_VERDICTS: Mapping[Verdict, Words] = {
    "learned": Words(da="lært", en="learned"),
    "a little": Words(da="lidt", en="a little"),
    "not identified by these data": Words(
        da="kan ikke bestemmes af disse data", en="not identified by these data"
    ),
    "not touched by these data": Words(
        da="berøres ikke af disse data", en="not touched by these data"
    ),
}


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

    @property
    def learned(self) -> float:
        """Share of the variance that is gone; 0 where there was none."""
        return _gone(self.before.sd, self.after.sd)


@dataclass(frozen=True, slots=True)
class Together:
    """Quantities of which the data know only what they come to together."""

    outcome: str
    """Name of the outcome whose reported share is learned."""

    learned: float
    """Largest share of the variance of a reported share that is gone."""

    quantities: tuple[str, ...]
    """Paths of the quantities that it is made of, none of them learned."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What the uncertain parameters may be after what has happened."""

    rows: Mapping[str, FloatArray]
    """Values in each of N joint rows, by path of the quantity, (1 or C, N); empty: none."""

    walks: Mapping[str, FloatArray]
    """How far each drift has moved at the start of the case and at the end of each of its first
    periods in each row, (nodes, N)."""

    effective: float
    """Effective sample size of the rows; NaN where there is nothing to learn from."""

    method: Method
    """How the rows were found."""

    changes: tuple[Change, ...]
    """Every uncertain quantity before and after, in the order of the case, and then drifts."""

    together: tuple[Together, ...]
    """Quantities that are known together only."""

    called: Mapping[str, Words]
    """What sentences call quantities, by path, and outcomes, by `outcomes.<name>`."""

    notes: tuple[str, ...]
    """What was left out or is unusual."""

    def table(self, lang: Language = "en") -> pd.DataFrame:
        """Return every uncertain quantity before and after, one row each.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English), of the verdict.
        """
        import pandas as pd

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
                    "verdict": _VERDICTS[each.verdict].in_language(lang),
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
        if self.method == "nothing":
            return (_NOTHING.in_language(lang),)
        found: list[str] = []
        for verdict, pattern in _SENTENCES.items():
            if quantities := self.of(verdict):
                subject = _THEY if found else _THESE_DATA
                values = {"they": subject, "names": self._listed(quantities)}
                found.append(Sentence(pattern, values).say(lang))
        for each in self.together:
            together = {
                "outcome": self.called[_OUTCOMES + each.outcome],
                "share": chance(each.learned),
                "names": self._listed(each.quantities),
            }
            found.append(Sentence(_TOGETHER, together).say(lang))
        return tuple(found)

    def _listed(self, quantities: Sequence[str]) -> Words:
        """Return what quantities are called, each name once."""
        names = [self.called[path] for path in quantities]
        return listing([each for at, each in enumerate(names) if each not in names[:at]])


_OUTCOMES = "outcomes."
_NOTHING = Words(
    da="Der er endnu intet kendt, som siger noget om de usikre størrelser.",
    en="Nothing is known yet that says anything about the uncertain quantities.",
)
_SENTENCES: Mapping[Verdict, Words] = {
    "learned": Words(
        da="{they} har fjernet mindst halvdelen af usikkerheden om {names}",
        en="{they} have removed at least half of the uncertainty about {names}",
    ),
    "a little": Words(da="{they} siger lidt om {names}", en="{they} say a little about {names}"),
    "not identified by these data": Words(
        da="{they} afhænger af, men kan ikke bestemme {names}",
        en="{they} depend on, but do not identify {names}",
    ),
    "not touched by these data": Words(
        da="{they} siger intet om {names}", en="{they} say nothing about {names}"
    ),
}
_THESE_DATA = Words(da="disse data", en="these data")
_THEY = Words(da="de", en="they")
_TOGETHER = Words(
    da="hvad deltagerne opnår i {outcome}, er lært ({share} af variansen er væk), men disse data "
    "kan ikke skille ad, hvad det består af; kun samlet kendes {names}",
    en="what participants achieve in {outcome} is learned ({share} of its variance is gone), but "
    "these data cannot tell apart what it is made of; known together only: {names}",
)


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
    case = likelihood.case
    return Learned(
        rows=rows,
        walks=walks,
        effective=effective,
        method=method,
        changes=tuple(changes),
        together=together,
        called={each.quantity: quantity_words(case, each.quantity) for each in changes}
        | {_OUTCOMES + each.outcome: outcome_words(case, each.outcome) for each in together},
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
        share = _gone(spread.sd, now.sd)
        verdict: Verdict = "not identified by these data"
        if after is None:
            verdict = "not touched by these data"
        elif share >= MUCH:
            verdict = "learned"
        elif share >= LITTLE:
            verdict = "a little"
        found.append(Change(path, at + 1 if len(before) > 1 else None, spread, now, verdict))
    return found


def _gone(before: float, after: float) -> float:
    """Return 1 - variance after / variance before, and 0 where there was none."""
    return 1.0 - (after / before) ** 2 if before > 0 else 0.0


def _together(
    likelihood: Likelihood,
    reach: Reach,
    changes: list[Change],
    *,
    prior: Draws,
    posterior: Draws | None,
) -> tuple[Together, ...]:
    """Return the quantities that are known together only, outcome by outcome.

    The reported share of an outcome is learned, and none of several quantities that move it is.
    """
    if posterior is None:
        return ()
    most = {each.quantity: -math.inf for each in changes}
    for each in changes:
        most[each.quantity] = max(most[each.quantity], each.learned)
    gone: dict[str, float] = {}
    parts: dict[str, dict[str, None]] = {}
    for at, datum in enumerate(likelihood.data):
        if isinstance(datum, Reported) and datum.arm == "treated":
            share = _gone(float(prior.center[at].std()), float(posterior.center[at].std()))
            gone[datum.outcome] = max(gone.get(datum.outcome, share), share)
            movers = (path for path in reach.affecting[at] if path.startswith((_OUTCOMES, DRIFTS)))
            parts.setdefault(datum.outcome, {}).update(dict.fromkeys(movers))
    return tuple(
        Together(outcome, gone[outcome], tuple(paths))
        for outcome, paths in parts.items()
        if gone[outcome] >= MUCH and len(paths) > 1 and all(most[path] < MUCH for path in paths)
    )
