"""What a document says: figures are the library's, headings and words in both languages."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build, to_toml
from sibsim.core.amounts import in_plain_words
from sibsim.core.wording import Language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.reports.document.drivers import drivers_of, turning
from sibsim.reports.document.follow_up import _in_a_sentence
from sibsim.reports.document.made import made
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Document,
    Figure,
    Paragraph,
    Pieces,
    Table,
    filled,
    plain,
)
from sibsim.reports.document.provenance import case_checksum
from sibsim.reports.document.text import NO_BREAK, clean, shortened, unbroken
from sibsim.reports.payment_table import payment_table
from sibsim.results import Results
from tests.hostile import hostile_case

HEADINGS = {
    "da": [
        "Indstilling",
        "Problemstilling",
        "Løsning",
        "Økonomi",
        "Risiko",
        "Opfølgning",
        "Forudsætninger",
    ],
    "en": [
        "Recommendation",
        "The problem",
        "The solution",
        "Economy",
        "Risk",
        "Follow-up",
        "Assumptions",
    ],
}
LANGUAGES: tuple[Language, ...] = ("da", "en")


@pytest.fixture(scope="module")
def run() -> Results:
    """Simulate Holbæk."""
    return sib.load_case("holbaek").simulate(draws=512, rng=1)


def blocks(said: Document) -> list[Block]:
    """Return all blocks of a document."""
    return [*said.box, *(block for section in said.sections for block in section.blocks)]


def texts(said: Document) -> list[Pieces]:
    """Return all stretches of text of a document."""
    found: list[Pieces] = []
    for block in blocks(said):
        if isinstance(block, Paragraph):
            found.append(block.pieces)
        elif isinstance(block, Bullets):
            found.extend(block.items)
        elif isinstance(block, Table):
            found.extend(cell for row in block.rows for cell in row.cells)
    return found


def figures(said: Document) -> dict[str, str]:
    """Return every figure of a document by what it is of."""
    pieces = (piece for text in texts(said) for piece in text)
    return {each.of: each.text for each in pieces if isinstance(each, Figure)}


def table(said: Document, source: str) -> Table:
    """Return the table that a call makes."""
    return next(each for each in blocks(said) if isinstance(each, Table) and each.source == source)


def numbers(shown: Table) -> list[list[float]]:
    """Return the numbers of a Danish table, row by row, its text cells left out."""
    rows = []
    for row in shown.rows:
        cells = [plain(cell) for cell in row.cells]
        read = [each.replace(".", "") for each in cells if re.fullmatch(r"-?[\d.]+", each)]
        if read:
            rows.append([float(each) for each in read])
    return rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings(run: Results, lang: Language) -> None:
    """The sections are those of a Danish committee paper, in order, in both languages."""
    assert [section.title for section in made(run, lang=lang).sections] == HEADINGS[lang]


def test_key_figures_are_the_summary(run: Results) -> None:
    """Base value, mean and quantiles are those of the summary, to the digits shown."""
    found = figures(made(run, lang="en"))
    summary: dict[str, dict[str, float]] = run.summary().T.to_dict()  # type: ignore[assignment] # keys are names
    for metric in ("municipality_net", "payments_total", "investor_profit", "public_net"):
        for statistic in ("mean", "p5", "p50", "p95"):
            assert_amount(found[f"{metric}, {statistic}"], summary[metric][statistic])
        assert_amount(found[f"{metric}, base case"], summary[metric]["base"])
    assert found["break_even_year, base case"] == f"{summary['break_even_year']['base']:.0f}"
    assert found["break_even_year, mean"] == "-"


def assert_amount(text: str, value: float) -> None:
    """Check an amount as DKK 2.1 m, DKK 0.41 m or DKK 68,000, to half of its last digit."""
    number = float(text.removeprefix("DKK ").removesuffix(" m").replace(",", ""))
    in_millions = text.endswith(" m")
    digits = len(text.removesuffix(" m").partition(".")[2])
    unit = 1e6 if in_millions else 1.0
    half = 0.5 * 10**-digits * unit if in_millions else 500.0
    assert abs(number * unit - value) <= half * (1 + 1e-9), (text, value)


def test_tables_are_the_budget_memo(run: Results) -> None:
    """Copenhagen's form, totals, who saves and the ceiling show the memo's own figures."""
    said = made(run, lang="da")
    memo = run.municipal_budget(lang="da")
    form = run.municipal_budget(lang="da", sign="expense_positive").copenhagen_form()
    source = "municipal_budget(sign='expense_positive').copenhagen_form()"
    shown = numbers(table(said, source))
    chances = {each for each in form.columns if str(each).startswith("P(")}
    expected = form[[each for each in form.columns if each not in {"p5", "p95", *chances}]]
    assert shown == [[round(value) + 0.0 for value in row] for row in expected.to_numpy()]
    totals = numbers(table(said, "municipal_budget().totals()"))
    assert totals == [[round(value) + 0.0 for value in row] for row in memo.totals().to_numpy()[:4]]
    saves = memo.who_saves().drop(columns="P(netto < 0)")
    who = numbers(table(said, "municipal_budget().who_saves()"))
    assert who == [[round(value) + 0.0 for value in row] for row in saves.to_numpy()]
    room = memo.service_ceiling()["ændring i råderum under serviceloftet"]
    ceiling = table(said, "municipal_budget().service_ceiling()")
    assert [plain(row.cells[1]) for row in ceiling.rows] == [
        f"{round(value) + 0.0:,.0f}".replace(",", ".") for value in room
    ]


def test_costs_are_by_hand() -> None:
    """Holbæk's base case: the team indexed, three fixed lines, and the total per participant."""
    base = sib.load_case("holbaek").base_case()
    shown = table(made(base, lang="en"), "results.postings, lines costs.*")
    rows = [[plain(cell) for cell in row.cells] for row in shown.rows]
    # The team in the quarters of 2024 to mid 2026, wages 3.2 % a year: see docs/model.md.
    days = {2024: 366 / 365.25, 2025: 365 / 365.25, 2026: 181 / 365.25}
    team = sum(2_450_000 * share * 1.032 ** (year - 2024) for year, share in days.items())
    assert rows[0][:2] == ["Cross-disciplinary team", "the capital"]
    assert_amount(rows[0][2], team)
    assert [row[2] for row in rows[1:4]] == ["DKK 0.45 m", "DKK 0.30 m", "DKK 0.24 m"]
    assert [row[1] for row in rows[2:4]] == ["Holbæk Kommune", "Den Sociale Investeringsfond"]
    whole = team + 450_000 + 300_000 + 240_000
    assert_amount(rows[4][2], whole)
    assert_amount(rows[5][2], whole / 180)


