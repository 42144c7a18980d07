"""A case after what has really happened: what has happened stands, the rest is simulated.

Nobody is asked twice: people who were seen keep their reported results, and what they do later
depends on these as the outcome models say. What the uncertain quantities may be is updated jointly
by everything that was observed.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.facts import Facts
from sibsim.core.sampling import Method as Sampling
from sibsim.core.streams import Rng
from sibsim.core.wording import Language, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.forecast.against_plan import payments_table, reports_table
from sibsim.forecast.bridge import Bridge, bridge, ladder
from sibsim.forecast.goals import Outlook, outlooks
from sibsim.forecast.observations import read_observations
from sibsim.forecast.updated import observed_table, table_name, updated
from sibsim.results import Keep, Results
from sibsim.simulate import base_case, check_arguments, simulate

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.forecast.learned import Learned

DRAWS = 10_000
"""Draws of a re-forecast: Monte Carlo errors of probabilities below half a point."""

BRIDGE_DRAWS = 4_096
"""Draws of each run of a bridge, of which there are six: one block."""


@dataclass(frozen=True, eq=False)
class Observed:
    """A case after what has really happened."""

    plan: Case
    """The case before anything had happened."""

    case: Case
    """The case with what was learned in the place of what was assumed, for a new contract; the
    plan itself where nothing was learned."""

    facts: Facts
    """What has happened, with the joint rows of what was learned."""

    learned: Learned | None
    """What was learned of the uncertain quantities, and how; None: nothing was observed."""

    seed: int
    """Seed of what was learned and of every run that states none of its own."""

    is_empty: bool
    """Whether nothing was observed."""

    notes: tuple[Words, ...]
    """What of the table was left out, or is unusual but usable."""

    _runs: dict[int, tuple[Results, Results]] = field(default_factory=dict, repr=False)
    """Runs of plan and re-forecast that were needed so far, by number of draws."""

    _ladders: dict[int, tuple[Results, ...]] = field(default_factory=dict, repr=False)
    """Runs from the plan over each cause to the re-forecast that were needed so far, likewise."""

    def simulate(
        self,
        *,
        draws: int = DRAWS,
        rng: Rng = None,
        sampling: Sampling = "random",
        executor: Executor | None = None,
        keep: Keep = "flows",
        progress: bool | None = None,
    ) -> Results:
        """Simulate the case from where it stands; arguments as those of `Case.simulate`.

        Monte Carlo errors of its results are those of its draws, given what was learned; they do
        not hold the learning error, which errors of `goals` and `bridge` do.

        Raises
        ------
        ArgumentError
            If an argument is out of range.
        """
        return simulate(
            self.plan,
            draws=draws,
            rng=rng,
            sampling=sampling,
            executor=executor,
            keep=keep,
            progress=progress,
            facts=self._known,
        )

    def base_case(self) -> Results:
        """Return the deterministic twin: what was learned at its median, what happened stands."""
        return base_case(self.plan, facts=self._known)

    def parameters(self, lang: Language = "en") -> pd.DataFrame:
        """Return every uncertain quantity before and after.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English), of the verdict.

        Returns
        -------
        DataFrame
            One row per `quantity` (and `cohort` where each has its own): mean, sd and quantiles in
            its unit, `_before` and `_after`; `learned`, the share of its variance that is gone;
            `shift`, how far its mean moved in sd before; the `verdict`; and `given`, the quantities
            on whose assumed distributions that hangs, as no comparison was reported. Empty where
            nothing was observed.
        """
        import pandas as pd

        lang = language(lang)
        frame = pd.DataFrame() if self.learned is None else self.learned.table(lang)
        return frame.set_index("quantity") if len(frame) else frame

    def reports(self) -> pd.DataFrame:
        """Return each number that came beside what the plan expected of it.

        Returns
        -------
        DataFrame
            Rows (what, cohort, at_months): people who were referred, started, completed (0
            months), then by measure what was reported per person. `people`, `plan_mean`,
            `plan_p5`, `plan_p95`, `came`, and the `percentile` of what came in the plan, in [0, 1].
        """
        return reports_table(self.plan, self.facts, seed=self.seed)

    def payments(self) -> pd.DataFrame:
        """Return what was paid beside what the contract gives on the reports, line by line.

        Returns
        -------
        DataFrame
            Rows payment lines and `all lines`; `through`: last period that is compared; `paid` so
            far (NaN: not listed), what the `contract` gives on the reports, and the `difference`.
            Empty where no payment is listed.
        """
        return payments_table(self.plan, self.facts)

    def goals(self, *, draws: int = DRAWS) -> pd.DataFrame:
        """Return how likely each goal is to be missed, in the plan and now.

        Parameters
        ----------
        draws
            Draws of each of the two runs.

        Returns
        -------
        DataFrame
            One row per outcome with a goal: `at_months`, `goal` (its level), `p_missed_plan` and
            `p_missed`, `reached`: share or mean reported so far at that follow-up, of `people`.
            `mc_error_plan`: Monte Carlo error. `mc_error`: that of the re-forecast and its learning
            error in quadrature, the latter at most sqrt(p (1 - p) / n) with n the independent draws
            that what was learned is worth (`learned.independent`); more draws do not lower it.
        """
        import pandas as pd

        columns = ["at_months", "goal", "p_missed_plan", "mc_error_plan"]
        columns += ["p_missed", "mc_error", "reached", "people"]
        rows = {
            each.outcome: {
                "at_months": each.goal.at_months,
                "goal": str(each.goal),
                **{name: getattr(each, name) for name in columns[2:]},
            }
            for each in self._outlooks(draws)
        }
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        frame.index.name = "outcome"
        return frame

    def sentences(self, lang: Language = "en", *, draws: int = DRAWS) -> list[str]:
        """Return early warnings, then what the payments, the data and the method leave to say.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).
        draws
            Draws of the runs that probabilities are taken from.
        """
        from sibsim.forecast.forecast_words import sentences

        lang = language(lang)
        missed = self._both(draws)[1].metrics.get("reports_missed")
        found = sentences(
            self,
            lang,
            outlooks=self._outlooks(draws),
            missed=0.0 if missed is None else float(missed.mean()),
        )
        return list(found)

    def bridge(self, metric: str = "investor_profit", *, draws: int = BRIDGE_DRAWS) -> Bridge:
        """Return a metric from the plan to the re-forecast in steps by cause.

        Volume, take-up (with completion), success, delay, price (what was paid apart from what the
        contract gives), in this order; steps sum to the whole, and another order would give other
        steps. Errors of steps hold the learning error of what was learned, as in `goals`.

        Parameters
        ----------
        metric
            Name of the metric; its mean is followed, or its median if it is a rate.
        draws
            Draws of each of the runs, all on the same seed.

        Raises
        ------
        UnknownNameError, ArgumentError
            If there is no such metric, or it need not come about.
        """
        check_arguments(draws=draws, rng=self.seed, sampling="random", keep="metrics")
        if draws not in self._ladders:
            runs = ladder(self.plan, self.facts, draws=draws, seed=self.seed)
            self._ladders[draws] = runs
            self._runs[draws] = runs[0], runs[-1]
        return bridge(self._ladders[draws], metric=metric, independent=self._independent)

    @property
    def _known(self) -> Facts | None:
        """What has happened; None where nothing has, so that no number changes."""
        return None if self.is_empty else self.facts

    def _both(self, draws: int) -> tuple[Results, Results]:
        """Return a run of the plan and one of the re-forecast, on the same seed."""
        if draws not in self._runs:
            plan, now = (
                simulate(
                    self.plan,
                    draws=draws,
                    rng=self.seed,
                    keep="metrics",
                    progress=False,
                    facts=facts,
                )
                for facts in (None, self._known)
            )
            self._runs[draws] = plan, now
        return self._runs[draws]

    def _outlooks(self, draws: int) -> tuple[Outlook, ...]:
        plan, now = self._both(draws)
        return outlooks(plan, now, facts=self.facts, independent=self._independent)

    @property
    def _independent(self) -> float:
        """How many independent draws what was learned is worth; infinity: nothing was."""
        return math.inf if self.learned is None else self.learned.independent

    def __repr__(self) -> str:
        """Return which case it is of, what is known and what can be done next."""
        return f"<{self._head()}; see .sentences(), .goals(), .reports(), .bridge()>"

    def _repr_html_(self) -> str:
        return f"<b>{self._head()}</b>{self.reports().to_html(border=0)}"

    def _head(self) -> str:
        if self.is_empty:
            return f"{self.plan.name}, nothing observed"
        cells = sum(int(each.known.sum()) for each in self.facts.reports.values())
        return (
            f"{self.plan.name} after {cells} reports of {len(self.facts.reports)} measures, "
            f"{len(self.facts.rows)} quantities learned about"
        )


def observe(case: Case, data: object, *, rng: Rng = 0) -> Observed:
    """Take in what has really happened so far.

    Parameters
    ----------
    case
        The case as planned.
    data
        A frame, the path of a CSV file, or a list with one mapping per row, in the schema of
        actuals.
    rng
        Seed, kept with the result.

    Raises
    ------
    CaseError
        If rows are faulty, contradict each other or name what the case does not have; holds every
        fault.
    FileError, ArgumentError
        If a file cannot be read, an argument is out of range, the case is not complete, or its
        quantities are those of an earlier `observe`, so that results would count twice.
    """
    if not isinstance(rng, int) or isinstance(rng, bool) or rng < 0:
        message = f"rng: got {rng!r}; a seed is a whole number of at least 0"
        raise ArgumentError(message)
    found = read_observations(data, case=case)
    if found.is_empty:
        return Observed(case, case, found.facts, None, rng, is_empty=True, notes=found.notes)
    if (taken := observed_table(case)) is not None:
        message = (
            f"got a case with the joint table {taken!r}, which was learned from observations; "
            "observed again, the same results would count twice; observe the plan with all that "
            "has happened in one table, or, if other people are observed now, give that table "
            "another name in the case"
        )
        raise ArgumentError(message)
    from sibsim.forecast.learning import learn

    learned, name = learn(case, found.facts, rng=rng), table_name(case)
    return Observed(
        plan=case,
        case=updated(case, learned, name=name, last=found.last),
        facts=found.facts.with_rows(name, rows=learned.rows, walks=learned.walks),
        learned=learned,
        seed=rng,
        is_empty=False,
        notes=found.notes,
    )
