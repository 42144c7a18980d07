"""What a piece of knowledge is worth, with its error, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.core.amounts import chance, in_both
from sibsim.core.wording import Language, Sentence, decimal, language
from sibsim.core.words import Words
from sibsim.decisions.showing import paragraphs

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 4
"""Significant digits of a value whose unit is not known."""

_SENTENCE = Words(
    da="værdien er {value} (Monte Carlo-fejl {error}); uden den viden er {best} bedst, og i "
    "{chance} af {draws} trækninger ændrer den valget",
    en="the value is {value} (Monte Carlo error {error}); without that knowledge {best} is best, "
    "and in {chance} of {draws} draws it changes the choice",
)


@dataclass(frozen=True, slots=True)
class Valued:
    """What it is worth to know something before choosing."""

    value: float
    """Expected gain over choosing now, in the unit of the net benefit."""

    mc_error: float
    """Its standard error over repeated sets of draws, that of the fitted relation included."""

    too_low_by: float
    """How much of the value is lost, in expectation and at most, as the relation is fitted on
    these draws; 0 where nothing is fitted."""

    changes: float
    """Share of draws in [0, 1] in which the knowledge leads to another choice than now."""

    best: str
    """The option that is best on average now."""

    draws: int
    """Number of draws (D)."""

    terms: int
    """Terms that were fitted; 0 where nothing is fitted."""

    left_out: int = 0
    """Products of two quantities that were left out of the fit, as draws are too few for them."""

    def table(self) -> pd.DataFrame:
        """Return one row, indexed by the option that is best now, with all fields as columns."""
        import pandas as pd

        names = ["value", "mc_error", "too_low_by", "changes", "draws", "terms", "left_out"]
        row = {name: getattr(self, name) for name in names}
        return pd.DataFrame([row], index=pd.Index([self.best], name="best"))

    def sentence(self, lang: Language = "en") -> str:
        """Return what it is worth, in the unit of the net benefit.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        values: dict[str, Words | str] = {
            "value": decimal(float(f"{self.value:.{DIGITS}g}")),
            "error": decimal(float(f"{self.mc_error:.{DIGITS}g}")),
            "best": self.best,
            "chance": chance(self.changes),
            "draws": in_both(f"{self.draws:,}"),
        }
        return Sentence(_SENTENCE, values).say(language(lang))

    def __repr__(self) -> str:
        """Return the sentence and the table as text."""
        return f"{self.sentence()}\n{self.table().to_string()}"

    def _repr_html_(self) -> str:
        return f"{paragraphs([self.sentence()])}{self.table().to_html(border=0)}"
