"""A case: a frozen composition of the rooms' descriptions.

A case is a value. It is read from one TOML file, checked as a whole, and never changed: a variant
is a validated copy (`case.with_({...})`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from sibsim.composition import Composition
from sibsim.core.streams import Rng
from sibsim.core.wording import Language

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.core.sampling import Method as Sampling
    from sibsim.decisions.diagnosing.alternatives import Table
    from sibsim.decisions.diagnosing.diagnosands import Diagnosand
    from sibsim.decisions.diagnosing.diagnosis import Diagnosis
    from sibsim.decisions.drivers.base_ends import LowBaseHigh
    from sibsim.decisions.solve import At, Solution
    from sibsim.decisions.ways.comparison import Comparison
    from sibsim.forecast.observed import Observed
    from sibsim.partnership import Report
    from sibsim.reports.explorer import Explorer
    from sibsim.reports.plots.pictures import CasePictures
    from sibsim.results import Keep, Results


@dataclass(frozen=True)
class Case(Composition):
    """One social outcome contract and everything assumed about it; a value, never changed."""

    def __hash__(self) -> int:
        """Return the hash of the case's file."""
        return hash(repr(self.read))

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild the case from its document when it crosses a process boundary."""
        from sibsim.casefile import rebuilt

        return rebuilt, (self.document,)

    def __repr__(self) -> str:
        """Return name, title, size, period and what can be done next."""
        from sibsim.partnership import summary_line

        return summary_line(self)

    def _repr_html_(self) -> str:
        """Return the summary line and the table of sections for a notebook."""
        return self.check()._repr_html_()

    def check(self) -> Report:
        """Say which of the three phases is complete, what is missing and what is only assumed."""
        from sibsim.partnership import report

        return report(self)

    def with_(self, changes: Mapping[str, Any]) -> Case:
        """Return a validated copy with other values.

        Parameters
        ----------
        changes
            New value by dotted path in the file, such as `{"payments.job.price": 20_000}`.

        Raises
        ------
        CaseError
            If a path leads nowhere or the changed case is invalid; holds every fault.
        """
        from sibsim.casefile import changed

        return changed(self, changes)

    def base_case(self) -> Results:
        """Return the deterministic twin: every quantity at its base value, no chance, one draw."""
        from sibsim.simulate import base_case

        return base_case(self)

    def simulate(
        self,
        *,
        draws: int = 10_000,
        rng: Rng = None,
        sampling: Sampling = "random",
        executor: Executor | None = None,
        keep: Keep = "flows",
        progress: bool | None = None,
    ) -> Results:
        """Simulate the case.

        Parameters
        ----------
        draws
            Number of draws, at least 1; a run of N is the first N of every longer run.
        rng
            Seed, a generator to take one from, or None for a fresh one; kept with the results.
        sampling
            `random`, `lhs` (Latin hypercube) or `sobol`; the last two in nets of 512 draws, so
            that `draws` must be a multiple of 512.
        executor
            Any `concurrent.futures.Executor`; None runs in this process. Changes no number.
        keep
            `metrics`: one number per metric and draw. `flows`: the ledger too. `world`: also what
            chance decided, for `Results.reprice`; takes the most memory.
        progress
            Whether to show progress; None: when the run is long and a person is looking.

        Returns
        -------
        Results
            Metrics, each with shape (draws,); money in the case's currency, current prices.

        Raises
        ------
        ArgumentError
            If an argument is out of range or the case is not complete enough to be run.
        """
        from sibsim.simulate import simulate

        return simulate(
            self,
            draws=draws,
            rng=rng,
            sampling=sampling,
            executor=executor,
            keep=keep,
            progress=progress,
        )

    def settle(self, reported: Iterable[Mapping[str, object]] | pd.DataFrame) -> Results:
        """Settle the contract on what was really reported, to date; no randomness.

        Payments, limits and capital follow from the reports; costs and drawings are those of the
        base case. Outcomes and budgets do not follow from reports and are left out.

        Parameters
        ----------
        reported
            A frame, or one mapping per report: `measure`, `cohort` (from 1), `at_months`,
            `achieved`, `people`; with a comparison group also `comparison_achieved` and
            `comparison_people`, where a trigger tests the difference its `standard_error`. What
            has no row is not measured yet and counts as nobody.

        Returns
        -------
        Results
            One draw: what is paid, what each limit cuts, what the investor earns to date.

        Raises
        ------
        CaseError
            If rows are faulty or do not fit the case; holds every fault.
        ArgumentError
            If the case is not complete enough to be run.
        """
        from sibsim.reported import settle

        return settle(self, reported)

    def observe(
        self,
        data: str | PathLike[str] | pd.DataFrame | Iterable[Mapping[str, object]] = (),
        *,
        rng: int = 0,
    ) -> Observed:
        """Take in what has really happened: learn from it, freeze it, forecast the rest.

        Parameters
        ----------
        data
            Path of a CSV file, a frame, or one mapping per row, whose `kind` is `referred`,
            `started`, `completed` (cohort, people), `start` (cohort, date), `result` (measure,
            cohort, at_months, achieved, people; comparison_achieved, comparison_people,
            standard_error), `payment` (line, date, amount) or `person` (person, cohort, measure,
            at_months, result, completed); a `note` is free. Nothing: the plan.
        rng
            Seed of what is learned.

        Raises
        ------
        CaseError, FileError
            If rows are faulty or do not fit the case, or the file cannot be read.
        ArgumentError, SamplingError
            If the case is not complete enough to be run, or the data and what the case held
            possible cannot be brought together.
        """
        from sibsim.forecast.observed import observe

        return observe(self, data, rng=rng)

    def solve(
        self,
        path: str,
        *,
        for_: str,
        target: float,
        at: At = "median",
        between: tuple[float, float] | None = None,
        draws: int = 4096,
        rng: Rng = 0,
    ) -> Solution:
        """Find the value of a contract term at which a metric meets a target, on the same luck.

        Parameters
        ----------
        path
            Dotted path of a number, or of a list that is scaled, such as `payments.job.price`.
        for_, target
            Name of the metric, and what it must come to in its unit: money, or a rate as 0.05.
        at
            `median` or `mean` over the draws, or `base` for the base case; rates have no mean.
        between
            Lowest and highest value to look between; None: a sixteenth to sixteen times it.
        draws, rng
            Size and seed of the run.

        Raises
        ------
        ArgumentError, SolveError
            If the path leads to no positive number, a mean of rates is asked for, or no value
            between the two bounds meets the target.
        """
        from sibsim.decisions.solve import solve

        return solve(
            self, path, for_=for_, target=target, at=at, between=between, draws=draws, rng=rng
        )

    def low_base_high(self, metric: str = "investor_irr") -> LowBaseHigh:
        """Return a metric of the base case with one uncertain quantity at a time low and high.

        Parameters
        ----------
        metric
            Name of the metric.

        Raises
        ------
        UnknownNameError, ArgumentError
            If there is no such metric, or the case is not complete enough to be run.
        """
        from sibsim.decisions.drivers.base_ends import low_base_high

        return low_base_high(self, metric)

    def diagnose(
        self,
        measure: str | None = None,
        *,
        designs: Mapping[str, Table] | None = None,
        sizes: Sequence[float] | None = None,
        draws: int = 10_000,
        rng: Rng = 0,
        diagnosands: Mapping[str, Diagnosand] | None = None,
        alpha: float = 0.05,
    ) -> Diagnosis:
        """Return how often and how much a contract pays for nothing or leaves an effect unpaid.

        Parameters
        ----------
        measure
            The measure whose design is varied; None: the first that a payment line reads.
        designs
            Other designs by name, each the table of a case file; None: three usual ones.
        sizes
            Other numbers of planned participants, each at least 2.
        draws, rng
            Number of courses, at least 2, simulated with and without effect, and seed.
        diagnosands
            Figures of one's own by name: functions of `Courses`, a number per course or one.
        alpha
            Level of tests where the contract states none, in (0, 1).

        Raises
        ------
        UnknownNameError, ArgumentError, CaseError
            If no such measure is paid by, an argument is out of range, a design is invalid or the
            effect cannot be undone.
        """
        from sibsim.decisions.diagnosing.diagnose import diagnose

        return diagnose(
            self,
            measure,
            designs=designs,
            sizes=sizes,
            draws=draws,
            rng=rng,
            diagnosands=diagnosands,
            alpha=alpha,
        )

    def compare(
        self, *, grant: float | None = None, draws: int = 10_000, rng: Rng = 0
    ) -> Comparison:
        """Compare five ways of paying for the same service, on the same luck.

        No service, own money, the contract, a provider that carries the risk (no cure, no pay) and
        a grant beside the contract, seen by the authority.

        Parameters
        ----------
        grant
            What a foundation pays of the delivery costs as they fall due: a share in (0, 1], or an
            amount above 1; None: a quarter, an assumption, or the case's own grant.
        draws, rng
            Size and seed of the run.

        Raises
        ------
        ArgumentError
            If an argument is out of range, or a grant is given where the case has one.
        """
        from sibsim.decisions.ways.comparison import compare

        return compare(self, grant=grant, draws=draws, rng=rng)

    @property
    def plot(self) -> CasePictures:
        """The pictures of a case, such as `case.plot.power_curve()`."""
        from sibsim.reports.plots.pictures import CasePictures

        return CasePictures(self)

    def explore(
        self,
        moving: str | Sequence[str | Sequence[str]] | None = None,
        *,
        draws: int = 1_024,
        rng: Rng = 2026,
        lang: str = "en",
    ) -> Explorer:
        """Return sliders for some numbers of the case, with what it comes to as they move.

        A notebook shows them by itself; needs ipywidgets (`pip install 'sibsim[jupyter]'`).

        Parameters
        ----------
        moving
            Paths of numbers of the contract (several that move in proportion as a list) or of
            quantities; None: prices, effect, volume and cap, where the case has them.
        draws, rng
            Size, at least 2, and seed of every simulation.
        lang
            `da` or `en`.

        Raises
        ------
        ArgumentError
            If an argument is out of range, a path leads to no number that can be moved, or
            ipywidgets is not installed.
        """
        from sibsim.reports.explorer import explore

        return explore(self, moving, draws=draws, rng=rng, lang=lang)

    def describe(self, lang: Language = "en") -> pd.DataFrame:
        """Return the contract in sentences: payment rules, limits, early end, capital.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Returns
        -------
        DataFrame
            One row per part, its sentence in the column `rule`.
        """
        from sibsim.partnership import contract_sentences

        return contract_sentences(self, lang=lang)
