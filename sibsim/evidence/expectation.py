"""What studies lead one to expect of a place: the mean effect, and the effect in the next one.

The interval of the mean says how well the average over places is known. The interval of the next
place says where the effect of one more place lies, and is the wider of the two wherever places
differ: a case is about one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Unpack, get_args

import numpy as np

from sibsim.core.spec import nearest
from sibsim.core.wording import Language, Sentence, decimal, language, listing
from sibsim.core.words import Words
from sibsim.errors import UnknownNameError
from sibsim.evidence.estimates import Estimated, figure
from sibsim.evidence.weighting import Interval

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.evidence.prior import Details, Prior

PriorOf = Literal["next_site", "mean"]
"""Whether a prior is of the effect in one more place, or of the mean over places."""


@dataclass(frozen=True, eq=False, kw_only=True)
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
        sqrt(tau^2 + se^2) for the next place and se for the mean. A case is about one place, so
        that `next_site` is what it should use; heterogeneity is inside, and no transport is added.
        With Knapp-Hartung the standard error is the scaled one; that its t distribution has wider
        tails is left out.

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
            If the details are not valid in a case.
        """
        from sibsim.evidence.prior import Prior

        if of not in get_args(PriorOf):
            known = get_args(PriorOf)
            message = f"of: got {of!r}; it is {' or '.join(known)}{nearest(str(of), known)}"
            raise UnknownNameError(message)
        predictive = of == "next_site"
        source = details.get("source")
        own: Details = {
            "note": self.origin,
            "notes": self.notes,
            "sources": {name: each for name, each in self.sources.items() if name == source},
        }
        return Prior.of_normal(
            scale=self.scale,
            mean=self.estimate,
            sd=self.next_standard_deviation if predictive else self.standard_error,
            predictive=predictive,
            **(own | details),
        )


def _moderator_words(name: str, value: float | str) -> Words:
    if isinstance(value, str):
        return Words(da=f"{name}: {value}", en=f"{name}: {value}")
    number = decimal(value)
    return Words(da=f"{name} {number.da}", en=f"{name} {number.en}")


def between_places(tau2: float, *, explained: bool) -> Words:
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


def numbers_of(interval: Interval) -> dict[str, float]:
    """Return the fields of an expectation that an interval of one meta-analysis holds."""
    return {
        name: float(getattr(interval, name))
        for name in ("estimate", "standard_error", "low", "high", "next_low", "next_high")
    }
