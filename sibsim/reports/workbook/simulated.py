"""What was simulated, beside the live base case and the library's: quantiles and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.core.amounts import in_plain_words
from sibsim.core.arrays import FloatArray
from sibsim.core.words import Words
from sibsim.figures import NEVER, figures, is_probability
from sibsim.metric_words import METRIC_WORDS
from sibsim.reports.document.material import Material
from sibsim.reports.document.provenance import colophon
from sibsim.reports.metric_titles import metric_title
from sibsim.reports.workbook.blocks import Block
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.metric_cells import (
    changed_inputs,
    colour_checks,
    kind_of,
    put_check,
    put_value,
)
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.sheets import Sheet
from sibsim.reports.workbook.styles import Kind
from sibsim.results import Results

SHEET = Words(da="Simulering", en="Simulation")
HEADING = Words(da="Simulerede tal ved siden af base casen", en="Simulated beside the base case")
NOTES = (
    Words(
        da="Kun søjlen »levende« følger input. Resten er regnet, da arbejdsbogen blev skrevet: læs "
        "den ind igen og simulér for at få nye tal.",
        en="Only the column 'live' follows the inputs. All else was worked out when the workbook "
        "was written: read it back and simulate for new figures.",
    ),
    Words(
        da="p5 til p95 er fraktiler over forløbene: i 5 af 100 er tallet under p5. Renter og år "
        "har intet gennemsnit.",
        en="p5 to p95 are quantiles over the draws: in 5 of 100 the figure is below p5. Rates and "
        "years have no mean.",
    ),
)
NOT_SIMULATED = Words(
    da="Intet er simuleret: arbejdsbogen er skrevet af en base case. Fraktiler og "
    "sandsynligheder kommer med, når den skrives af en kørsel (case.simulate()).",
    en="Nothing was simulated: this workbook was written from a base case. Quantiles and "
    "probabilities come along where it is written from a run (case.simulate()).",
)
SETTLED = Words(
    da="Intet er simuleret: tallene er gjort op efter, hvad der faktisk er rapporteret.",
    en="Nothing was simulated: the figures are settled on what was really reported.",
)
CHANGED_INPUTS = Words(da="input, der er ændret", en="inputs that are changed")
RUN = Words(da="Kørslen", en="The run")
MAIN = Words(da="Hovedtal", en="Main figures")
OTHERS = Words(da="Alle andre tal, efter navn", en="All other figures, by name")
CHANCES = Words(da="Sandsynligheder", en="Probabilities")
WHAT = Words(da="hvad", en="what")
NAME = Words(da="navn", en="name")
UNIT = Words(da="enhed", en="unit")
LIVE = Words(da="levende", en="live")
LIBRARY = Words(da="biblioteket", en="library")
LIBRARY_NOTE = Words(
    da="base casen, som sibsim regner det uden regneark",
    en="the base case as sibsim works it out without a spreadsheet",
)
DIFFERENCE = Words(da="forskel", en="difference")
CHECK = Words(da="kontrol", en="check")
CHANCE = Words(da="sandsynlighed", en="probability")
OFTEN = Words(da="i ord", en="in words")
STATISTICS: Mapping[str, Words] = {
    "mean": Words(da="gennemsnit", en="mean"),
    "mc_error": Words(da="Monte Carlo-fejl", en="Monte Carlo error"),
    "p5": Words(da="p5", en="p5"),
    "p25": Words(da="p25", en="p25"),
    "p50": Words(da="median", en="median"),
    "p75": Words(da="p75", en="p75"),
    "p95": Words(da="p95", en="p95"),
    "undefined": Words(da="andel udefineret", en="share undefined"),
}
"""What is said of a metric of a run, with its title."""

QUARTILES = {"p25": 0.25, "p75": 0.75}
"""Quantiles that stand here beside those of every summary."""

FIRST_WIDTH, NAME_WIDTH = 46, 34
"""Widths of the first two columns, in characters."""

UNWRAPPED: Kind = "number"
"""A kind whose cells show a text on one line."""


def write_simulated(live: Live, results: Results) -> None:
    """Write the simulated quantiles beside the live base case and the library's.

    Parameters
    ----------
    live
        The workbook, with all its live totals.
    results
        A run, or a base case or settlement, of which it says that nothing was simulated.
    """
    sheet = live.book.sheet(SHEET, tab="result")
    sheet.heading(HEADING)
    for note in NOTES if results.kind == "run" else (NOTES[0],):
        sheet.line(note)
    if results.kind != "run":
        sheet.line(SETTLED if results.kind == "settled" else NOT_SIMULATED)
    _colophon(sheet, live, results)
    changed = _changed(sheet, live)
    names = list(dict.fromkeys([*results.metrics, *live.base.metrics]))
    chances = [name for name in names if is_probability(name)]
    main = [name for name in METRIC_WORDS if name in names and name not in chances]
    others = [name for name in names if name not in main and name not in chances]
    for title, chosen in ((MAIN, main), (OTHERS, others)):
        if chosen:
            sheet.heading(title)
            _figures(sheet, live, results, chosen, changed=changed)
    if chances:
        sheet.heading(CHANCES)
        _chances(sheet, live, results, chances, changed=changed)
    sheet.paper.set_column(0, 0, FIRST_WIDTH)
    sheet.paper.set_column(1, 1, NAME_WIDTH)


def _changed(sheet: Sheet, live: Live) -> Formula:
    """Write how many inputs are changed and return the cell."""
    sheet.put(sheet.row, 0, CHANGED_INPUTS, sheet.book.look("text"))
    cell = sheet.put(sheet.row, 1, changed_inputs(live), sheet.book.look("count"))
    sheet.row += 2
    return cell


def _colophon(sheet: Sheet, live: Live, results: Results) -> None:
    rows = colophon(Material(results, live.base, live.book.lang))
    sheet.heading(RUN)
    for name, value in rows:
        sheet.put(sheet.row, 0, name, sheet.book.look("text"))
        sheet.put(sheet.row, 1, value, sheet.book.look(UNWRAPPED))
        sheet.row += 1
    sheet.row += 1


def _begun(
    sheet: Sheet, live: Live, metrics: Sequence[str], titles: Sequence[Words], *, changed: Formula
) -> Block:
    """Write what metrics are called, their live and library's values and the check."""
    block = sheet.block([metric_title(live.case, name) for name in metrics], title=WHAT)
    block.reserve(NAME)
    columns = [block.reserve(LIVE), block.reserve(LIBRARY, note=LIBRARY_NOTE)]
    for title in (DIFFERENCE, CHECK, *titles):
        block.reserve(title)
    for row, name in enumerate(metrics, start=block.top + 1):
        sheet.put(row, 1, name, sheet.book.look(UNWRAPPED))
        base = live.base.metrics.get(name)
        if base is None:
            continue
        library = float(base[0])
        put_value(sheet, row, columns[1].place, library, metric=name, style="fixed")
        if name in live.totals:
            cell = live.totals[name]
            sheet.put(row, columns[0].place, cell, sheet.book.look(kind_of(name), "link"))
            here = Formula(f"{_letter(columns[0].place)}{row + 1}", cell.number)
            put_check(
                sheet,
                row,
                columns[1].place + 1,
                metric=name,
                live=here,
                library=library,
                changed=changed,
            )
    first, last = block.top + 1, block.top + len(metrics)
    colour_checks(sheet, first=first, last=last, column=columns[1].place + 2)
    return block


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def _figures(
    sheet: Sheet, live: Live, results: Results, metrics: Sequence[str], *, changed: Formula
) -> None:
    """Write quantities: what they come to, and how they spread."""
    simulated = results.kind == "run"
    titles = list(STATISTICS.values()) if simulated else []
    block = _begun(sheet, live, metrics, titles, changed=changed)
    if not simulated:
        return
    first = block.width - len(STATISTICS)
    for row, name in enumerate(metrics, start=block.top + 1):
        if name not in results.metrics:
            continue
        found = _statistics(results, name)
        for column, figure in enumerate(STATISTICS, start=first):
            value = found[figure]
            if figure == "undefined":
                sheet.put(row, column, value, sheet.book.look("share"))
            elif figure == "mc_error" and name.endswith(NEVER):
                # Years come whole: the error of a median over them says nothing.
                continue
            elif figure.startswith("p") or not np.isnan(value):
                put_value(sheet, row, column, value, metric=name)


