"""Changes that open a zone, and those that do not: tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.wording import Language, language
from sibsim.decisions.conditions import Condition
from sibsim.decisions.showing import paragraphs
from sibsim.decisions.terms import Term

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.decisions.corridor.result import Corridor

Kind = Literal["investor's limit", "payer's limit", "term"]
"""What is changed."""

Outcome = Literal["opens", "does not open", "refused"]
"""Whether a change opens a zone; refused: the case accepts none of the changes that were tried."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One change that was tried by itself."""

    kind: Kind
    """What is changed: a limit of a side, or another term of the contract."""

    condition: Condition | None
    """The condition whose limit is relaxed; None for a term."""

    term: Term | None
    """The term; None for a limit."""

    outcome: Outcome
    """Whether the change opens a zone."""

    present: float
    """What it is now, in its unit; of several numbers the first."""

    needed: float = np.nan
    """What opens a zone; NaN where nothing that was tried does."""

    mc_error: float = np.nan
    """Monte Carlo standard error of `needed`; NaN where it cannot be told."""

    in_proportion: float = np.inf
    """Change in proportion to `present`; of a limit of zero to the figure at today's terms."""

    at: float = np.nan
    """Value of the corridor's term at which the zone opens."""

    tried_lowest: float = np.nan
    """Lowest value that was tried and that the case accepts; NaN for a limit."""

    tried_highest: float = np.nan
    """Highest value that was tried and that the case accepts; NaN for a limit."""

    why: str = ""
    """What the case says against values that it refuses."""

    @property
    def name(self) -> str:
        """Return the condition or the paths of the term."""
        return str(self.condition or self.term)


@dataclass(frozen=True, eq=False)
class Openings:
    """Single changes that open a zone, the smallest in proportion first, then the others."""

    found: Corridor
    """The corridor without a zone."""

    rows: tuple[Opening, ...]
    """The changes that were tried; empty where there is a zone."""

    repricings: int
    """Number of contracts that were re-priced for it."""

    @property
    def opening(self) -> tuple[Opening, ...]:
        """Return the changes that open a zone, the smallest first."""
        return tuple(each for each in self.rows if each.outcome == "opens")

    def table(self) -> pd.DataFrame:
        """Return every change that was tried.

        Returns
        -------
        DataFrame
            One row per change, by the condition or the path: `kind`: what is changed; `outcome`:
            whether it opens a zone; `present`, `needed`, `mc_error`: its value now, that which
            opens one, and its Monte Carlo standard error, empty where it cannot be told;
            `in_proportion`: the change; `at`: value of the corridor's term at which the zone opens;
            `tried_lowest`, `tried_highest`: values of a term that were tried; `why`: what the case
            says against values that it refuses.
        """
        import pandas as pd

        columns = [
            "kind",
            "outcome",
            "present",
            "needed",
            "mc_error",
            "in_proportion",
            "at",
            "tried_lowest",
            "tried_highest",
            "why",
        ]
        frame = pd.DataFrame(
            [[getattr(each, column) for column in columns] for each in self.rows],
            columns=columns,
            index=pd.Index([each.name for each in self.rows], name="change", dtype=object),
        )
        frame["in_proportion"] = frame["in_proportion"].replace(np.inf, np.nan)
        return frame

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return each change that opens a zone, then what was tried in vain; Danish or English.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.corridor.opening_words import sentences

        lang = language(lang)
        return [each.say(lang) for each in sentences(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        table = self.table().drop(columns="why").to_string(float_format="{:,.4g}".format)
        return "\n".join([*self.sentences(), "", table])

    def _repr_html_(self) -> str:
        said = paragraphs(self.sentences())
        return said + self.table().to_html(border=0, float_format="{:,.4g}".format)
