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
from sibsim.core.prices import NO_INDEX
from sibsim.core.spec import nearest
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
from sibsim.reports.municipal_presentation import Presentation, is_number
from sibsim.reports.municipal_views import views_table
from sibsim.results import Results, Sign

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False)
class MunicipalBudget(Presentation):
    """What a party takes into its budget memo; every method returns a table of numbers.

    `title` says whose money it is, `caption` unit, prices and sign; they stand in `attrs` of each
    table too, and the caption above its columns. `sign` turns the rows of the party's budget:
    `lines`, `totals`, `copenhagen_form`, `committees`. In the other tables gains are positive
    whatever the sign, and amounts to set aside are; each caption says which, and a probability is
    always of the figures beside it.
    """

    def lines(self) -> pd.DataFrame:
        """Return the budget by spending frame and line.

        The gross amount is called a saving where the party saves, a gain where it is a tax or what
        citizens earn, an effect where it costs on average or falls on another party.

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

        *Permanent changes* are each budget line with what is realisable of it. *Temporary changes*
        are in one row what is paid for outcomes, and what is paid back to the party as surplus. The
        form has no such section: its investments are paid for once, whereas these follow results
        like savings do and end with the contract, so that they are neither permanent nor what it
        takes to set anything up. *Implementation costs* are what it takes to deliver: delivery,
        overruns, evaluation, management, fees for guarantees, less the investor's conditional grant
        and what the party itself puts in and gets back as capital.

        Returns
        -------
        DataFrame
            Rows (section, line, frame), the frame in the place of the form's Styringsområde; totals
            of the sections and the total economic impact with p5, p95 and the probability of a
            loss over all years. `attrs["payback_year"]` is the calendar year from whose end on the
            mean net so far stays at 0 or above, None where it does not.
        """
        return copenhagen_table(self)

    def service_ceiling(self) -> pd.DataFrame:
        """Return what the contract does to the room under the service ceiling, year by year.

        Change in room = grant received - costs under the ceiling - payments for outcomes + surplus
        received + savings on services released; cash = change in room + refunds outside the ceiling
        + transfers + investment + outside the frames, all of it realisable. How much room there is
        without the contract is not known. Room of one year is not carried to another, so that every
        calendar year of the case has a row and none is summed. Gains are positive whatever the
        sign.

        What the state refunds less on services stands outside the ceiling: our reading, an
        assumption, not found in a source. `refunds_under_ceiling` of the memo counts it under it.

        Returns
        -------
        DataFrame
            One row per calendar year: these amounts, the probability that room shrinks, that it
            does although cash is not negative, and in words whether services give way. Yes: the
            mean change is below zero by more than two Monte Carlo errors and by more than half a
            unit shown; `about zero`: below by less; else no. There is cash unless its mean is below
            zero by the same rule. Of transfers, investment and outside each is the net of its
            frame; `attrs` says where refunds count.
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
            whole, their sum: resources set free less resources used, `without the value of work`
            unless a line of kind `resource` is the citizens'. Savings count gross, whether or not
            they can be taken out of a budget; what cannot stands right below its party, in no sum:
            the party's row less it is its net in `totals`. Equalisation is booked with the state,
            which stands for the scheme. Gains are positive whatever the sign.
        """
        return who_saves_table(self)

    def som_result(self) -> pd.DataFrame:
        """Return the net result of public budgets as SØM shows it, without and with the contract.

        SØM (Den Socialøkonomiske Investeringsmodel, Social- og Boligstyrelsen) sets the costs of an
        intervention against its yearly consequences for municipality, region and state, at prices
        after statutory refund, and has no payment, investor or contract. *Without contract* is that
        result: the authority bears delivery, also what an investor pays of it itself, nothing is
        paid for outcomes, and costs of the contract alone (`contract_cost`) fall away. *With
        contract* has costs less the grant, and payments less the surplus. As there, equalisation,
        the budget guarantee and what cannot be released are left out of the net result; with the
        contract they stand below it where they are not zero, down to the net in `totals`. Gains are
        positive whatever the sign.

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
            Rows: payments for outcomes, before any surplus comes back; the party's net cost. Below
            0 where money comes in: a gain of at least that much, for a payee its receipts.

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
        it is no cost of taxes. Gains are positive whatever the sign.

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
            probability of a loss of the present value beside totals. Its caption and `attrs` say
            discount rates, the year discounted to and the factors.

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
    refunds_under_ceiling: bool,
) -> MunicipalBudget:
    """Return the tables of a party's budget memo, as `Results.municipal_budget` says.

    Parameters
    ----------
    results
        The run, base case or settlement.
    party, budget_year, prices, unit, sign, lang, refunds_under_ceiling
        As there.
    """
    case = results.case
    check_party(results, party)
    years = case.timeline.years
    first = next((year for year in years if budget_year in (None, year)), None)
    if first is None:
        message = (
            f"budget_year: got {budget_year!r}; the case has money from {years[0]} to "
            f"{years[-1]}; give one of these years"
        )
        raise ArgumentError(message)
    if not (is_number(unit) and 0 < unit < np.inf):
        message = f"unit: got {unit!r}; a figure stands for a number above 0, such as 1000"
        raise ArgumentError(message)
    if sign not in get_args(Sign):
        message = f"sign: got {sign!r}; it is one of {', '.join(get_args(Sign))}"
        raise ArgumentError(message)
    stated = case.valuation.prices if case.valuation else None
    index = (stated or NO_INDEX) if prices is None else prices
    if index not in (NO_INDEX, *case.indices):
        message = (
            f"prices: got {index!r}{nearest(str(index), case.indices)}; "
            f"it is an index of the case ({', '.join(case.indices)}), "
            f"or {NO_INDEX!r} for current prices"
        )
        raise ArgumentError(message)
    return MunicipalBudget(
        results=results,
        party=party,
        budget_year=first,
        prices=None if index == NO_INDEX else index,
        unit=unit,
        sign=sign,
        lang=language(lang),
        refunds_under_ceiling=bool(refunds_under_ceiling),
    )
