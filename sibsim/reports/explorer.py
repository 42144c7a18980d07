"""Sliders for a few numbers of a case, and what it comes to as they move, in a notebook.

Every movement simulates the case again with the same seed, so that what changes on the screen is
the number that was moved and not the luck. A quantity that is moved becomes a certain number; one
that stands where it began is as uncertain as the case says. The picture is made anew as a whole
and replaces the one before it, so that nothing flickers.
"""

from __future__ import annotations

import html
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.case import Case
from sibsim.core.amounts import in_both
from sibsim.core.streams import Rng, seed_from
from sibsim.core.wording import Language, language, said
from sibsim.core.words import Words
from sibsim.decisions.asking import check_draws
from sibsim.errors import ArgumentError, CaseError
from sibsim.figures import is_probability
from sibsim.metric_words import metric_words, value_words
from sibsim.reports.knobs import Knob, knobs_of
from sibsim.results import Results

if TYPE_CHECKING:
    import ipywidgets

DRAWS = 1_024
"""Draws that are shown of one movement: chances to a point and a half. A block of them is computed
as a whole, which is what a movement takes: a third of a second, more where people have states."""

STEPS = 50
"""Places of a slider between its ends."""

TAILS = (0.05, 0.95)
"""Quantiles beside a median."""

INCHES, DOTS = (9.5, 3.2), 80
"""Size of the picture, and dots to the inch: readable, and drawn in a tenth of a second."""

MARGINS = {"left": 0.08, "right": 0.99, "bottom": 0.12, "top": 0.9, "wspace": 0.2}
"""Fixed shares of the picture: a layout that fits itself takes as long as everything else."""

SHOWN = (
    "payments_total",
    "investor_irr",
    "p_investor_loss",
    "municipality_net",
    "p_municipality_loss",
    "state_net",
)
"""Metrics in the table."""

PICTURED = ("investor", "municipality")
"""Parties whose cumulative cash is drawn, where the ledger has money of theirs."""

_BASE = Words(da="base case", en="base case")
_MEDIAN = Words(da="median eller sandsynlighed", en="median or probability")
_SPREAD = Words(da="5 % til 95 %", en="5 % to 95 %")
_UNCHANGED = Words(da="uden ændringer", en="unchanged")
_TO = Words(da="{low} til {high}", en="{low} to {high}")
_NEVER = Words(da="findes ikke", en="none")

_NOTE = Words(
    da="Et tal, der er flyttet, er sikkert; de andre er så usikre, som casen siger. {draws} "
    "forløb med startværdi {seed}; beløb i løbende priser.",
    en="A number that was moved is certain; the others are as uncertain as the case says. {draws} "
    "draws with seed {seed}; amounts in current prices.",
)


