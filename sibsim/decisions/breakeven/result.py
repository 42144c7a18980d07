"""What must be true for a case to break even: tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.statistics import Estimate
from sibsim.core.wording import Language, language
from sibsim.core.words import Words
from sibsim.decisions.breakeven.horizon import Years
from sibsim.decisions.conditions import Condition
from sibsim.decisions.showing import paragraphs

if TYPE_CHECKING:
    import pandas as pd

NOTHING = Estimate(np.nan, mc_error=np.nan, undefined=np.nan)
"""A figure that does not exist."""


@dataclass(frozen=True, slots=True)
class End:
    """A driver at one end of its range, or at any value that was looked at."""

    value: float
    """The driver, in its unit."""

    figure: Estimate
    """The figure there."""


@dataclass(frozen=True, eq=False)
class Driver:
    """The value of one driver at which the figure reaches its target."""

    name: str
    """Name of the driver."""

    unit: str
    """Unit: `people`, `share`, `per person`, `months`, `factor`, `year`, or a currency."""

    now: float
    """The driver as the case has it: planned, assumed or agreed; of what is uncertain the mean."""

    value: float
    """The last value that is enough; NaN: there is none in the range, or every one is."""

    error: float
    """Monte Carlo standard error of the value, in its unit."""

    factor: float
    """What was scaled, as a factor on what is assumed, where something was; else the ratio."""

    good_above: bool
    """Whether more than the value is enough; else less."""

    always: bool
    """Whether every value in the range is enough; where there is no value and not this, none is."""

    again: bool
    """Whether the figure crosses its target a second time, on the other side of today's value."""

    low: End
    """The low end of the range."""

    high: End
    """The high end of the range."""

    figure: Estimate
    """The figure at the value."""

    p_good_now: Estimate
    """Chance that the driver as it stands is on the good side of the value; NaN: it is certain, or
    no one number."""

    p_target_there: Estimate
    """Chance that a draw keeps the target where the driver has the value."""

    seen: tuple[End, ...]
    """Every value that was looked at, rising."""

    note: Words
    """What moves, and what else a reader must know."""

    @property
    def is_found(self) -> bool:
        """Whether the figure crosses its target within the range."""
        return not np.isnan(self.value)


@dataclass(frozen=True, eq=False)
class SuccessRate:
    """One outcome of yes or no beside what would happen anyway, what is planned and agreed."""

    counterfactual: float
    """Share that would achieve it anyway, mean over draws."""

    now: float
    """Share that achieves it, mean over draws, at the last follow-up."""

    planned: float
    """The same in the base case."""

    goal: float
    """Share that the case states as its goal, NaN where it states none."""

    goal_months: float
    """Follow-up of the goal in months, NaN where there is none."""

    additional_now: float
    """People who achieve it more than anyway, per 100 people."""

    additional_there: float
    """The same where the figure reaches its target; NaN where it never does."""


