"""Results of a run: labelled arrays and the tables that people read.

A metric is one number per draw. A flow is a posting of the ledger, one amount per period and draw.
The base case is a run of one deterministic draw, so every table works on it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.figures import figures
from sibsim.run import Run

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sibsim.reports.municipal import MunicipalBudget
    from sibsim.reports.plots.pictures import Pictures

Keep = Literal["metrics", "flows", "world"]
"""What a run keeps: one number per metric and draw; the ledger too; what chance decided too."""

Sign = Literal["saving_positive", "expense_positive"]
"""Which way the figures of a budget memo go: what a party gains is positive, or what it pays."""

THOUSAND = 1000
"""Currency that one figure of a budget memo stands for."""

INVESTOR = "investor"
"""Name under which all tranches together are asked for."""


@dataclass(frozen=True)
class Results(Run):
    """What a run found, as the tables that people read."""

    def base_case(self) -> Results:
        """Return the deterministic twin of a run, in which what had happened stands too."""
        return self._base

    @cached_property
    def _base(self) -> Results:
        from sibsim.simulate import base_case

        return base_case(self.case, facts=self.facts)

    def summary(self) -> pd.DataFrame:
        """Return every metric with its mean, Monte Carlo error and quantiles.

        Returns
        -------
        DataFrame
            One row per metric. `base`: the deterministic base case. `mean`: over draws; empty
            for rates and dates, which are never averaged. `mc_error`: Monte Carlo standard error
            of the mean, or of the median where there is no mean; empty without chance. `p5`,
            `p50`, `p95`: quantiles where the metric is defined. `undefined`: share of the other
            draws; one that never pays back or breaks even ranks last. The mean of an indicator
            (`p_...`, `limit_bound....`, `trumped....`) is a probability.
        """
        import pandas as pd

        base = self if self.kind != "run" else self.base_case()
        rows = {
            name: {"base": float(base.metrics[name][0])}
            | figures(values, metric=name, nets=self.in_nets, chance=self.kind == "run")
            for name, values in self.metrics.items()
        }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index.name = "metric"
        return frame

    def risk(self) -> pd.DataFrame:
        """Return how bad it gets for the investor and the municipality.

        Returns
        -------
        DataFrame
            Rows `investor_profit`, `municipality_net`; `value_at_risk`: the loss that one draw in
            twenty exceeds; `expected_shortfall`: the mean loss in the worst twentieth;
            `loss_given_loss`: the mean loss where there is one; each with its Monte Carlo error.
        """
        from sibsim.reports.earnings import risk_table

        return risk_table(self)

    def returns(self) -> pd.DataFrame:
        """Return every figure that is called the return, of all investments and of each tranche.

        Blocks that were not kept are realised again from the seed.

        Returns
        -------
        DataFrame
            Rows (investment, measure); columns p5, p50, p95 over the draws where it is defined,
            and `undefined`, the share of the others. `irr`: effective annual. `multiple`:
            received / drawn. `flat_premium`: multiple - 1, over the whole time. `simple_yearly`:
            flat premium / life, not compounding. `life_years`: mean time until capital is back.
        """
        from sibsim.reports.earnings import returns_table

        return returns_table(self)

    def attribution(self) -> pd.DataFrame:
        """Return which payment lines the investors' receipts come from.

        Money mixes in the account: receipts are shared pro rata to what each line paid in.

        Returns
        -------
        DataFrame
            Rows `payments.<line>`, `unspent` (capital drawn and given back) and
            `guarantees.<name>`; `received`, mean over draws, and its `share`.
        """
        from sibsim.reports.earnings import attribution_table

        return attribution_table(self)

    def outcomes(self) -> pd.DataFrame:
        """Return what each payment line pays for beside what is true and what is additional.

        Returns
        -------
        DataFrame
            By line, mean over draws, over the follow-ups that it pays: `true`, `reported`, `paid`
            (NaN: not by result) and `additional` results; `money`, per true and additional one.
        """
        from sibsim.reports.outcomes import outcomes_table

        return outcomes_table(self)

    def limits(self) -> pd.DataFrame:
        """Return in which periods each limit on payments bound.

        Returns
        -------
        DataFrame
            Rows (limit, period), where it cut anything in any draw; `share_of_draws` in which it
            did, and `mean_cut` over all draws, in current prices.
        """
        from sibsim.reports.limits import limits_table

        return limits_table(self)

    def irr_of_mean_flow(self) -> float:
        """Return the rate of return of the investor's mean flow: of many equal contracts together.

        Effective annual; the mean of rates is never taken.
        """
        from sibsim.reports.cash import irr_of_mean_flow

        return irr_of_mean_flow(self)

    def weighted_average_life(self) -> FloatArray:
        """Return the mean time until the investor is repaid, by money, years, shape (D,)."""
        from sibsim.reports.cash import mean_life

        return mean_life(self)

    def party_flow(self, party: str) -> FloatArray:
        """Return what a party receives less what it pays, (T, D).

        Parameters
        ----------
        party
            A ledger party such as `municipality` or `state`, or `investor` for the drawings and
            receipts of all tranches.

        Raises
        ------
        ArgumentError
            If the run did not keep flows.
        UnknownNameError
            If the ledger knows no such party; names the nearest one.
        """
        from sibsim.reports.cash import party_flow

        return party_flow(self, party)

    def cash_flows(
        self, party: str = INVESTOR, *, by: Literal["period", "year"] = "year"
    ) -> pd.DataFrame:
        """Return a party's cash flow over time.

        Parameters
        ----------
        party
            As in `party_flow`.
        by
            `period` or calendar `year`.

        Returns
        -------
        DataFrame
            One row per period or year: mean, p5, p50, p95 and cumulative mean, in current prices.
        """
        from sibsim.reports.cash import cash_flow_table

        return cash_flow_table(self, party=party, by=by)

    def budget(
        self, party: str = "municipality", *, by: Literal["period", "year"] = "year"
    ) -> pd.DataFrame:
        """Return what each line brings (+) or costs (-) a party over time, mean over draws.

        Parameters
        ----------
        party
            A ledger party.
        by
            `period` or calendar `year`.

        Returns
        -------
        DataFrame
            Rows (frame, line) in current prices, columns periods or years and their total. The
            row `total` sums the ledger; `not released` is a memo (savings that no budget can
            take out), and `total realisable` is what is left. Where lines share a gain, the memo
            `counted elsewhere` is what the others would release; it is in no total.
        """
        from sibsim.reports.cash import party_budget

        return party_budget(self, party=party, by=by)

    def municipal_budget(
        self,
        party: str = "municipality",
        *,
        budget_year: int | None = None,
        prices: str | None = None,
        unit: float = THOUSAND,
        sign: Sign = "saving_positive",
        lang: str = "en",
        refunds_under_ceiling: bool = False,
    ) -> MunicipalBudget:
        """Return the tables that a party takes into its budget memo, as one object.

        Parameters
        ----------
        party
            A ledger party.
        budget_year
            First of the columns, before three estimate years; None: the first year of the case.
        prices
            Index of fixed prices, or `none`: current prices. None: as `valuation.prices` says.
        unit
            How much currency one figure stands for, above 0.
        sign
            Whether what the party gains is positive in its budget, or what it pays.
        lang
            Language of rows and columns, `da` or `en`.
        refunds_under_ceiling
            Whether refunds on services count under the ceiling; that they do not is our reading.

        Raises
        ------
        ArgumentError, UnknownNameError
            If the run did not keep flows, an argument is out of range, or no party is so named.
        """
        from sibsim.reports.municipal import municipal_budget

        return municipal_budget(
            self,
            party=party,
            budget_year=budget_year,
            prices=prices,
            unit=unit,
            sign=sign,
            lang=lang,
            refunds_under_ceiling=refunds_under_ceiling,
        )

    def answers(self, lang: str = "en") -> pd.DataFrame:
        """Return what the case answers each party, one sentence each, in `da` or `en`."""
        from sibsim.reports.answers import answers

        return answers(self, lang=lang)

    def explain(self, draw: int = 0) -> pd.DataFrame:
        """Walk one draw line by line, from who came to who earned.

        Parameters
        ----------
        draw
            Which draw, from 0.

        Returns
        -------
        DataFrame
            One row per step: stage, what, value and how it is made.
        """
        from sibsim.reports.explain import explain

        return explain(self, draw=draw)

    @property
    def plot(self) -> Pictures:
        """The pictures of a run, such as `results.plot.cash_flow()`."""
        from sibsim.reports.plots.pictures import Pictures

        return Pictures(self)

    def reprice(self, case: Case) -> Results:
        """Settle another contract on the worlds of this run: same luck, new terms.

        Parameters
        ----------
        case
            A case that differs from the one that was run only in payments, contract, capital,
            valuation, sources and title.

        Raises
        ------
        ArgumentError
            If the run did not keep its worlds (`keep="world"`), or the new case would have had
            other worlds.
        """
        from sibsim.simulate import reprice

        return reprice(self, case)

    def write_report(self, path: str | Path, *, lang: str = "en") -> Path:
        """Write a workbook, a memo or a page about the results.

        Parameters
        ----------
        path
            The file: `.xlsx` a workbook that recomputes the base case with formulas of its own,
            `.docx` a memo, `.html` a page in one file. A file that is there is replaced.
        lang
            `da` (Danish) or `en` (English).

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ArgumentError, UnknownNameError, FileError
            If the language or the ending of the name is not known, the run kept metrics only or
            tells what has happened, or the file cannot be written.
        """
        from sibsim.reports.writing import write_report

        return write_report(self, path, lang=lang)

    def save(self, folder: str | Path) -> None:
        """Write the results to a folder, whole or not at all.

        Parameters
        ----------
        folder
            A new folder, or one that holds saved results and nothing else, which is replaced.

        Raises
        ------
        FileError
            If the folder holds something else, cannot be written, or the disk is too full.
        """
        from sibsim.storage import save

        save(self, folder)

    def __str__(self) -> str:
        """Return the whole report: what is achieved, paid, earned and gained, what can go wrong."""
        from sibsim.reports.tables import report

        return report(self)

    def __repr__(self) -> str:
        """Return which run this is and what it found first."""
        from sibsim.reports.tables import one_line

        return one_line(self)

    def _repr_html_(self) -> str:
        from sibsim.reports.tables import results_html

        return results_html(self)
