"""Ways of paying for the same service compared on the same luck, and the price of the contract.

A municipality can do nothing, use its own money, sign the outcome contract, pay a provider that
carries the risk itself (no cure, no pay), or find a foundation that gives a grant beside the
contract. One simulation serves all of them: what happens to people is the same in every draw, only
who pays what and when differs. What each way brings stands in `flows`, what that comes
to over all draws in `figures`.

The price of the contract against own money is the present value, at the authority's rate, of all
that it pays more under the contract for the same delivery, in four parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import mc_error_of_mean
from sibsim.core.streams import BLOCK_DRAWS, Rng
from sibsim.core.validation import shown
from sibsim.core.wording import Language, language
from sibsim.decisions.ways.figures import (
    BREAK_EVEN,
    FIGURES,
    PREMIUM_CAUSES,
    PRICE_PARTS,
    SHORTFALL,
    Run,
    Way,
    difference,
    error_of,
    median_break_even,
    run_of,
    value_of,
)
from sibsim.decisions.ways.flows import WAYS, flows_of
from sibsim.errors import ArgumentError
from sibsim.figures import QUANTILES
from sibsim.results import Results
from sibsim.simulate import base_case, simulate

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 10_000
"""Draws of a comparison: Monte Carlo errors of probabilities below half a point."""

GRANT = 0.25
"""Share of the delivery costs that a foundation pays where nothing else is said: an assumption, to
be replaced by the grant that is at hand."""

BOUGHT = ("p_loss", SHORTFALL, "peak_cash")
"""What the contract may buy for its price."""

AGAINST = "contract"
"""The way that the others are compared with."""


@dataclass(frozen=True)
class Comparison:
    """Five ways of paying for the same service, on the same luck."""

    case: Case
    """The case."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    grant: float | None
    """Share of delivery costs, up to 1, or amount that the grant pays; None: the case has a grant
    of its own and is left as it is."""

    grant_is_assumed: bool
    """Whether nobody stated the grant, so that it is a quarter of the delivery costs."""

    run: Run
    """What every way comes to, draw by draw."""

    base: Run
    """The same in the base case."""

    def table(self) -> pd.DataFrame:
        """Return what each way of paying comes to for the authority.

        Returns
        -------
        DataFrame
            Rows (figure, way), money in current prices. `net`: all it gains to the end of the case,
            savings that no budget can take out left out; `present_value`; `p_loss`: chance to end
            below zero; `expected_shortfall`: mean loss in the worst twentieth, a gain being
            negative; `peak_cash`: the most it is out of pocket at the end of a period;
            `peak_year`: the most it pays net in one year; `p_break_even`: chance to break even by
            the end; `ceiling`: change of its room under the service ceiling in the calendar year
            in which that is worst, below zero where room is taken, refunds left out; `p_no_room`:
            chance that it takes room in any year; `break_even_year`: the median, infinite for
            never; `provider_net`, `p_provider_loss`: what no cure, no pay leaves the provider.
            `base`: the base case.
            `value` and `mc_error`: over draws. `difference`: to the contract, on the same luck,
            with its own error. Doing nothing is zero throughout and breaks even in no year.
        """
        import pandas as pd

        rows = {(figure, way): self._row(figure, way) for figure in FIGURES for way in WAYS}
        rows |= {(BREAK_EVEN, way): self._break_even(way) for way in WAYS}
        provider = self.run.provider, self.base.provider
        for title, figure in (("provider_net", "net"), ("p_provider_loss", "p_loss")):
            rows[title, "no_cure_no_pay"] = _of_one(*provider, figure)
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index = pd.MultiIndex.from_tuples(rows, names=["figure", "way"])
        return frame

    def price(self) -> pd.DataFrame:
        """Return the price of the contract against own money, and what it buys.

        Returns
        -------
        DataFrame
            Rows (group, part), columns `base`, `mean`, `mc_error`. Group `price`, present values
            for the same delivery: `evaluation` and `management_and_legal`, costs of the contract
            that the authority pays itself or repays to capital; `premium`, what else it pays net
            of what comes back, less the delivery costs, undiscounted; `value_of_time`, what that
            falls by in present value as it is paid later; `total`, their sum. Group `premium of
            which`, undiscounted, summing to the premium: `repayment_and_return`, what all payers
            pay net of surplus less what capital finances; `overrun_borne_by_others`;
            `outcomes_paid_by_others`, net of their surplus; `grants` of the case. Group `beside`,
            in no total: `early_end`, what own money gains by serving those whom an early end
            leaves; `costs_of_others`, costs of the contract that others bear; `paid_by_others`,
            what others pay for outcomes; `investors_own`, what investors gain after costs that
            they bear themselves, at their own rate. Group `buys`: the contract less own money of
            three figures of `table()`.

        Raises
        ------
        ArgumentError
            If the case states no discount rate.
        """
        import pandas as pd

        if self.case.valuation is None:
            message = (
                f"{self.case.name} has no valuation; a price is a present value; state "
                "valuation.discount.municipality"
            )
            raise ArgumentError(message)
        run, base = self.run, self.base
        rows = {
            ("price", part): _mean(run.price[part], base=base.price[part]) for part in PRICE_PARTS
        }
        rows["price", "total"] = _mean(run.total, base=base.total)
        rows |= {
            ("premium of which", cause): _mean(run.causes[cause], base=base.causes[cause])
            for cause in PREMIUM_CAUSES
        }
        rows["beside", "early_end"] = _mean(run.early_end, base=base.early_end)
        rows["beside", "costs_of_others"] = _mean(run.others, base=base.others)
        rows["beside", "paid_by_others"] = _mean(run.others_pay, base=base.others_pay)
        rows["beside", "investors_own"] = _mean(run.investors, base=base.investors)
        for figure in BOUGHT:
            mean, error = difference(run.ways[AGAINST], run.ways["own_money"], figure)
            apart = _base(base.ways[AGAINST], figure) - _base(base.ways["own_money"], figure)
            rows["buys", figure] = {"base": apart, "mean": mean, "mc_error": error}
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index = pd.MultiIndex.from_tuples(rows, names=["group", "part"])
        return frame

    def by_year(self) -> pd.DataFrame:
        """Return what each way brings the authority in each calendar year, ready to be drawn.

        Returns
        -------
        DataFrame
            Rows (way, year); `base`: the base case; `mean`, `p5`, `p50`, `p95` over draws; and
            `cumulative_mean`, the running sum of the means; current prices.
        """
        import pandas as pd

        frames = {}
        for name, way in self.run.ways.items():
            quantiles = np.quantile(way.years, list(QUANTILES.values()), axis=1)
            columns = {"base": self.base.ways[name].years[:, 0], "mean": way.years.mean(axis=1)}
            columns |= dict(zip(QUANTILES, quantiles, strict=True))
            columns["cumulative_mean"] = columns["mean"].cumsum()
            frames[name] = pd.DataFrame(columns, index=list(self.case.timeline.years))
        return pd.concat(frames, names=["way", "year"])

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what speaks for and against each way, from the figures, one sentence each.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.ways.words import sentences

        lang = language(lang)
        return [each.say(lang) for each in sentences(self)]

    def _row(self, figure: str, way: str) -> dict[str, float]:
        own, contract = self.run.ways[way], self.run.ways[AGAINST]
        row = _of_one(own, self.base.ways[way], figure)
        if way == "nothing":
            if figure == "p_break_even":
                return dict.fromkeys(row, np.nan)
            row["mc_error"] = 0.0
        apart, error = difference(own, contract, figure)
        return row | {"difference": apart, "difference_mc_error": error}

    def _break_even(self, way: str) -> dict[str, float]:
        if way == "nothing":
            return {"base": np.nan, "value": np.nan, "mc_error": np.nan}
        median, error = median_break_even(self.run.ways[way])
        base = median_break_even(self.base.ways[way])[0]
        return {"base": base, "value": median, "mc_error": error}

    def __repr__(self) -> str:
        """Return every figure of every way as text."""
        return f"{self._head()}\n{self._values().to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        values = self._values().to_html(border=0, float_format="{:,.2f}".format)
        return f"<b>{self._head()}</b>{values}"

    def _head(self) -> str:
        return f"{self.case.name}: ways of paying, {self.draws:,} draws, {self.case.head.currency}"

    def _values(self) -> pd.DataFrame:
        import pandas as pd

        values = self.table()["value"]
        order = [*FIGURES, BREAK_EVEN, "provider_net", "p_provider_loss"]
        return pd.DataFrame({way: values.xs(way, level="way") for way in WAYS}).loc[order]


