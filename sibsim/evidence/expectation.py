"""What studies lead one to expect of a place: the mean effect, and the effect in the next one.

The interval of the mean says how well the average over places is known. The interval of the next
place says where the effect of one more place lies, and is the wider of the two wherever places
differ: a case is about one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack, get_args

import numpy as np
from scipy.special import stdtr, stdtrit

from sibsim.core.arrays import FloatArray
from sibsim.core.effects import LARGEST_LOG
from sibsim.core.spec import nearest
from sibsim.core.wording import Language, Sentence, decimal, language, listing
from sibsim.core.words import Words
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.estimates import CREDIBLE, Estimated, figure
from sibsim.evidence.studies import RATIOS
from sibsim.evidence.weighting import Interval

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.evidence.prior import Details, Prior

PriorOf = Literal["next_site", "mean"]
"""Whether a prior is of the effect in one more place, or of the mean over places."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Expectation(Estimated):
    """What studies lead one to expect of a place: the mean effect, and that in the next one."""

    at: Mapping[str, float | str]
    """Values of the moderators at the place; empty for a place like the average of the studies."""

    tau2: float
    """Variance of true effects between places, in squared units of the scale; 0 or more."""

    next_low: float
    """Lower end of where the effect in the next such place lies."""

    next_high: float
    """Upper end."""

    origin: str
    """How it was found, in words, for the note of a prior."""

    sources: Mapping[str, Mapping[str, str | int]]
    """Where the studies were read: name of the source to its `title`, `url` and `year`."""

    degrees: int | None = None
    """Degrees of freedom of t in its intervals; None: normal."""

    common: bool = False
    """Whether one effect is assumed to hold everywhere."""

    credible: bool = False
    """Whether intervals hold the effect with a probability, by studies and priors."""

    @property
    def interval_words(self) -> Words:
        """What its intervals are called."""
        return CREDIBLE if self.credible else super().interval_words

    @property
    def between_places(self) -> float:
        """Standard deviation of true effects between places, tau: the `omega` of a transport."""
        return float(np.sqrt(self.tau2))

    @property
    def next_standard_deviation(self) -> float:
        """Standard deviation of the effect in the next place, sqrt(tau^2 + se^2)."""
        return float(np.sqrt(self.tau2 + self.standard_error**2))

    def table(self) -> pd.DataFrame:
        """Return `mean` and `next place` with estimate and interval, ratios as ratios."""
        import pandas as pd

        rows = {
            "mean": (self.estimate, self.low, self.high),
            "next place": (self.estimate, self.next_low, self.next_high),
        }
        return pd.DataFrame.from_dict(
            {name: [self.shown(value) for value in values] for name, values in rows.items()},
            orient="index",
            columns=["estimate", "low", "high"],
        )

    def __repr__(self) -> str:
        """Return what it says, in one line."""
        return f"<{self.sentence()}>"

    def sentence(self, lang: Language = "en") -> str:
        """Return what is expected of the place, in Danish (`da`) or English (`en`).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        pattern = Words(da="Ved {place}: {effect}", en="At {place}: {effect}")
        place = listing([_moderator_words(name, value) for name, value in self.at.items()])
        values = {"place": place, "effect": self.words_with_next_place}
        return Sentence(pattern, values).say(language(lang))

    @property
    def words_with_next_place(self) -> Words:
        """The mean effect with its interval, and where the effect in the next place lies."""
        mean = self.words
        low, high = (figure(self.shown(each)) for each in (self.next_low, self.next_high))
        return Words(
            da=f"{mean.da}; på det næste sted mellem {low.da} og {high.da}",
            en=f"{mean.en}; in the next place between {low.en} and {high.en}",
        )

    def prior(self, *, of: PriorOf = "next_site", **details: Unpack[Details]) -> Prior:
        """Return what a case may assume of the effect.

        Normal on the additive scale around the estimate, with standard deviation
        sqrt(tau^2 + se^2) for the next place and se for the mean; with Knapp-Hartung t with the
        degrees of freedom of the intervals, as 1,000 equally likely quantiles. A case is about one
        place: `next_site` is for a place like those of the studies, in full; where less of the
        effect is expected here, take the `mean` to `Prior.transported` with omega =
        `between_places`.

        Parameters
        ----------
        of
            `next_site` or `mean`.
        details
            Other fields of the prior, such as `measured_at_months`, `source` and `status`. Unless
            given, `note` says how the effect was found, `notes` are those here, and a `source`
            that the studies name is taken from them.

        Raises
        ------
        UnknownNameError
            If `of` is neither.
        ArgumentError, CaseError
            If the next place is asked of a common effect, or the details are not valid in a case.
        """
        from sibsim.evidence.prior import Prior

        if of not in get_args(PriorOf):
            known = get_args(PriorOf)
            message = f"of: got {of!r}; it is {' or '.join(known)}{nearest(str(of), known)}"
            raise UnknownNameError(message)
        predictive = of == "next_site"
        if predictive and self.common:
            message = (
                "of: got 'next_site' of a common effect, which says that places are alike; the "
                "next place is not known to be; take of = 'mean', or a random-effects method such "
                "as 'reml'"
            )
            raise ArgumentError(message)
        sd = self.next_standard_deviation if predictive else self.standard_error
        source = details.get("source")
        own: Details = {
            "note": self.origin,
            "notes": self.notes,
            "sources": {name: each for name, each in self.sources.items() if name == source},
        }
        known_details = own | details
        if self.degrees is None:
            return Prior.of_normal(
                scale=self.scale,
                mean=self.estimate,
                sd=sd,
                predictive=predictive,
                **known_details,
            )
        values, median = self._of_t(sd, degrees=self.degrees)
        return Prior(
            scale=self.scale,
            form={"dist": "empirical", "values": values.tolist()},
            base=median,
            predictive=predictive,
            **known_details,
        )

    def _of_t(self, sd: float, *, degrees: int) -> tuple[FloatArray, float]:
        """Return quantiles and median of estimate + sd t, as readers know them.

        A risk difference is truncated to [-1, 1].

        Parameters
        ----------
        sd
            What t is multiplied by, on the additive scale.
        degrees
            Degrees of freedom of t.
        """
        from sibsim.evidence.prior import LARGEST_EMPIRICAL, midpoints

        low, high = 0.0, 1.0
        if self.scale == "risk_difference":
            low, high = (float(stdtr(degrees, (end - self.estimate) / sd)) for end in (-1.0, 1.0))
        levels = np.append(midpoints(LARGEST_EMPIRICAL), 0.5)
        values = self.estimate + sd * stdtrit(degrees, low + (high - low) * levels)
        if self.scale in RATIOS:
            values = np.exp(np.clip(values, -LARGEST_LOG, LARGEST_LOG))
        return values[:-1], float(values[-1])


def _moderator_words(name: str, value: float | str) -> Words:
    if isinstance(value, str):
        return Words(da=f"{name}: {value}", en=f"{name}: {value}")
    number = decimal(value)
    return Words(da=f"{name} {number.da}", en=f"{name} {number.en}")


def differences_in_words(tau2: float, *, explained: bool) -> Words:
    """Return how much places differ, in words with the blanks `share` and `k`.

    Parameters
    ----------
    tau2
        Variance of true effects between places.
    explained
        Whether moderators explain differences.
    """
    if tau2 > 0:
        return Words(
            da="{share} af variationen er mellem steder",
            en="{share} of the variation is between places",
        )
    da, en = (" yderligere", " further") if explained else ("", "")
    return Words(
        da=f"der blev ikke fundet{da} forskelle mellem steder, hvilket med {{k}} studier ikke "
        "betyder, at der ingen er",
        en=f"no{en} differences between places were found, which with {{k}} studies does not mean "
        "that there are none",
    )


class Numbers(TypedDict):
    """Fields of an expectation that an interval holds."""

    estimate: float
    standard_error: float
    low: float
    high: float
    next_low: float
    next_high: float


def numbers_of(interval: Interval) -> Numbers:
    """Return the fields of an expectation that an interval of one meta-analysis holds."""
    return Numbers(
        estimate=float(interval.estimate),
        standard_error=float(interval.standard_error),
        low=float(interval.low),
        high=float(interval.high),
        next_low=float(interval.next_low),
        next_high=float(interval.next_high),
    )
