"""The economy: the budget in Copenhagen's form, who gains and pays, the service ceiling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from sibsim.core.amounts import chance
from sibsim.metrics import PUBLIC_PARTIES, ROUNDING
from sibsim.reports import plots
from sibsim.reports.cash import kept_postings
from sibsim.reports.document.material import Material
from sibsim.reports.document.parts import (
    Block,
    Figure,
    Paragraph,
    Picture,
    Pieces,
    Row,
    Said,
    Table,
    headed,
)
from sibsim.reports.document.text import shortened
from sibsim.reports.document.words import ECONOMY, FRONT
from sibsim.reports.municipal_words import word

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.reports.municipal import MunicipalBudget

ONE_AND_ITS_TOTAL = 2
"""Rows of the table of committees where one has it all, so that the table says nothing new."""

WIDTH_OF_LETTER = 0.19
"""Relative width of a letter of a title, as columns of ten fill a page."""

LONGEST_ALT = 600
"""Characters of a text for those who do not see a picture."""

CEILING_COLUMNS = ("room", "transfers", "cash", "no room", "squeezed")
"""Columns of the table on the service ceiling that a committee reads."""

_CHANCES = ("below", "no room", "no room, cash")
"""Columns that are probabilities."""


def economy(material: Material) -> tuple[Block, ...]:
    """Return the tables of the authority's budget, where the ledger has money of it."""
    return tuple(_economy(material))


def _economy(material: Material) -> Iterator[Block]:
    stated = material.case.problem
    assert stated is not None  # noqa: S101 - a case that was run has one
    named = {name for each in kept_postings(material.results) for name in (each.payer, each.payee)}
    if stated.authority in named:
        memo = material.results.municipal_budget(stated.authority, lang=material.lang)
        yield from _tables(material, memo)
    yield _who_picture(material)
    yield Paragraph(material.say(ECONOMY["own money"]), is_small=True)


def _tables(material: Material, memo: MunicipalBudget) -> Iterator[Block]:
    kind = "means" if material.is_run else "means.base"
    draws = Figure(material.number(material.results.draws), "draws", "run")
    yield Paragraph((*material.say(ECONOMY[kind], draws=draws), *_in_current(material, memo)))
    form_of = material.results.municipal_budget(
        memo.party, sign="expense_positive", lang=material.lang
    )
    form = form_of.copenhagen_form()
    yield _form(material, form_of, form)
    year = form.attrs["payback_year"]
    told = "payback" if year is not None else "no payback"
    if year == material.case.timeline.years[0]:
        told = "never short"
    shown = str(material.case.timeline.years[-1] if year is None else year)
    call = "municipal_budget().copenhagen_form().attrs['payback_year']"
    yield Paragraph(
        material.say(
            ECONOMY[told if material.is_run else f"{told}.base"],
            year=Figure(shown, call, material.results_basis),
        )
    )
    if material.is_run:
        yield table_of(
            material,
            memo.totals(),
            caption=_caption(material, "totals", memo),
            source="municipal_budget().totals()",
        )
    saves, note = memo.who_saves(), material.word(ECONOMY["who note"])
    if any(str(each).endswith(word("held back", material.lang)) for each in saves.index):
        note = f"{material.word(ECONOMY['who held back'])} {note}"
    yield table_of(
        material,
        saves,
        caption=_caption(material, "who", memo),
        note=note,
        source="municipal_budget().who_saves()",
    )
    if memo.party == PUBLIC_PARTIES[0]:
        ceiling = memo.service_ceiling()
        yield table_of(
            material,
            ceiling[[word(key, material.lang) for key in CEILING_COLUMNS]],
            caption=_caption(material, "ceiling", memo),
            note=material.word(ECONOMY["ceiling note"]),
            source="municipal_budget().service_ceiling()",
        )
    committees = memo.committees()
    if len(committees) > ONE_AND_ITS_TOTAL:
        yield table_of(
            material,
            committees,
            caption=_caption(material, "committees", memo),
            source="municipal_budget().committees()",
        )


def _in_current(material: Material, memo: MunicipalBudget) -> Pieces:
    """Return how the net result reads in current prices, where the tables have fixed ones."""
    if memo.prices is None or not material.is_run or material.payer is None:
        return ()
    metric = f"{material.payer}_net"
    share = float((material.results.metric(metric) < -ROUNDING).mean())
    said = material.say(
        ECONOMY["prices"],
        party=material.authority,
        net=material.of_run(metric, "mean"),
        share=material.share(share, of=f"P({metric} < 0)")["share"],
    )
    return (" ", *said)