def test_an_amount_that_always_suffices_is_said_to() -> None:
    """Where the cap is what nine draws in ten come to, more is never paid."""
    case = sib.load_case("holbaek").with_({"contract.limit.contract": 2_000_000})
    said = made(case.simulate(draws=512, rng=1), lang="da")
    items = [plain(each) for each in texts(said)]
    assert any("som rækker i mindst 99 af 100 forløb" in each for each in items)
    assert not any("som rækker i 9 af 10" in each for each in items)


def test_committees_are_said_as_far_as_they_are_stated() -> None:
    """The committee has the budget lines only where each line names one."""
    case = sib.load_case("holbaek")
    whole = " ".join(plain(each) for each in texts(made(case.base_case(), lang="da")))
    assert "betaler for resultater og har budgetlinjerne" in whole
    document = dict(case.document)
    document["budget"] = {
        name: {key: value for key, value in line.items() if key != "committee"}
        for name, line in case.document["budget"].items()
    }
    some = " ".join(plain(each) for each in texts(made(build(document).base_case(), lang="da")))
    assert "Hvilket udvalg der har hver budgetlinje, står ikke i casen." in some


def test_tables_are_numbered_and_their_calls_stand_at_the_end(run: Results) -> None:
    """Captions count up; every table with a call is in the last section under its number."""
    said = made(run, lang="da")
    shown = [each for each in blocks(said) if isinstance(each, Table)]
    assert [each.caption.partition(".")[0] for each in shown] == [
        f"Tabel {number}" for number in range(1, len(shown) + 1)
    ]
    named = dict(said.colophon)
    assert {each.caption.partition(".")[0]: each.source for each in shown if each.source} == {
        key: value for key, value in named.items() if key.startswith("Tabel")
    }


