"""What it is worth to know more before deciding on a case: figures, table, sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.case import Case
from sibsim.core.statistics import Estimate
from sibsim.core.wording import Language, language
from sibsim.core.words import Words
from sibsim.decisions.information.valued import Valued
from sibsim.decisions.showing import paragraphs

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["bound", "all", "factor", "group", "study"]
"""Luck foreseen too; all that is uncertain; one factor; a group; the results of a study."""

CLEAR = 2.0
"""Monte Carlo errors from which on a value is told from zero: one in twenty by luck alone."""


@dataclass(frozen=True)
class Learned:
    """One thing that may be learned before deciding, and what that is worth."""

    name: str
    """What it is called in the table: paths of quantities, or the name of a group or study."""

    kind: Kind
    """What kind of knowledge it is."""

    words: Words
    """What it is called in sentences."""

    valued: Valued
    """What it is worth, once it is known, for one decision."""

    cost: float | None = None
    """What it costs, where that is stated."""

    decisions: float = 1.0
    """Number of decisions that it serves."""

    net: Estimate | None = None
    """What it is worth net of what it costs; None where no cost is stated."""

    @property
    def is_clear(self) -> bool:
        """Whether its value is more than Monte Carlo error."""
        return self.valued.value > CLEAR * self.valued.mc_error


@dataclass(frozen=True)
class Information:
    """What it is worth to whoever decides on a case to know more first."""

    case: Case
    """The case."""

    for_: str
    """Who decides: `municipality` (the authority of the case) or `investor`."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    best: str
    """The option that is best on average now."""

    options: Mapping[str, Estimate]
    """Mean present value of each option, in the case's currency."""

    wrong: Estimate
    """Probability that another option is better than `best`, given all that is uncertain."""

    learned: tuple[Learned, ...]
    """Perfect foresight, all parameters, each factor by its value, groups, studies."""

    notes: tuple[Words, ...]
    """What is assumed, left out or unusual."""

    @property
    def everything(self) -> Learned:
        """All that is uncertain but luck."""
        return next(each for each in self.learned if each.kind == "all")

    def table(self) -> pd.DataFrame:
        """Return what each piece of knowledge is worth, in the case's currency, present value.

        Returns
        -------
        DataFrame
            One row per thing that may be learned, index `learned`. `kind`: bound, all, factor,
            group or study; `value` for one decision, `mc_error`; `share` of the value of all
            parameters, NaN where that is not told from zero; `too_low_by`: how much of the value
            may be missing as it is fitted on these draws; `changes`: probability that it changes
            the decision; of studies `cost` and `decisions` that they serve, `net` = decisions x
            value - cost and `net_mc_error`, NaN where no cost is stated.
        """
        import pandas as pd

        whole = self.everything
        total = whole.valued.value if whole.is_clear else np.nan
        rows = {
            each.name: {
                "kind": each.kind,
                "value": each.valued.value,
                "mc_error": each.valued.mc_error,
                "share": each.valued.value / total,
                "too_low_by": each.valued.too_low_by,
                "changes": each.valued.changes,
                "cost": np.nan if each.cost is None else each.cost,
                "decisions": each.decisions if each.kind == "study" else np.nan,
                "net": each.net.value if each.net else np.nan,
                "net_mc_error": each.net.mc_error if each.net else np.nan,
            }
            for each in self.learned
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("learned")

    def decision(self) -> pd.DataFrame:
        """Return what each option brings now.

        Returns
        -------
        DataFrame
            One row per option, index `option`: `value`, the mean present value in the case's
            currency, `mc_error`, and `best`, whether it is the best on average.
        """
        import pandas as pd

        rows = {
            name: {"value": each.value, "mc_error": each.mc_error, "best": name == self.best}
            for name, each in self.options.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("option")

    def frame(self) -> pd.DataFrame:
        """Return the values ready to be drawn as bars, the largest first.

        Returns
        -------
        DataFrame
            Columns `learned`, `kind`, `value`, `low` and `high`: two Monte Carlo errors on either
            side.
        """
        rows = self.table().reset_index().sort_values("value", ascending=False, kind="stable")
        reach = CLEAR * rows["mc_error"]
        rows = rows.assign(low=rows["value"] - reach, high=rows["value"] + reach)
        return rows[["learned", "kind", "value", "low", "high"]].reset_index(drop=True)

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what is best now, what is worth knowing, and what is assumed.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.information.words import sentences

        lang = language(lang)
        return [each.say(lang) for each in sentences(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        told = "\n".join(self.sentences())
        return f"{told}\n{self.table().to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        told = paragraphs(self.sentences())
        return told + self.table().to_html(border=0, float_format="{:,.2f}".format)
