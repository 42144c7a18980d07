"""Mantel-Haenszel: one common effect from people and events, without an estimate per study.

Of study i, a of n1 treated and c of n0 others have the outcome, N = n1 + n0, b = n1 - a and
d = n0 - c those without. Studies are weighted by their people, not by estimated variances, so that
a study with few or no events in a group counts as it should and nothing is added to empty cells.
One effect is assumed for all places: where they differ, `meta_analysis` is what a case needs.

Sources: Mantel and Haenszel 1959, Statistical aspects of the analysis of data from retrospective
studies of disease, Journal of the National Cancer Institute 22. Variances: of the log risk ratio
Greenland and Robins 1985, Estimation of a common effect parameter from sparse follow-up data,
Biometrics 41(1); of the log odds ratio Robins, Breslow and Greenland 1986, Estimators of the
Mantel-Haenszel variance consistent in both sparse data and large-strata limiting models, Biometrics
42(2); of the risk difference Sato 1989, On the variance estimator for the Mantel-Haenszel risk
difference, Biometrics 45(4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.wording import Language, Sentence, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.estimates import LEVEL, Estimated, check_level
from sibsim.evidence.studies import Counts, Studies, StudyScale

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MantelHaenszel(Estimated):
    """A common effect from people and events: risk ratio, odds ratio or risk difference."""

    studies: int
    """Number of studies that say something of it."""

    def table(self) -> pd.DataFrame:
        """Return one row, `common effect`, with estimate and interval, ratios as ratios."""
        import pandas as pd

        row = {name: [self.shown(getattr(self, name))] for name in ("estimate", "low", "high")}
        return pd.DataFrame(row, index=pd.Index(["common effect"]))

    def __repr__(self) -> str:
        """Return what it says, in one line."""
        return f"<{self.sentence()}>"

    def sentence(self, lang: Language = "en") -> str:
        """Return the result in one sentence, in Danish (`da`) or English (`en`).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        pattern = Words(
            da="{k} studier samlet efter Mantel-Haenszel, samme effekt overalt antaget: {effect}",
            en="{k} studies put together by Mantel-Haenszel, the same effect assumed everywhere: "
            "{effect}",
        )
        values: dict[str, Words | str] = {"k": str(self.studies), "effect": self.words}
        return Sentence(pattern, values).say(language(lang))


def mantel_haenszel(studies: Studies, *, level: float = LEVEL) -> MantelHaenszel:
    """Return the common effect of studies that give people and events, on their own scale.

    Parameters
    ----------
    studies
        The studies, with counts, on the scale `risk_ratio`, `odds_ratio` or `risk_difference`.
    level
        Probability that the interval is to cover, in (0, 1).

    Raises
    ------
    ArgumentError
        If studies give no counts, the scale is another, the level is no probability, or there are
        too few events for a ratio.
    """
    if studies.scale not in _ESTIMATES:
        message = (
            f"studies.scale: got {studies.scale!r}; Mantel-Haenszel puts {', '.join(_ESTIMATES)} "
            "together; use meta_analysis"
        )
        raise ArgumentError(message)
    if studies.counts is None:
        message = (
            "studies.counts: got none; Mantel-Haenszel needs people and events of both groups of "
            "every study; give them, or use meta_analysis"
        )
        raise ArgumentError(message)
    check_level(level)
    silent = _silent(studies.counts, scale=studies.scale)
    estimate, variance = _ESTIMATES[studies.scale](studies.counts)
    if not (np.isfinite(estimate) and np.isfinite(variance)):
        message = (
            f"studies: got no {studies.scale}; one group of all studies together has no events, "
            "or nothing else; use scale = 'risk_difference'"
        )
        raise ArgumentError(message)
    reach = float(ndtri((1.0 + level) / 2.0) * np.sqrt(variance))
    named = [name for name, which in zip(studies.names, silent, strict=True) if which]
    verbs = "has no contrast and counts" if len(named) == 1 else "have no contrast and count"
    note = f"{len(named)} of {studies.number} studies {verbs} for nothing: {', '.join(named)}"
    return MantelHaenszel(
        scale=studies.scale,
        level=level,
        estimate=estimate,
        standard_error=float(np.sqrt(variance)),
        low=estimate - reach,
        high=estimate + reach,
        studies=studies.number - len(named),
        notes=(note,) if named else (),
    )


def _silent(counts: Counts, *, scale: StudyScale) -> BoolArray:
    """Return which studies say nothing of a ratio: no events at all; for odds, nothing else."""
    events = counts.events + counts.comparison_events
    people = counts.people + counts.comparison_people
    if scale == "risk_difference":
        return np.zeros(events.shape, dtype=np.bool_)
    return np.asarray((events == 0) | ((events == people) & (scale == "odds_ratio")))


def _cells(counts: Counts) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return a, n1, c, n0 and N."""
    people, others = counts.people, counts.comparison_people
    return counts.events, people, counts.comparison_events, others, people + others


def _risk_ratio(counts: Counts) -> tuple[float, float]:
    """Return ln(sum a n0 / N / sum c n1 / N) and its variance."""
    a, n1, c, n0, total = _cells(counts)
    treated, others = (a * n0 / total).sum(), (c * n1 / total).sum()
    spread = ((n1 * n0 * (a + c) - a * c * total) / total**2).sum()
    return _log_ratio(treated, others), _over(spread, treated * others)


def _odds_ratio(counts: Counts) -> tuple[float, float]:
    """Return ln(sum R / sum S), R = a d / N and S = b c / N, and its variance.

    sum P R / (2 (sum R)^2) + sum (P S + Q R) / (2 sum R sum S) + sum Q S / (2 (sum S)^2), with
    P = (a + d) / N and Q = (b + c) / N.
    """
    a, n1, c, n0, total = _cells(counts)
    b, d = n1 - a, n0 - c
    alike, unlike = (a + d) / total, (b + c) / total
    for_treated, for_others = a * d / total, b * c / total
    r, s = for_treated.sum(), for_others.sum()
    variance = (
        _over((alike * for_treated).sum(), r**2)
        + _over((alike * for_others + unlike * for_treated).sum(), r * s)
        + _over((unlike * for_others).sum(), s**2)
    )
    return _log_ratio(r, s), variance / 2.0


def _risk_difference(counts: Counts) -> tuple[float, float]:
    """Return D = sum (a n0 - c n1) / N / W, W = sum n1 n0 / N, and its variance.

    (D sum L + sum M) / W^2, L = (n1^2 c - n0^2 a + n1 n0 (n0 - n1) / 2) / N^2 and
    M = (a (n0 - c) + c (n1 - a)) / (2 N).
    """
    a, n1, c, n0, total = _cells(counts)
    weight = (n1 * n0 / total).sum()
    estimate = float(((a * n0 - c * n1) / total).sum() / weight)
    tilt = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2.0) / total**2
    mixed = (a * (n0 - c) + c * (n1 - a)) / (2.0 * total)
    return estimate, float((estimate * tilt.sum() + mixed.sum()) / weight**2)


_ESTIMATES: Mapping[StudyScale, Callable[[Counts], tuple[float, float]]] = MappingProxyType(
    {
        "risk_ratio": _risk_ratio,
        "odds_ratio": _odds_ratio,
        "risk_difference": _risk_difference,
    }
)


def _log_ratio(above: float, below: float) -> float:
    """Return ln(above / below), NaN where either is 0."""
    return float(np.log(above / below)) if above > 0 and below > 0 else np.nan


def _over(above: float, below: float) -> float:
    """Return above / below, NaN where that is 0."""
    return float(above / below) if below > 0 else np.nan
