"""How much of a fund and of its risk sits in single deals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.statistics import Estimate
from sibsim.core.wording import Language, language
from sibsim.decisions.showing import paragraphs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Concentration:
    """Shares of each deal in what is committed and in the expected shortfall of the fund."""

    names: tuple[str, ...]
    """The deals in order."""

    commitments: tuple[float, ...]
    """What each commits, money."""

    contributions: tuple[Estimate, ...]
    """Mean loss of each in the fund's worst twentieth, money; they sum to `shortfall`."""

    alone: tuple[Estimate, ...]
    """Expected shortfall of each by itself, money: the mean loss in its own worst twentieth."""

    shortfall: Estimate
    """Expected shortfall of the fund before costs and fees, money; below zero it is a gain."""

    benefit: Estimate
    """Diversification benefit: the sum of those alone less that of the fund, money."""

    currency: str
    """ISO 4217 code."""

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of each deal in all commitments."""
        total = sum(self.commitments)
        return tuple(each / total for each in self.commitments)

    @property
    def risk_shares(self) -> tuple[float, ...]:
        """Share of each deal in the fund's expected shortfall.

        Below zero a deal that gains when the fund loses; NaN where the fund gains even in its
        worst twentieth.
        """
        whole = self.shortfall.value
        return tuple(each.value / whole if whole > 0 else np.nan for each in self.contributions)

    @property
    def herfindahl(self) -> float:
        """Sum of the squared shares in commitments: 1 / K for K equal deals, 1 for a single one."""
        return sum(share**2 for share in self.shares)

    @property
    def largest(self) -> str:
        """The deal that commits most, the first of several."""
        return self.names[int(np.argmax(self.commitments))]

    @property
    def riskiest(self) -> str:
        """The deal that contributes most to the expected shortfall, the first of several."""
        return self.names[int(np.argmax([each.value for each in self.contributions]))]

    def table(self) -> pd.DataFrame:
        """Return one row per deal and the fund.

        Returns
        -------
        DataFrame
            Index `deal`; `commitment` and its `share`; `contribution` to the fund's expected
            shortfall and `risk_share`; `alone`, the expected shortfall of the deal by itself, for
            the fund the sum of them; `<figure>_mc_error`. The error of a sum is not given.
        """
        import pandas as pd

        rows = {
            name: {
                "commitment": money,
                "share": share,
                "contribution": part.value,
                "contribution_mc_error": part.mc_error,
                "risk_share": risk,
                "alone": alone.value,
                "alone_mc_error": alone.mc_error,
            }
            for name, money, share, part, risk, alone in zip(
                self.names,
                self.commitments,
                self.shares,
                self.contributions,
                self.risk_shares,
                self.alone,
                strict=True,
            )
        }
        rows["fund"] = {
            "commitment": sum(self.commitments),
            "share": 1.0,
            "contribution": self.shortfall.value,
            "contribution_mc_error": self.shortfall.mc_error,
            "risk_share": sum(self.risk_shares),
            "alone": sum(each.value for each in self.alone),
            "alone_mc_error": np.nan,
        }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index.name = "deal"
        return frame

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what the figures say, one sentence each.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.fund.words import of_concentration

        lang = language(lang)
        return [each.say(lang) for each in of_concentration(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        table = self.table().to_string(float_format="{:,.4g}".format)
        return "\n".join([*self.sentences(), table])

    def _repr_html_(self) -> str:
        said = paragraphs(self.sentences())
        return f"{said}{self.table().to_html(border=0, float_format='{:,.4g}'.format)}"