def _statistics(results: Results, metric: str) -> dict[str, float]:
    """Return what the summary says of a metric, and its quartiles."""
    values = results.metrics[metric]
    found = figures(values, metric=metric, nets=results.in_nets, chance=results.kind == "run")
    return found | _quartiles(values, metric=metric)


def _quartiles(values: FloatArray, *, metric: str) -> dict[str, float]:
    """Return quartiles by the rule of every summary: what never comes about ranks last."""
    levels = list(QUARTILES.values())
    if metric.endswith(NEVER):
        ranked = np.where(np.isnan(values), np.inf, values)
        found = np.quantile(ranked, levels, method="inverted_cdf")
    else:
        defined = values[~np.isnan(values)]
        found = np.quantile(defined, levels) if defined.size else np.full(len(levels), np.nan)
    return dict(zip(QUARTILES, map(float, found), strict=True))


def _chances(
    sheet: Sheet, live: Live, results: Results, metrics: Sequence[str], *, changed: Formula
) -> None:
    """Write indicators: whether they hold in the base case, and how often they do."""
    simulated = results.kind == "run"
    titles = [CHANCE, STATISTICS["mc_error"], OFTEN] if simulated else []
    block = _begun(sheet, live, metrics, titles, changed=changed)
    if not simulated:
        return
    first, text = block.width - len(titles), sheet.book.look(UNWRAPPED)
    for row, name in enumerate(metrics, start=block.top + 1):
        if name in results.metrics:
            found = _statistics(results, name)
            put_value(sheet, row, first, found["mean"], metric=name)
            put_value(sheet, row, first + 1, found["mc_error"], metric=name)
            if np.isfinite(found["mean"]):
                sheet.put(row, first + 2, in_plain_words(found["mean"]), text)
