"""What stands on pictures: the right language, hostile text as it stands, nothing outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes

import sibsim as sib
from sibsim.decisions.drivers.one_way import tornado
from sibsim.reports import plots
from sibsim.reports.plots.style import LONGEST_NAME, lines_of, plain
from sibsim.reports.plots.words import WORDS
from tests.pictures import assert_inside, closing, words_on

mpl.use("Agg")

HOSTILE = "$\\alpha$ <b> =1+1 _x \u202eabc\x07 \u4e2d %s {nothing}"
"""Mathematics, HTML, a formula, a mark of direction, a control character, a missing glyph."""

ALIKE = re.compile(r"[\d.,%+\-:() ]*|Den Sociale Investeringsfond|median|[a-z]+: [\d.,%+\- ]+")
"""What is written alike in both languages: numbers, names, `median`."""

OF_RESULTS: dict[str, Callable[[sib.Results, str], Axes]] = {
    "cash_flow": lambda results, lang: results.plot.cash_flow(lang=lang),
    "municipality": lambda results, lang: results.plot.cash_flow("municipality", lang=lang),
    "cumulative_cash": lambda results, lang: results.plot.cumulative_cash(lang=lang),
    "s_curve": lambda results, lang: results.plot.s_curve(lang=lang),
    "s_curve_net": lambda results, lang: results.plot.s_curve("municipality_net", lang=lang),
    "who_saves": lambda results, lang: results.plot.who_saves(lang=lang),
    "payment_funnel": lambda results, lang: results.plot.payment_funnel(lang=lang),
    "tranche_waterfall": lambda results, lang: results.plot.tranche_waterfall(lang=lang),
    "goals": lambda results, lang: results.plot.goals(lang=lang),
}
"""The pictures of a run."""

OF_A_CASE: dict[str, Callable[[sib.Case, str], Axes]] = {
    "power": lambda case, lang: case.plot.power_curve(draws=100, lang=lang),
    "power of a rate": lambda case, lang: case.plot.power_curve("wellbeing", draws=100, lang=lang),
    "false payment": lambda case, lang: case.plot.false_payment_curve(draws=50, lang=lang),
    "tornado": lambda case, lang: plots.tornado(tornado(case, draws=50, rng=1), lang=lang),
}
"""The pictures of a case."""


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close every figure afterwards."""
    yield from closing()


@pytest.fixture(scope="module")
def run() -> sib.Results:
    """Return a run of the Holbæk case."""
    return sib.load_case("holbaek").simulate(draws=512, rng=1)


@pytest.fixture(scope="module")
def hostile() -> sib.Case:
    """Return the Holbæk case with hostile titles, some of them very long."""
    case = sib.load_case("holbaek")
    long = HOSTILE * (10_000 // len(HOSTILE))
    return case.with_(
        {
            "outcomes.job.title": long,
            "outcomes.fit_for_work.title": HOSTILE,
            "outcomes.wellbeing.title": "_" + "w" * 10_000,
            "payments.wellbeing.title": long,
            "problem.investors": {"dsi": long},
        }
    )


def assert_in_its_language(draw: Callable[[str], Axes]) -> None:
    """Check that nothing but names and numbers stands on a picture in both languages."""
    danish, english = words_on(draw("da")), words_on(draw("en"))
    same = {each for each in danish & english if not ALIKE.fullmatch(each)}
    assert not same


@pytest.mark.parametrize("name", OF_RESULTS)
@pytest.mark.parametrize("kind", ["run", "base case"])
def test_pictures_of_a_run_speak_one_language(run: sib.Results, name: str, kind: str) -> None:
    """Titles, axes, legends, ticks and notes, of a run and of a base case."""
    results = run if kind == "run" else run.case.base_case()
    assert_in_its_language(lambda lang: OF_RESULTS[name](results, lang))


@pytest.mark.parametrize("name", OF_A_CASE)
def test_pictures_of_a_case_speak_one_language(run: sib.Results, name: str) -> None:
    """Titles, axes, legends, ticks and notes."""
    assert_in_its_language(lambda lang: OF_A_CASE[name](run.case, lang))


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    """A pattern that lost a value, or a language, would lose it on a picture."""
    for key, each in WORDS.items():
        assert each.da, key
        assert each.en, key
        values = [sorted(re.findall(r"{(\w+)}", text)) for text in (each.da, each.en)]
        assert values[0] == values[1], key


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", OF_RESULTS)
def test_hostile_text_breaks_no_picture_of_a_run(hostile: sib.Case, name: str, lang: str) -> None:
    """It is drawn as it stands, cut with an ellipsis, and nothing leaves the figure."""
    ax = OF_RESULTS[name](hostile.simulate(draws=32, rng=1), lang)
    assert_inside(ax)
    assert max(map(len, words_on(ax))) < 4 * LONGEST_NAME


@pytest.mark.parametrize("name", OF_A_CASE)
def test_hostile_text_breaks_no_picture_of_a_case(hostile: sib.Case, name: str) -> None:
    """It is drawn as it stands, cut with an ellipsis, and nothing leaves the figure."""
    assert_inside(OF_A_CASE[name](hostile, "da"))


def test_text_is_drawn_as_it_stands() -> None:
    """No mathematics, no marks of direction, no control characters, and a box for no glyph."""
    shown = plain(HOSTILE)
    assert shown.startswith(r"\$\alpha\$ <b> =1+1 _x abc □ %s {nothing}")
    assert plain("_hidden") == " _hidden"
    long = plain("a" * 10_000)
    assert len(long) == LONGEST_NAME
    assert long.endswith("…")
    assert plain("a" * LONGEST_NAME) == "a" * LONGEST_NAME
    dollars = plain("$" * LONGEST_NAME)
    assert lines_of(dollars, width=7).count("\\$") == LONGEST_NAME


@pytest.mark.slow
@pytest.mark.parametrize("name", sib.list_cases().index)
def test_every_picture_of_every_base_case_is_drawn(name: str) -> None:
    """Without a fault or a warning, and inside its figure."""
    base = sib.load_case(name).base_case()
    for draw in OF_RESULTS.values():
        for lang in ("da", "en"):
            assert_inside(draw(base, lang))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["holbaek", "guldborgsund"])
def test_every_picture_of_a_run_is_drawn(name: str) -> None:
    """Of 512 draws, in both languages, inside its figure."""
    results = sib.load_case(name).simulate(draws=512, rng=1)
    for draw in OF_RESULTS.values():
        for lang in ("da", "en"):
            assert_inside(draw(results, lang))