def compare(
    case: Case, *, grant: float | None = None, draws: int = DRAWS, rng: Rng = 0
) -> Comparison:
    """Return what each way of paying for the same service comes to for the authority.

    Parameters
    ----------
    case
        The case.
    grant
        What a foundation pays beside the contract: a share of the delivery costs, in (0, 1], or an
        amount of money, above 1, paid as they fall due. None: a quarter, an assumption, or nothing
        beyond it where the case has a grant of its own.
    draws, rng
        Number of draws and seed of the one simulation that serves all ways.

    Raises
    ------
    ArgumentError
        If an argument is out of range, the case has a grant already, or it is not complete enough
        to be run.
    """
    check_complete(case)
    stated = _grant(case, grant)
    run, base = simulate(case, draws=draws, rng=rng, keep="world", progress=False), base_case(case)
    assert run.seed is not None  # noqa: S101 - a simulated run has one
    return Comparison(
        case=case,
        draws=draws,
        seed=run.seed,
        grant=stated,
        grant_is_assumed=grant is None and stated is not None,
        run=_over_blocks(run, grant=stated),
        base=_over_blocks(base, grant=stated),
    )


def _grant(case: Case, grant: object) -> float | None:
    """Return the grant to compare with; None where the case has one."""
    capital = case.contract.capital
    given = [n for n, each in capital.tranches.items() if each.kind == "grant"] if capital else []
    if grant is None:
        return None if given else GRANT
    if given:
        message = (
            f"grant: got {shown(grant)}, but the case has a grant already, capital.tranches."
            f"{given[0]}; compare without `grant`, or take that tranche out of the case"
        )
        raise ArgumentError(message)
    if isinstance(grant, bool) or not isinstance(grant, int | float) or not 0 < grant < np.inf:
        message = (
            f"grant: got {shown(grant)}; it is a share of the delivery costs in (0, 1], such as "
            "0.25, or an amount of money above 1"
        )
        raise ArgumentError(message)
    return float(grant)


def _over_blocks(results: Results, *, grant: float | None) -> Run:
    assert results.worlds is not None  # noqa: S101 - it was run with keep="world"
    starts = range(0, results.draws, BLOCK_DRAWS)
    return run_of(
        results.case,
        (
            (flows_of(results.case, world, grant=grant), min(BLOCK_DRAWS, results.draws - first))
            for first, world in zip(starts, results.worlds, strict=True)
        ),
    )


def _of_one(way: Way, base: Way, figure: str) -> dict[str, float]:
    """Return a figure in the base case, over draws, and its error."""
    value, error = value_of(way, figure), error_of(way, figure)
    return {"base": _base(base, figure), "value": value, "mc_error": error}


def _base(way: Way, figure: str) -> float:
    """Return a figure of the base case; a mean of the worst it does not have."""
    return np.nan if figure == SHORTFALL else value_of(way, figure)


def _mean(values: FloatArray, *, base: FloatArray) -> dict[str, float]:
    return {
        "base": float(base[0]),
        "mean": float(values.mean()),
        "mc_error": mc_error_of_mean(values),
    }