def test_probabilities_are_the_metrics(run: Results) -> None:
    """Chances are shares of the draws, in plain words and in per cent."""
    pieces = [piece for text in texts(made(run, lang="da")) for piece in text]
    found = {
        each.text
        for each in pieces
        if isinstance(each, Figure) and each.of == "1 - p_goal.job, mean"
    }
    share = 1.0 - float(run.metric("p_goal.job").mean())
    assert found == {in_plain_words(share).da, f"{round(100 * share)} %"}


@pytest.mark.parametrize(
    ("share", "danish", "english"),
    [
        (0.0, "i færre end 1 af 100 forløb", "in fewer than 1 of 100 simulations"),
        (0.03, "i 3 af 100 forløb", "in 3 of 100 simulations"),
        (0.05, "i 1 af 20 forløb", "in 1 of 20 simulations"),
        (0.08, "i 1 af 10 forløb", "in 1 of 10 simulations"),
        (0.68, "i 7 af 10 forløb", "in 7 of 10 simulations"),
        (0.94, "i 19 af 20 forløb", "in 19 of 20 simulations"),
        (0.545, "i 6 af 10 forløb", "in 6 of 10 simulations"),
        (0.55, "i 6 af 10 forløb", "in 6 of 10 simulations"),
        (0.35, "i 4 af 10 forløb", "in 4 of 10 simulations"),
        (0.65, "i 6 af 10 forløb", "in 6 of 10 simulations"),
        (0.96, "i 96 af 100 forløb", "in 96 of 100 simulations"),
        (1.0, "i flere end 99 af 100 forløb", "in more than 99 of 100 simulations"),
    ],
)
def test_plain_words(share: float, danish: str, english: str) -> None:
    """A share is said in parts of ten, at the ends of twenty, beyond them of a hundred."""
    assert (in_plain_words(share).da, in_plain_words(share).en) == (danish, english)


def test_drivers_are_those_of_the_case() -> None:
    """What changes the answer is what the case itself says, for several metrics at once."""
    case = sib.load_case("holbaek")
    found = drivers_of(case, ("municipality_net", "investor_irr"))
    for metric, drivers in found.items():
        alone = case.low_base_high(metric)
        assert [row[:4] for row in drivers.rows] == [row[:4] for row in alone.rows]
        ends = [row[4:] for row in drivers.rows], [row[4:] for row in alone.rows]
        # Sums of up to 1e8 in another order: 1e8 times the rounding of doubles.
        np.testing.assert_allclose(*ends, rtol=1e-12, atol=1e-6)
    turned = list(turning(found["municipality_net"]))
    assert turned
    assert all(each.result < 0 < found["municipality_net"].base for each in turned)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_base_figure_is_told_apart(run: Results, lang: Language) -> None:
    """What is of the base case is marked so, and what is of the draws is not."""
    for text in texts(made(run, lang=lang)):
        for piece in text:
            if isinstance(piece, Figure) and piece.of.endswith(", base case"):
                assert piece.basis == "base case"
            if isinstance(piece, Figure) and piece.of.endswith((", mean", ", p5", ", p95")):
                assert piece.basis == "run"


