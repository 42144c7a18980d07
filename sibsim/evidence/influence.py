"""Leave-one-out: what the studies find together without each one of them in turn.

Viechtbauer and Cheung 2010, Outlier and influence diagnostics for meta-analysis, Research Synthesis
Methods 1(2). It says whether a result hangs on one study, not whether that study is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.wording import Language, Sentence, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.estimates import LEVEL, SCALE_WORDS, figure
from sibsim.evidence.meta import MetaAnalysis, meta_analysis
from sibsim.evidence.studies import Studies
from sibsim.evidence.weighting import KnappHartung, Method

if TYPE_CHECKING:
    import pandas as pd

FEWEST_STUDIES = 3
"""Without one of two studies there is nothing to put together."""


@dataclass(frozen=True, eq=False, repr=False)
class LeaveOneOut:
    """What studies find together without each one of them in turn."""

    whole: MetaAnalysis
    """The meta-analysis of all."""

    without: tuple[MetaAnalysis, ...]
    """Those without the first study, the second and so on, k of them."""

    notes: tuple[str, ...]
    """Studies that the direction of the effect hangs on, in words."""

    def table(self) -> pd.DataFrame:
        """Return one row per study left out: estimate, interval (ratios as ratios), tau^2, I^2."""
        import pandas as pd

        rows = [
            [
                *(each.shown(value) for value in (each.estimate, each.low, each.high)),
                each.tau2,
                each.i2,
            ]
            for each in self.without
        ]
        return pd.DataFrame(
            rows,
            index=pd.Index(self.whole.studies.names, name="without"),
            columns=["estimate", "low", "high", "tau2", "i2"],
        )

    def __repr__(self) -> str:
        """Return what it says, in one line."""
        return f"<{self.sentence()}>"

    def sentence(self, lang: Language = "en") -> str:
        """Return the range of the results in one sentence, in Danish (`da`) or English (`en`).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        pattern = Words(
            da="Uden et enkelt af de {k} studier: {scale} mellem {low} (uden {lowest}) og {high} "
            "(uden {highest}); med alle {whole}",
            en="Without any one of the {k} studies: {scale} between {low} (without {lowest}) and "
            "{high} (without {highest}); with all of them {whole}",
        )
        estimates = [each.estimate for each in self.without]
        lowest, highest = int(np.argmin(estimates)), int(np.argmax(estimates))
        names, shown = self.whole.studies.names, self.whole.shown
        values: dict[str, Words | str] = {
            "k": str(len(names)),
            "scale": SCALE_WORDS[self.whole.scale],
            "low": figure(shown(estimates[lowest])),
            "lowest": names[lowest],
            "high": figure(shown(estimates[highest])),
            "highest": names[highest],
            "whole": figure(shown(self.whole.estimate)),
        }
        return Sentence(pattern, values).say(language(lang))


def leave_one_out(
    studies: Studies,
    *,
    method: Method = "reml",
    knapp_hartung: KnappHartung = False,
    level: float = LEVEL,
) -> LeaveOneOut:
    """Return what studies find together without each one of them in turn.

    Parameters
    ----------
    studies
        The studies, at least 3.
    method, knapp_hartung, level
        As in `meta_analysis`.

    Raises
    ------
    ArgumentError, UnknownNameError, SolveError
        If there are fewer than 3 studies, and as `meta_analysis` does.
    """
    if studies.number < FEWEST_STUDIES:
        message = (
            f"studies: got {studies.number}; leaving one out takes at least {FEWEST_STUDIES}; "
            "compare the studies themselves"
        )
        raise ArgumentError(message)
    analyses = [
        meta_analysis(each, method=method, knapp_hartung=knapp_hartung, level=level)
        for each in (studies, *(_without(studies, index) for index in range(studies.number)))
    ]
    whole, *without = analyses
    notes = tuple(
        f"without {name} the interval of the mean {'excludes' if _sure(each) else 'includes'} no "
        f"effect, with it it {'excludes' if _sure(whole) else 'includes'} it"
        for name, each in zip(studies.names, without, strict=True)
        if _sure(each) != _sure(whole)
    )
    return LeaveOneOut(whole=whole, without=tuple(without), notes=notes)


def _sure(analysis: MetaAnalysis) -> bool:
    """Return whether the interval of the mean excludes no effect, 0 on the additive scale."""
    return analysis.low > 0 or analysis.high < 0


def _without(studies: Studies, index: int) -> Studies:
    return replace(
        studies,
        names=(*studies.names[:index], *studies.names[index + 1 :]),
        estimate=np.delete(studies.estimate, index),
        variance=np.delete(studies.variance, index),
        counts=None,
        moderators={},
    )