def _caption(material: Material, key: str, memo: MunicipalBudget) -> str:
    party = material.authority
    return material.word(ECONOMY[key]).format(party=party, caption=memo.caption)


def _form(material: Material, memo: MunicipalBudget, form: pd.DataFrame) -> Table:
    """Return Copenhagen's form: sections as titles, totals in bold."""
    left_out = {"p5", "p95", word("below", material.lang), word("above", material.lang)}
    columns = [name for name in form.columns if str(name) not in left_out]
    lines, rows, section = form.index, [], None
    for (part, line, frame), values in zip(lines, form[columns].to_numpy(), strict=True):
        is_last = part == word("impact", material.lang)
        if part != section and not is_last:
            blank: tuple[Pieces, ...] = ((),) * (len(columns) + 1)
            rows.append(Row(((Said(str(part)),), *blank), kind="group"))
        section = part
        is_total = is_last or not frame
        title = str(part) if is_last else str(line)
        cells = tuple((material.number(float(value)),) for value in values)
        kind: Literal["plain", "total"] = "total" if is_total else "plain"
        rows.append(Row(((Said(*headed(title)),), (str(frame),), *cells), kind=kind))
    names = (word("line", material.lang), word("frame", material.lang), *map(str, columns))
    return Table(
        caption=_caption(material, "form", memo),
        columns=headed(*names),
        rows=tuple(rows),
        widths=(4.8, 3.0, *(1.5 for _ in columns)),
        numbers=range(2, len(names)),
        note=material.word(ECONOMY["form note"]),
        source="municipal_budget(sign='expense_positive').copenhagen_form()",
    )


def table_of(
    material: Material, frame: pd.DataFrame, *, caption: str, source: str, note: str = ""
) -> Table:
    """Return a table of a budget memo: numbers in its unit, probabilities in per cent.

    Parameters
    ----------
    material
        The run.
    frame
        The table; columns of text stand as they are.
    caption, source, note
        What it shows, the call that makes it, and what stands below it.
    """
    from pandas.api.types import is_numeric_dtype

    chances = {word(key, material.lang) for key in _CHANCES}
    shown = frame
    if not material.is_run:
        left_out = [name for name in frame.columns if name in {"p5", "p95"} | chances]
        shown = frame.drop(columns=left_out)
    rows = []
    for label, values in shown.iterrows():
        is_chance = str(label) in chances
        cells = tuple(
            (_cell(material, value, is_chance=is_chance or str(name) in chances),)
            for name, value in values.items()
        )
        rows.append(Row(((Said(*headed(_column(material, label))),), *cells)))
    if rows and str(shown.index[-1]) == word("total", material.lang):
        rows[-1] = Row(rows[-1].cells, kind="total")
    labels = [_column(material, each) for each in shown]
    widths = [
        max(1.6 if is_numeric_dtype(kind) else 3.6, _room(label))
        for label, kind in zip(labels, shown.dtypes, strict=True)
    ]
    first = max([3.2, *(_room(_column(material, each)) for each in shown.index)])
    return Table(
        caption=caption,
        columns=headed(str(shown.index.name), *labels),
        rows=tuple(rows),
        widths=(first, *widths),
        numbers=range(1, 1 + sum(map(is_numeric_dtype, shown.dtypes))),
        note=note,
        source=source,
    )


def _room(label: str) -> float:
    """Return the relative width that the longest word of a title needs to stay whole."""
    return WIDTH_OF_LETTER * max(map(len, label.split()), default=0)


def _column(material: Material, label: object) -> str:
    """Return what a column or row is called: quantiles in per cent, chances in words."""
    median = material.word(FRONT["median"])
    chances = {word(key, material.lang): material.word(ECONOMY[key]) for key in _CHANCES}
    return ({"p5": "5 %", "p50": median, "p95": "95 %"} | chances).get(str(label), str(label))


def _cell(material: Material, value: object, *, is_chance: bool) -> str | Said:
    if isinstance(value, str):
        return Said(value)
    number = float(value)  # type: ignore[arg-type] # a cell of a frame of numbers
    if is_chance and math.isfinite(number):
        return material.word(chance(number))
    return material.number(number)


def _who_picture(material: Material) -> Picture:
    caption = material.word(ECONOMY["who picture"])
    said_so = " ".join(map(str, material.results.answers(material.lang)["answer"]))
    return Picture(
        name="who_saves",
        caption=caption,
        alt=shortened(f"{caption}. {said_so}", LONGEST_ALT),
        draw=lambda ax: plots.who_saves(material.results, ax=ax, lang=material.lang),
    )