def test_colophon_says_how_to_make_it_again(run: Results) -> None:
    """Case, checksum of its file, draws, seed, sampling and version stand at the end."""
    said = made(run, lang="en")
    found = dict(said.colophon)
    text = to_toml(run.case)
    assert found["checksum of the case (SHA-256)"] == hashlib.sha256(text.encode()).hexdigest()
    assert found["case"] == "holbaek"
    assert (found["simulations"], found["seed"]) == ("512", "1")
    assert found["sibsim version"] == sib.__version__
    assert case_checksum(run.case)[:12] in said.footer


def test_another_case_has_another_checksum() -> None:
    """A changed price changes the checksum."""
    case = sib.load_case("holbaek")
    other = case.with_({"payments.wellbeing.price": 6_001})
    assert case_checksum(case) != case_checksum(other)


@pytest.mark.parametrize("name", sib.list_cases().index)
def test_base_case_of_every_case_is_a_document(name: str) -> None:
    """A base case has a document without chances, in both languages."""
    base = sib.load_case(name).base_case()
    for lang in LANGUAGES:
        found = figures(made(base, lang=lang))
        assert not any(of.startswith("p_") for of in found)


def test_settled_and_metrics_only_are_refused() -> None:
    """A run without flows and a settlement make no document, and are told why."""
    case = sib.load_case("holbaek")
    with pytest.raises(ArgumentError, match="keep='flows'"):
        made(case.simulate(draws=8, rng=1, keep="metrics"), lang="da")
    with pytest.raises(ArgumentError, match="settled on reports"):
        made(case.settle([]), lang="da")
    with pytest.raises(ArgumentError, match="lang"):
        made(case.base_case(), lang="se")


def test_payment_table_is_the_contract() -> None:
    """Columns are those of the toolbox; prices and rules are the case's own."""
    case = sib.load_case("holbaek")
    found = payment_table(case, lang="da")
    assert list(found.columns) == ["Betalingsmål", "Betaling", "Datakilde", "Detaljer"]
    assert found.loc["job", "Betaling"] == "16.000 kr. / 22.000 kr. / 22.000 kr."
    assert list(found["Detaljer"]) == list(case.describe("da")["rule"])[:3]


def test_hostile_text_is_kept_apart_and_cut() -> None:
    """Text of a case is never read as a pattern, and titles in footers are short."""
    said = made(hostile_case().simulate(draws=64, rng=1), lang="da")
    assert "{title}" in said.title
    assert len(said.footer) < 400
    assert clean("a\x00b\u202ec\u2066") == "abc"
    assert shortened("x" * 50, 10) == "x" * 9 + "…"


def test_filled_leaves_out_a_second_full_stop() -> None:
    """An amount that ends with a full stop ends its sentence."""
    words = Words(da="det er {net}.", en="it is {net}.")
    assert plain(filled(words, "da", {"net": "3 kr."})) == "det er 3 kr."
    assert plain(filled(words, "en", {"net": "DKK 3"})) == "it is DKK 3."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("er 2,1 mio. kr. i alt", "er 2,1~mio.~kr. i alt"),
        ("i 34 % af forløbene", "i 34~% af forløbene"),
        ("16.000 kr. ved 12", "16.000~kr. ved 12"),
        ("is DKK -1.0 m on average", "is DKK~-1.0~m on average"),
        ("under 1 %", "under~1~%"),
        ("12 months", "12 months"),
    ],
)
def test_numbers_stay_with_their_units(text: str, kept: str) -> None:
    """No line breaks between a number and its unit, or its sign."""
    assert unbroken(text) == kept.replace("~", NO_BREAK)


@pytest.mark.parametrize(
    ("name", "inside"),
    [("Hvor mange der kommer", "hvor mange der kommer"), ("FGU, beløb", "FGU, beløb")],
)
def test_names_lose_their_capital_in_a_sentence(name: str, inside: str) -> None:
    """An abbreviation keeps it."""
    assert _in_a_sentence(name) == inside
