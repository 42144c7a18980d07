"""The front page: what the workbook is, how to use it, the answer, the key totals, what is fixed.

The sheet is begun first, so that it stands first, and written last, when everything else is there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sibsim.budget.ledger import parties
from sibsim.core.wording import said
from sibsim.core.words import Words
from sibsim.figures import is_probability
from sibsim.metric_words import METRIC_WORDS, metric_unit
from sibsim.reports.document.material import Material
from sibsim.reports.document.provenance import footer
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.metric_cells import (
    changed_inputs,
    colour_checks,
    kind_of,
    put_check,
    put_value,
)
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.sheets import Book, Sheet
from sibsim.reports.workbook.simulated import (
    CHANGED_INPUTS,
    CHECK,
    DIFFERENCE,
    LIBRARY,
    LIVE,
    NAME,
    UNIT,
    WHAT,
)
from sibsim.reports.workbook.styles import Kind, Style
from sibsim.results import Results

REGION = "region"
"""Ledger party that few cases have."""

SHEET = Words(da="Forside", en="Front")
SUBTITLE = Words(
    da="Social resultatkontrakt: base casen som levende regneark",
    en="Social outcome contract: the base case as a live workbook",
)
USE = Words(da="Sådan bruges arbejdsbogen", en="How to use this workbook")
STEPS = (
    Words(
        da="1. Ret de blå felter på arket Input. Alt, hvad der er sort eller grønt, regner med.",
        en="1. Change the blue cells of the sheet Inputs. All that is black or green follows.",
    ),
    Words(
        da="2. Følg et tal baglæns: hvert ark har ét trin pr. søjle, og overskrifter med et "
        "mærke i hjørnet har formlen i ord.",
        en="2. Follow a figure backwards: each sheet has one step per column, and titles with a "
        "mark in the corner have the formula in words.",
    ),
    Words(
        da="3. Orange felter er sibsims egne tal og følger ikke input; nedenfor står hvorfor.",
        en="3. Orange cells are sibsim's own figures and follow no input; why is said below.",
    ),
    Words(
        da="4. Kontrollen ovenfor siger OK, så længe input er, som de blev skrevet, og de levende "
        "tal er sibsims.",
        en="4. The check above says OK as long as the inputs are as written and the live figures "
        "are sibsim's.",
    ),
    Words(
        da="5. Svaret og de simulerede tal er skrevet én gang og ændrer sig ikke med input.",
        en="5. The answer and the simulated figures are written once and do not change with the "
        "inputs.",
    ),
    Words(
        da="6. Gem, og simulér påny: i en terminal med sibsim report FIL.xlsx --lang da --out "
        "MAPPE, i Python med sib.case_from_workbook(sti).",
        en="6. Save, and simulate anew: in a terminal with sibsim report FILE.xlsx --out FOLDER, "
        "in Python with sib.case_from_workbook(path).",
    ),
)
SHEETS = Words(da="Arkene", en="The sheets")
ANSWER = Words(da="Svaret", en="The answer")
TOTALS = Words(da="Nøgletal", en="Key figures")
FIXED = Words(da="Hvad der ikke følger input", en="What does not follow the inputs")
HALF_CHANGED = Words(
    da="Input er ændret, og orange felter følger ikke med: tal, der bygger på dem, gælder ikke. "
    "Læs arbejdsbogen ind i sibsim igen.",
    en="Inputs are changed, and orange cells do not follow: figures that rest on them do not "
    "hold. Read the workbook back into sibsim.",
)
ALL_FOLLOWS = Words(
    da="Alt i base casen følger input.", en="Everything in the base case follows the inputs."
)
LEGEND = Words(da="Farver", en="Colours")
COLOURS: tuple[tuple[Style, Words, Words], ...] = (
    ("input", Words(da="blå på gult", en="blue on yellow"), Words(da="input", en="an input")),
    ("formula", Words(da="sort", en="black"), Words(da="formel", en="a formula")),
    (
        "link",
        Words(da="grøn", en="green"),
        Words(da="hentet fra et andet ark", en="taken from another sheet"),
    ),
    (
        "fixed",
        Words(da="orange", en="orange"),
        Words(da="sibsims tal, følger ikke input", en="sibsim's figure, follows no input"),
    ),
)
FIRST_WIDTH, NEXT_WIDTH, UNIT_WIDTH, LAST_WIDTH = 46, 15, 20, 28
"""Widths in characters."""

UNIT_COLUMN, LIBRARY_COLUMN, NAME_COLUMN = 2, 3, 6
LAST_COLUMN = NAME_COLUMN
"""Columns of units, of the library's values and of names; texts run to the last."""

LINE_HEIGHT = 15.0
"""Points that one line of text takes."""

CHARACTERS = FIRST_WIDTH + NEXT_WIDTH * (LAST_COLUMN - 2) + UNIT_WIDTH + LAST_WIDTH
"""Characters of a line over the width of the page; small letters leave some to spare."""

MOST_LINES = 20
"""Lines that one text is shown on; the cell holds all of it."""


def begin_front(book: Book) -> Sheet:
    """Add the front page to a workbook, empty, before any other sheet."""
    return book.sheet(SHEET, tab="result")