@dataclass(frozen=True, eq=False)
class BreakEvenSet:
    """What must be true for a case to break even, one driver at a time, and by which year it does.

    Every row moves one driver and leaves all else as it is and as uncertain as it is, on the same
    luck.
    """

    case: Case
    """The case."""

    wanted: Condition
    """The figure and its target, as a limit: at least for what is better the more of it there is,
    else at most."""

    level: float
    """What one draw has to come to, at least, for it to keep the target."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    now: Estimate
    """The figure of the case as it stands."""

    drivers: tuple[Driver, ...]
    """The drivers that were asked for."""

    missing: Mapping[str, Words]
    """Drivers that the case lacks, and why."""

    rates: Mapping[str, SuccessRate]
    """Outcomes of yes or no that were asked for."""

    by_year: Years
    """Break-even by calendar year."""

    def driver(self, name: str) -> Driver:
        """Return one driver.

        Raises
        ------
        UnknownNameError
            If it was not asked for; the error names the nearest.
        """
        from sibsim.core.spec import nearest
        from sibsim.errors import UnknownNameError

        found = {each.name: each for each in self.drivers}
        if name not in found:
            message = f"there is no driver {name!r}{nearest(name, found)}; got {', '.join(found)}"
            raise UnknownNameError(message)
        return found[name]

    def table(self, lang: Language = "en") -> pd.DataFrame:
        """Return the value of every driver at which the figure reaches its target.

        Parameters
        ----------
        lang
            Language of the notes, `da` or `en`.

        Returns
        -------
        DataFrame
            Index `driver`. `unit`; `now`: as the case has it; `break_even`: the value that is just
            enough, NaN where none in the range is or every one is (`reached`: `at the value`,
            `everywhere`, `nowhere`), with its `mc_error`, and `ratio` to now; `good`: whether what
            lies `above` or `below` it is enough; `low`, `high`: the range; `figure_low`,
            `figure_high`, `figure_there`: the figure at its ends and at the value; `p_good_now`:
            chance that the driver as it stands is on the good side, NaN where it is certain;
            `p_target_there`: chance that a draw keeps the target at the value; each with
            `..._mc_error`; `note`.
        """
        import pandas as pd

        lang = language(lang)
        rows = {each.name: _row(each, lang) for each in self.drivers}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("driver")

    def success_rates(self) -> pd.DataFrame:
        """Return every outcome of yes or no beside what is anyway, planned, agreed and needed.

        Returns
        -------
        DataFrame
            Index `outcome`. Shares of those who count, at the last follow-up: `counterfactual`,
            `now` (means over draws), `planned` (base case), `goal` at `goal_months`, `break_even`
            with `mc_error`; `additional_now` and `additional_there`, people more than anyway per
            100.
        """
        import pandas as pd

        rows = {}
        for name, rate in self.rates.items():
            driver = self.driver(f"success.{name}")
            rows[name] = {
                "counterfactual": rate.counterfactual,
                "now": rate.now,
                "planned": rate.planned,
                "goal": rate.goal,
                "goal_months": rate.goal_months,
                "break_even": driver.value,
                "mc_error": driver.error,
                "additional_now": rate.additional_now,
                "additional_there": rate.additional_there,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")

    def years(self) -> pd.DataFrame:
        """Return by which calendar year the case breaks even.

        Returns
        -------
        DataFrame
            Index `year`. `p_broken_even`: chance that the municipality's running net has come to
            zero or above for good by the end of the year, draws in which it never does counted as
            not; `figure`: the figure if the account ended with the year, `p_target`: chance that a
            draw then keeps the target, both NaN where the metric is no net of a public party; each
            with `mc_error`.
        """
        import pandas as pd

        found = self.by_year
        blank = (NOTHING,) * len(found.years)
        columns = {
            "p_broken_even": found.chances,
            "figure": found.figures or blank,
            "p_target": found.enough or blank,
        }
        frame = {}
        for name, each in columns.items():
            error = "mc_error" if name == "p_broken_even" else f"{name}_mc_error"
            frame[name] = [one.value for one in each]
            frame[error] = [one.mc_error for one in each]
        return pd.DataFrame(frame, index=pd.Index(found.years, name="year"))

    def frame(self) -> pd.DataFrame:
        """Return the figure at every value that was looked at, ready to be drawn.

        Returns
        -------
        DataFrame
            One row per driver and value, rising: `driver`, `unit`, `value`, `ratio` to now,
            `figure`, `mc_error`, and whether it `is_break_even`.
        """
        import pandas as pd

        rows = [
            {
                "driver": driver.name,
                "unit": driver.unit,
                "value": each.value,
                "ratio": each.value / driver.now if driver.now else np.nan,
                "figure": each.figure.value,
                "mc_error": each.figure.mc_error,
                "is_break_even": each.value == driver.value,
            }
            for driver in self.drivers
            for each in driver.seen
        ]
        return pd.DataFrame(rows)

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what must be true, one sentence per driver, and by which year it breaks even.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.breakeven.sentences import said_of

        lang = language(lang)
        return [each.say(lang) for each in said_of(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        return "\n".join(
            [*self.sentences(), self._short().to_string(float_format="{:,.4g}".format)]
        )

    def _repr_html_(self) -> str:
        said = paragraphs(self.sentences())
        return f"{said}{self._short().to_html(border=0, float_format='{:,.4g}'.format)}"

    def _short(self) -> pd.DataFrame:
        return self.table().drop(columns="note")


def _row(driver: Driver, lang: Language) -> dict[str, object]:
    reached = "at the value" if driver.is_found else "everywhere" if driver.always else "nowhere"
    return {
        "unit": driver.unit,
        "now": driver.now,
        "break_even": driver.value,
        "mc_error": driver.error,
        "ratio": driver.value / driver.now if driver.now and driver.unit != "year" else np.nan,
        "reached": reached,
        "good": ("above" if driver.good_above else "below") if driver.is_found else "",
        "low": driver.low.value,
        "high": driver.high.value,
        "figure_low": driver.low.figure.value,
        "figure_low_mc_error": driver.low.figure.mc_error,
        "figure_high": driver.high.figure.value,
        "figure_high_mc_error": driver.high.figure.mc_error,
        "figure_there": driver.figure.value,
        "figure_there_mc_error": driver.figure.mc_error,
        "p_good_now": driver.p_good_now.value,
        "p_good_now_mc_error": driver.p_good_now.mc_error,
        "p_target_there": driver.p_target_there.value,
        "p_target_there_mc_error": driver.p_target_there.mc_error,
        "note": driver.note.in_language(lang),
    }