@dataclass(eq=False)
class Explorer:
    """Sliders and what the case comes to with them; a notebook shows it by itself."""

    case: Case
    """The case as it stands."""

    knobs: tuple[Knob, ...]
    """What can be moved."""

    draws: int
    """Draws of one movement."""

    seed: int
    """Seed of all of them."""

    lang: Language
    """Language of the screen."""

    unchanged: Results = field(init=False)
    """The case as it stands, simulated with the same draws and seed."""

    widget: ipywidgets.VBox = field(init=False)
    """Sliders, table and picture."""

    def __post_init__(self) -> None:
        """Build the screen with every slider where the case stands."""
        import ipywidgets

        self.unchanged = self._simulated(self.case)
        self._met: dict[tuple[tuple[Knob, float], ...], Results] = {(): self.unchanged}
        self.sliders = tuple(self._slider(knob) for knob in self.knobs)
        self.table, self.picture = ipywidgets.HTML(), ipywidgets.Image(format="png")
        for slider in self.sliders:
            slider.observe(lambda _: self.redraw(), names="value")
        self.widget = ipywidgets.VBox([*self.sliders, self.table, self.picture])
        self.redraw()

    def redraw(self) -> None:
        """Simulate the case with the sliders where they stand, and show what it comes to.

        Where the case does not accept what they say, the fault stands in place of the table, and
        the last picture stays.
        """
        try:
            found = self.results()
        except CaseError as fault:
            faults = "".join(f"<li>{html.escape(str(each))}</li>" for each in fault.faults)
            self.table.value = f"<ul>{faults}</ul>"
            return
        self.table.value = self._as_table(found)
        self.picture.value = _png(found, lang=self.lang)

    def results(self) -> Results:
        """Return the case as the sliders say, simulated.

        Raises
        ------
        CaseError
            If the case does not accept what they say.
        """
        terms, quantities = self._changes(of_terms=True), self._changes(of_terms=False)
        if not terms and not quantities:
            return self.unchanged
        if quantities not in self._met:
            self._met = {(): self.unchanged, quantities: self._simulated(self._with(quantities))}
        told = self._met[quantities]
        return told.reprice(self._with((*quantities, *terms))) if terms else told

    def _changes(self, *, of_terms: bool) -> tuple[tuple[Knob, float], ...]:
        """Return which knobs of the contract, or of the quantities, are moved, and where to."""
        return tuple(
            (knob, slider.value)
            for knob, slider in zip(self.knobs, self.sliders, strict=True)
            if slider.value != slider.default and (knob.term is not None) == of_terms
        )

    def _with(self, moved: Iterable[tuple[Knob, float]]) -> Case:
        changes: dict[str, Any] = {}
        for knob, value in moved:
            changes |= knob.changes(value)
        stated_now = self.case.read.get("correlations", ())
        kept = [each for each in stated_now if not changes.keys() & set(each["between"])]
        return self.case.with_(
            changes | ({} if len(kept) == len(stated_now) else {"correlations": kept})
        )

    def _simulated(self, case: Case) -> Results:
        return case.simulate(draws=self.draws, rng=self.seed, keep="world", progress=False)

    def _slider(self, knob: Knob) -> Any:  # noqa: ANN401 - ipywidgets has no types
        import ipywidgets

        low, high = knob.ends
        slider = ipywidgets.FloatSlider(
            value=knob.value,
            min=low,
            max=high,
            step=(high - low) / STEPS,
            description=said(knob.words, self.lang),
            continuous_update=False,
            readout_format=",.4g",
            style={"description_width": "20em"},
            layout={"width": "48em"},
        )
        slider.default = slider.value
        return slider

    def _as_table(self, found: Results) -> str:
        """Return the table of what the case comes to, each beside what it is unchanged."""
        heads = "".join(
            f"<th>{html.escape(said(each, self.lang))}</th>"
            for each in (_BASE, _MEDIAN, _SPREAD, _UNCHANGED)
        )
        note = said(_NOTE, self.lang).format(
            draws=said(in_both(f"{self.draws:,}"), self.lang), seed=self.seed
        )
        rows = "".join(self._rows(found))
        return (
            f"<table><tr><th></th>{heads}</tr>{rows}</table><p><small>{html.escape(note)}</small>"
        )

    def _rows(self, found: Results) -> Iterator[str]:
        base = found.base_case()
        for metric in (each for each in SHOWN if each in found.metrics):
            is_chance = is_probability(metric)
            cells = [
                "" if is_chance else self._shown(base.metric(metric)[0], metric=metric),
                self._shown(_middle(found, metric), metric=metric),
                "" if is_chance else self._spread(found, metric),
                self._shown(_middle(self.unchanged, metric), metric=metric),
            ]
            name = html.escape(said(metric_words(metric), self.lang))
            figures = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            yield f"<tr><td>{name}</td>{figures}</tr>"

    def _spread(self, found: Results, metric: str) -> str:
        values = found.metric(metric)
        defined = values[np.isfinite(values)]
        if not len(defined):
            return said(_NEVER, self.lang)
        low, high = (self._shown(each, metric=metric) for each in np.quantile(defined, TAILS))
        return said(_TO, self.lang).format(low=low, high=high)

    def _shown(self, value: float, *, metric: str) -> str:
        if not np.isfinite(value):
            return said(_NEVER, self.lang)
        words = value_words(float(value), metric=metric, currency=self.case.head.currency)
        return said(words, self.lang)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)  # type: ignore[no-untyped-call]  # IPython has no types for it


def _middle(found: Results, metric: str) -> float:
    """Return the probability of an indicator, of all else the median where it is defined."""
    values = found.metric(metric)
    if is_probability(metric):
        return float(values.mean())
    defined = values[np.isfinite(values)]
    return float(np.median(defined)) if len(defined) else np.nan


def explore(
    case: Case,
    moving: str | Sequence[str | Sequence[str]] | None = None,
    *,
    draws: int = DRAWS,
    rng: Rng = 2026,
    lang: str = "en",
) -> Explorer:
    """Return sliders for some numbers of a case, with what it comes to as they move.

    Parameters
    ----------
    case
        The case.
    moving
        Paths of positive numbers of the contract or of quantities, several that move in proportion
        as a list; None: all prices in proportion, what the intervention does to the outcome that
        is paid for first, how many come, and the cap on all payments, where the case has them.
    draws, rng
        Size, at least 2, and seed of every simulation.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If an argument is out of range, a path leads to no number that can be moved, or ipywidgets
        is not installed.
    """
    spoken = language(lang)
    check_draws(draws, rng)
    try:
        import ipywidgets  # noqa: F401 - only whether it is there
    except ImportError:
        message = "explore needs ipywidgets, which is not installed: pip install 'sibsim[jupyter]'"
        raise ArgumentError(message) from None
    return Explorer(case, knobs_of(case, moving), draws, seed_from(rng), spoken)


def _png(found: Results, *, lang: Language) -> bytes:
    """Return the picture of what parties have and owe over time."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from sibsim.reports import plots

    moved = {name for each in found.postings or () for name in (each.payer, each.payee)}
    parties = [each for each in PICTURED if each == PICTURED[0] or each in moved]
    figure = Figure(figsize=INCHES, dpi=DOTS)
    figure.subplots_adjust(**MARGINS)
    for ax, party in zip(figure.subplots(1, len(parties), squeeze=False)[0], parties, strict=True):
        plots.cumulative_cash(found, party, ax=ax, lang=lang)
    drawn = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(drawn, format="png")
    return drawn.getvalue()