def write_front(live: Live, results: Results, sheet: Sheet) -> None:
    """Fill the front page; called last.

    Parameters
    ----------
    live
        The workbook, with all its totals and all that is fixed.
    results
        The run that the workbook is of, or the base case.
    sheet
        The page, as it was begun.
    """
    book, paper = sheet.book, sheet.paper
    paper.set_column(0, 0, FIRST_WIDTH)
    paper.set_column(1, LAST_COLUMN - 1, NEXT_WIDTH)
    paper.set_column(UNIT_COLUMN, UNIT_COLUMN, UNIT_WIDTH)
    paper.set_column(LAST_COLUMN, LAST_COLUMN, LAST_WIDTH)
    _text(sheet, live.case.head.title, size=16, bold=True)
    _text(sheet, SUBTITLE, size=12)
    _text(sheet, footer(Material(results, live.base, book.lang)), size=8)
    _title(sheet, ANSWER)
    kept = results if results.postings is not None else live.base
    for sentence in kept.answers(book.lang)["answer"]:
        _text(sheet, str(sentence))
    _title(sheet, TOTALS)
    _totals(sheet, live)
    _title(sheet, USE)
    for step in STEPS:
        _text(sheet, step)
    _title(sheet, SHEETS)
    _contents(sheet)
    _title(sheet, FIXED)
    _fixed(sheet, live)
    _title(sheet, LEGEND)
    _legend(sheet)
    paper.hide_gridlines(2)
    paper.activate()


def _title(sheet: Sheet, title: Words) -> None:
    sheet.row += 1
    _text(sheet, title, size=12, bold=True)


def _text(sheet: Sheet, text: Words | str, *, size: int = 11, bold: bool = False) -> None:
    """Write a text over the width of the page, as high as it needs."""
    book = sheet.book
    look = book.file.add_format(
        {"text_wrap": True, "valign": "top", "font_size": size, "bold": bold}
    )
    shown = book.say(text)
    # Written as a string over the merged cells: merging itself would run a formula.
    sheet.paper.merge_range(sheet.row, 0, sheet.row, LAST_COLUMN, "", look)
    sheet.paper.write_string(sheet.row, 0, shown, look)
    normal = 11
    width = CHARACTERS * normal / size
    lines = sum(max(1, math.ceil(len(line) / width)) for line in shown.splitlines() or [""])
    sheet.paper.set_row(sheet.row, LINE_HEIGHT * min(lines, MOST_LINES) * max(size / normal, 1.0))
    sheet.row += 1


def _totals(sheet: Sheet, live: Live) -> None:
    """Write key figures: live, as the library has them, and whether they agree."""
    book = sheet.book
    look = book.look("count", "formula")
    sheet.put(sheet.row, 0, CHANGED_INPUTS, book.look("text"))
    changed = sheet.put(sheet.row, 1, changed_inputs(live), look)
    changed = Formula(changed.text.partition("!")[2], changed.value)
    sheet.row += 1
    for column, title in enumerate((WHAT, LIVE, UNIT, LIBRARY, DIFFERENCE, CHECK, NAME)):
        kind: Kind = "head" if title in {LIVE, LIBRARY, DIFFERENCE} else "text"
        sheet.put(sheet.row, column, title, book.look(kind, "total"))
    first = sheet.row + 1
    # One course has no chances: they are on the sheet of the simulation.
    moved = parties(live.base.postings or ())
    names = [
        name
        for name in METRIC_WORDS
        if name in live.totals
        and not is_probability(name)
        and (name != "region_net" or REGION in moved)
    ]
    for row, name in enumerate(names, start=first):
        library = float(live.base.metrics[name][0])
        sheet.put(row, 0, METRIC_WORDS[name], book.look("text"))
        sheet.put(row, 1, live.totals[name], book.look(kind_of(name), "link"))
        here = Formula(f"B{row + 1}", live.totals[name].number)
        unit = metric_unit(name, currency=live.case.head.currency)
        sheet.put(row, UNIT_COLUMN, unit, book.look("text"))
        put_value(sheet, row, LIBRARY_COLUMN, library, metric=name, style="fixed")
        put_check(
            sheet,
            row,
            LIBRARY_COLUMN + 1,
            metric=name,
            live=here,
            library=library,
            changed=changed,
        )
        sheet.put(row, NAME_COLUMN, name, book.look("text"))
    sheet.row = first + len(names)
    if names:
        colour_checks(sheet, first=first, last=sheet.row - 1, column=LIBRARY_COLUMN + 2)
    if live.fixed:
        warning = said(HALF_CHANGED, book.lang)
        look = book.file.add_format({"bold": True, "font_color": "#9C0006"})
        sheet.paper.write_formula(sheet.row, 0, f'=IF({changed.text}>0,"{warning}","")', look, "")
        sheet.row += 1


def _contents(sheet: Sheet) -> None:
    """Write the sheets after this one, each a link, and what it is about."""
    book = sheet.book
    for other in book.sheets.values():
        if other is sheet:
            continue
        link = f"internal:'{other.name}'!A1"
        sheet.paper.write_url(sheet.row, 0, link, book.file.get_default_url_format(), other.name)
        sheet.put(sheet.row, 1, other.about, book.look("number"))
        sheet.row += 1


def _fixed(sheet: Sheet, live: Live) -> None:
    """Write which parts of the case follow no input, and why."""
    if not live.fixed:
        _text(sheet, ALL_FOLLOWS)
    for path, why in live.fixed.items():
        _text(sheet, f"{_called(live, path)}: {said(why, sheet.book.lang)}")


def _called(live: Live, path: str) -> str:
    """Return what a part of the case is called: its title and path, or the path alone."""
    section, _, name = path.partition(".")
    named = live.case.sections.get(section)
    title = getattr(named.get(name), "title", None) if isinstance(named, Mapping) else None
    return f"{said(title, live.book.lang)} ({path})" if isinstance(title, Words) else path


def _legend(sheet: Sheet) -> None:
    for style, colour, meaning in COLOURS:
        sheet.put(sheet.row, 0, meaning, sheet.book.look("text"))
        sheet.put(sheet.row, 1, colour, sheet.book.look("text", style))
        sheet.row += 1
