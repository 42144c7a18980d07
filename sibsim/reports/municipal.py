"""The tables that a municipality takes into its budget memo, bound to one way of showing them.

What it costs in each budget year, when it saves, on whose budget line, how much of it can be taken
out of a budget, what room it leaves under the service ceiling, and how likely all that is. Columns
are the budget year, three estimate years (overslagsår), all later years and the total; figures are
means over draws, with p5, p95 and the probability of a loss beside totals. A case or a settlement
without chance has one draw: its quantiles are its figures, its probabilities 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

import numpy as np

from sibsim.core.cashflow import RateSteps
from sibsim.core.prices import NO_INDEX, index_named
from sibsim.core.wording import language
from sibsim.errors import ArgumentError
from sibsim.reports.cash import check_party
from sibsim.reports.municipal_ceiling import service_ceiling_table
from sibsim.reports.municipal_lines import (
    amount_table,
    committees_table,
    copenhagen_table,
    lines_table,
    totals_table,
)
from sibsim.reports.municipal_parties import som_table, who_saves_table
from sibsim.reports.municipal_presentation import Presentation
from sibsim.reports.municipal_views import views_table
from sibsim.results import Results, Sign

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False)
class MunicipalBudget(Presentation):
    """What a party takes into its budget memo; every method returns a table of numbers.

    `title` says whose money it is, `caption` unit and prices; they stand in `attrs` of each table
    too, and the caption above its columns. `sign` turns every amount; amounts to set aside are
    always positive.
    """

    def lines(self) -> pd.DataFrame:
        """Return the budget by spending frame and line.

        Returns
        -------
        DataFrame
            Rows (frame, line, item). A saving has its gross amount, what the state's refund,
            equalisation and the budget guarantee take of it, what is not released, and what is
            realisable; the other lines have one row. The `total` of a frame, and of all frames,
            sums what is realisable and the other lines; beside it p5, p95 and the probability of a
            loss over all years.
        """
        return lines_table(self)

    def totals(self) -> pd.DataFrame:
        """Return what the party gains net in each column, with its spread over draws.

        Returns
        -------
        DataFrame
            Rows mean, p5, p50, p95 and the probability of a loss; quantiles of columns do not add
            up to those of the total. Only what is realisable counts.
        """
        return totals_table(self)

    def copenhagen_form(self) -> pd.DataFrame:
        """Return the budget as the investment proposals of the City of Copenhagen show it.

        *Permanent changes* are what follows from results: each budget line with what is realisable
        of it, and in one row what is paid for outcomes, with what is paid back to the party as
        surplus below it. Payments end with the contract and are permanent no more than the savings
        are; they stand here because they are paid out of these and not for setting anything up.
        *Implementation costs* are what it takes to deliver: delivery, overruns, evaluation,
        management, fees for guarantees, less the investor's conditional grant and what the party
        itself puts in and gets back as capital.

        Returns
        -------
        DataFrame
            Rows (section, line, frame), the frame in the place of the form's Styringsområde; totals
            of both sections and the total economic impact with p5, p95 and the probability of a
            loss over all years.
        """
        return copenhagen_table(self)

    def service_ceiling(self) -> pd.DataFrame:
        """Return what the contract does to the room under the service ceiling, year by year.

        room = grant received - costs under the ceiling - payments for outcomes + surplus received
        + savings on services released; cash = room + transfers + investment + outside the frames,
        all of it realisable. Room of one year is not carried to another, so that every calendar
        year of the case has a row and none is summed.

        Returns
        -------
        DataFrame
            One row per calendar year: these amounts, the probability that there is no room, that
            there is none although cash is not negative, and in words whether services give way on
            average. Of transfers, investment and outside each is the net of its frame.
        """
        return service_ceiling_table(self)

    def committees(self) -> pd.DataFrame:
        """Return the net of each committee.

        Returns
        -------
        DataFrame
            One row per committee: budget lines under their own, costs under their own or else the
            contract's, payments, grant and surplus under the contract's; `not stated` is the rest.
            Each with p5, p95 and the probability of a loss over all years.
        """
        return committees_table(self)

    def who_saves(self) -> pd.DataFrame:
        """Return what every party gains and pays: transfers sum to zero over them.

        Returns
        -------
        DataFrame
            One row per party: public budgets, citizens, investors, provider, all others together
            and the account of the contract, which holds money between payments; then society as a
            whole, their sum: resources set free less resources used. Savings count gross, whether
            or not they can be taken out of a budget; what cannot is the memo below, in no sum.
        """
        return who_saves_table(self)

    def som_result(self) -> pd.DataFrame:
        """Return the net result of public budgets as SØM shows it, without and with the contract.

        SØM (Den Socialøkonomiske Investeringsmodel, Social- og Boligstyrelsen) sets the costs of an
        intervention against its yearly consequences for municipality, region and state, at prices
        after statutory refund, and has no payment, investor or contract. *Without contract* is that
        result: the authority bears delivery, nothing is paid for outcomes, and costs of the
        contract alone (`contract_cost`) fall away. *With contract* has costs less the grant, and
        payments less the surplus. As there, equalisation, the budget guarantee and what cannot be
        released are left out, so that with the contract it is no net of `lines`.

        Differences: consequences are simulated from outcomes, where SØM multiplies a success rate
        by differences found in registers that it does not call causal; probabilities stand beside
        totals; refunds follow weeks on support. Not here: SØM's databases of effects, consequences
        and prices, of which `per_year` of a budget line takes a calculation in.

        Returns
        -------
        DataFrame
            Rows (contract, party, item): costs, payments, consequences, net result, and the net
            result of all public parties; `per participant` is the mean total over the mean number
            of participants, empty where a settlement has none.
        """
        return som_table(self)

    def amount_to_budget(self, probability: float) -> pd.DataFrame:
        """Return the smallest amounts that suffice with a probability, positive whatever the sign.

        min { x : P(need <= x) >= probability } of each column over the draws. Years do not add up
        to the total: bad years seldom come together, so that the total's amount is at most their
        sum in most cases, and each answers a question of its own.

        Parameters
        ----------
        probability
            Probability that the amount is enough, between 0 and 1.

        Returns
        -------
        DataFrame
            Rows: payments for outcomes, before any surplus comes back; the party's net cost, below
            0 where the gain is at least that much.

        Raises
        ------
        ArgumentError
            If the probability is not between 0 and 1.
        """
        return amount_table(self, probability)

    def views(
        self,
        *,
        rates: RateSteps | None = None,
        net_tax_factor: float | None = None,
        tax_distortion: float | None = None,
        on: date | str | None = None,
    ) -> pd.DataFrame:
        """Return the fiscal view of all public budgets and the societal view, with present values.

        Fiscal: what municipality, region and state gain and can realise. Societal: (resources set
        free - resources used) x net tax factor, + (distortion - 1) x the fiscal net where the
        distortion factor is not 1. The net tax factor, 1.28, takes factor prices to market prices;
        it is no cost of taxes.

        Parameters
        ----------
        rates
            Real social discount rate in bands, (from year, rate) such as `((0, 0.035), (35,
            0.025), (70, 0.015))`, years from the first calendar year of the case. None: the rule's.
        net_tax_factor
            Market prices over factor prices, at least 1. None: the rule's.
        tax_distortion
            What a krone of public money costs society, at least 1; 1 adds nothing. None: the
            rule's.
        on
            Day on which the rules hold. None: those still in force.

        Returns
        -------
        DataFrame
            Rows (view, item) by year, in total and as present value, with p5, p95 and the
            probability of a loss of the present value beside totals.

        Raises
        ------
        ArgumentError
            If tables are in current prices, a factor is below 1, or no rule covers the day.
        """
        return views_table(
            self,
            rates=rates,
            net_tax_factor=net_tax_factor,
            tax_distortion=tax_distortion,
            on=on,
        )

    def __repr__(self) -> str:
        """Return whose budget it is, in which unit and prices."""
        return f"<MunicipalBudget {self.title}: {self.caption}>"


def municipal_budget(
    results: Results,
    *,
    party: str,
    budget_year: int | None,
    prices: str | None,
    unit: float,
    sign: Sign,
    lang: str,
) -> MunicipalBudget:
    """Return the tables of a party's budget memo, as `Results.municipal_budget` says.

    Parameters
    ----------
    results
        The run, base case or settlement.
    party, budget_year, prices, unit, sign, lang
        As there.
    """
    case = results.case
    check_party(results, party)
    years = case.timeline.years
    first = next((year for year in years if budget_year in {None, year}), None)
    if first is None:
        message = (
            f"budget_year: got {budget_year!r}; the case has money from {years[0]} to "
            f"{years[-1]}; give one of these years"
        )
        raise ArgumentError(message)
    if not 0 < unit < np.inf:
        message = f"unit: got {unit}; a figure stands for more than 0, such as 1000"
        raise ArgumentError(message)
    if sign not in get_args(Sign):
        message = f"sign: got {sign!r}; it is one of {', '.join(get_args(Sign))}"
        raise ArgumentError(message)
    stated = case.valuation.prices if case.valuation else None
    index = prices or stated or NO_INDEX
    index_named(index, indices=case.indices)
    return MunicipalBudget(
        results=results,
        party=party,
        budget_year=first,
        prices=None if index == NO_INDEX else index,
        unit=unit,
        sign=sign,
        lang=language(lang),
    )
