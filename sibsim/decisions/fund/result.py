"""A fund of several contracts, simulated: its tables, its concentration, its diversification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.statistics import (
    TAIL,
    Estimate,
    expected_shortfall,
    mc_error_of_mean,
    mc_error_of_probability,
    mc_error_of_quantile,
)
from sibsim.core.wording import Language, language
from sibsim.decisions.fund.concentration import Concentration
from sibsim.decisions.fund.deals import Deal, FundLuck
from sibsim.decisions.fund.fees import Fees
from sibsim.decisions.fund.leaning import Leaning
from sibsim.decisions.fund.risk import Diversification, benefit, contributions, curve
from sibsim.decisions.fund.shocks import Shock
from sibsim.decisions.showing import paragraphs
from sibsim.errors import UnknownNameError
from sibsim.figures import QUANTILES, figures
from sibsim.metrics import ROUNDING

if TYPE_CHECKING:
    import pandas as pd

FUND, FUND_NET = "fund", "fund_net"
"""Rows of the table for all deals together, and for that after costs, fees and carried interest."""


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Several contracts as one fund that makes all their investments, on common draws."""

    deals: tuple[Deal, ...]
    """The deals in order (K of them), with their seeds."""

    draws: int
    """Number of draws (D), at least 2."""

    seed: int
    """Seed of the run."""

    luck: FundLuck
    """Whether each deal has luck of its own, or all have the same seed."""

    shocks: tuple[Shock, ...]
    """What the deals have in common; none: they were taken to be independent."""

    leaning: Leaning
    """Which quantities of each deal lean on which shock, and what is noted of it."""

    fees: Fees
    """What the manager takes."""

    recycling: bool
    """Whether what comes back pays what is needed later before investors are called."""

    rate: float | None
    """Effective annual rate of present values; None: there are none."""

    profits: FloatArray
    """What all investments of each deal earn, before costs that investors bear themselves, money,
    (K, D)."""

    irrs: FloatArray
    """Rate of return of each deal, effective annual, NaN where undefined, (K, D)."""

    metrics: Mapping[str, FloatArray]
    """One number per draw of the fund, (D,) each, by name; what each is stands in `summary`."""

    years: tuple[int, ...]
    """The calendar years of the fund, in order (Y of them)."""

    net_by_year: FloatArray
    """What the fund's investors get less what they pay in, by calendar year, money, (Y, D)."""

    parts_by_year: Mapping[str, FloatArray]
    """Mean over draws of drawings, receipts and the other parts by calendar year, money, (Y,)
    each."""

    def metric(self, name: str) -> FloatArray:
        """Return one metric of the fund, (D,); an unknown name is an error naming the nearest."""
        if name not in self.metrics:
            message = f"a fund has no metric {name!r}{nearest(name, self.metrics)}"
            raise UnknownNameError(message)
        return self.metrics[name]

    @property
    def currency(self) -> str:
        """ISO 4217 code of the currency of all deals."""
        return self.deals[0].case.head.currency

    @property
    def commitments(self) -> FloatArray:
        """What each deal commits, money, (K,)."""
        return np.array([each.commitment for each in self.deals])

    def table(self) -> pd.DataFrame:
        """Return what each deal and the fund come to.

        Returns
        -------
        DataFrame
            One row per deal, then `fund`, all deals together, and `fund_net`, the same for the
            fund's investors after costs they bear themselves, fees and carried interest. Money in
            current prices. `commitment`; `share` of all commitments; `profit`, mean, and `sd`;
            `p_loss`, probability of a loss; `shortfall`, mean loss in the worst twentieth, a gain
            being negative; `irr`, median rate of return where it is defined; `contribution`, the
            mean loss of the deal in the fund's worst twentieth: these sum to the fund's shortfall.
            `<figure>_mc_error`: Monte Carlo standard error.
        """
        import pandas as pd

        parts = contributions(self.profits)
        total = float(self.commitments.sum())
        rows = {
            each.name: _row(each.commitment, total, profit=profit, irr=irr, contribution=part)
            for each, profit, irr, part in zip(
                self.deals, self.profits, self.irrs, parts, strict=True
            )
        }
        whole = expected_shortfall(self.metrics["profit"])
        rows[FUND] = _row(
            total,
            total,
            profit=self.metrics["profit"],
            irr=self.metrics["irr"],
            contribution=whole,
        )
        rows[FUND_NET] = _row(
            total,
            total,
            profit=self.metrics["net_profit"],
            irr=self.metrics["net_irr"],
            contribution=Estimate(np.nan, mc_error=np.nan, undefined=1.0),
        )
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index.name = "deal"
        return frame

    def summary(self) -> pd.DataFrame:
        """Return every metric of the fund with its mean, Monte Carlo error and quantiles.

        Returns
        -------
        DataFrame
            One row per metric, columns as in `Results.summary` without `base`. All investments
            together, before costs and fees: `profit`, `multiple`, `irr`, `npv`, `peak_capital`
            (most money out at any time), `p_loss`. `costs_borne`: costs that investors bear
            themselves; `management_fees`; `carried_interest`. The fund's investors: `called`,
            `distributed`, and `net_profit` to `p_net_loss` as above after all costs.
            `municipality_net` and `public_net`: what the payers of all deals gain together.
        """
        import pandas as pd

        rows = {
            name: figures(values, metric=name, nets=False, chance=True)
            for name, values in self.metrics.items()
        }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index.name = "metric"
        return frame

    def frame(self) -> pd.DataFrame:
        """Return the fund's money by calendar year, ready to be drawn.

        Returns
        -------
        DataFrame
            Index `year`. Means: `drawings`, `receipts` of all deals; `costs_borne`,
            `management_fees`; `called`, `distributed` and `carried_interest`. Of `net`, what
            investors get less what they pay in: `net`, the mean, `net_mc_error`, `p5`, `p50`,
            `p95`, and `cumulative_net`, the running sum of the means. What is paid at the start of
            a period and what is received at its end count in the year of the period.
        """
        import pandas as pd

        quantiles = np.quantile(self.net_by_year, list(QUANTILES.values()), axis=1)
        columns = dict(self.parts_by_year)
        columns["net"] = self.net_by_year.mean(axis=1)
        columns["net_mc_error"] = np.array([mc_error_of_mean(year) for year in self.net_by_year])
        columns |= dict(zip(QUANTILES, quantiles, strict=True))
        columns["cumulative_net"] = columns["net"].cumsum()
        return pd.DataFrame(columns, index=pd.Index(self.years, name="year"))

    def concentration(self) -> Concentration:
        """Return how much of the fund and of its risk sits in single deals."""
        return Concentration(
            names=tuple(each.name for each in self.deals),
            commitments=tuple(float(each) for each in self.commitments),
            contributions=contributions(self.profits),
            alone=tuple(expected_shortfall(profit) for profit in self.profits),
            shortfall=expected_shortfall(self.metrics["profit"]),
            benefit=benefit(self.profits),
            currency=self.currency,
        )

    def diversification(self) -> Diversification:
        """Return how risk per unit of money committed falls with the number of deals."""
        points = curve(self.profits, commitments=self.commitments, seed=self.seed)
        return Diversification(points, self.draws)

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what the fund comes to and what was assumed, one sentence each.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.fund.words import sentences

        lang = language(lang)
        return [each.say(lang) for each in sentences(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        table = self.table().to_string(float_format="{:,.4g}".format)
        return "\n".join([*self.sentences(), table])

    def _repr_html_(self) -> str:
        said = paragraphs(self.sentences())
        return f"{said}{self.table().to_html(border=0, float_format='{:,.4g}'.format)}"


def _row(
    commitment: float,
    total: float,
    *,
    profit: FloatArray,
    irr: FloatArray,
    contribution: Estimate,
) -> dict[str, float]:
    """Return what the table says of one deal or of the fund."""
    loss = profit < -ROUNDING
    worst = expected_shortfall(profit, tail=TAIL)
    earned = irr[~np.isnan(irr)]
    return {
        "commitment": commitment,
        "share": commitment / total,
        "profit": float(profit.mean()),
        "profit_mc_error": mc_error_of_mean(profit),
        "sd": float(profit.std(ddof=1)),
        "p_loss": float(loss.mean()),
        "p_loss_mc_error": mc_error_of_probability(loss),
        "shortfall": worst.value,
        "shortfall_mc_error": worst.mc_error,
        "irr": float(np.median(earned)) if earned.size else np.nan,
        "irr_mc_error": mc_error_of_quantile(irr, probability=0.5),
        "contribution": contribution.value,
        "contribution_mc_error": contribution.mc_error,
    }
