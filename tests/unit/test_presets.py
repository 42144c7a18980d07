"""Cases to start from: complete, explained, of any size, and the file is the case."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
import tomlkit

import sibsim as sib
from sibsim.core import catalogue
from sibsim.presets import moved

KINDS = ("employment", "family", "homelessness", "placement", "school")

MUNICIPALITY = 'Ærø "Ø" Kommune'
"""Letters beyond ASCII, and quotes that TOML has to escape."""


@pytest.fixture(scope="module", params=KINDS)
def case(request: pytest.FixtureRequest) -> sib.Case:
    """Return a case of each kind for 100 people."""
    return sib.new_case(request.param, municipality=MUNICIPALITY, size=100)


def test_a_case_to_start_from_is_complete_and_explains_every_assumption(case: sib.Case) -> None:
    """Nothing is missing, and no assumption stands without its reason."""
    report = case.check()
    assert report.complete
    assert report.unexplained == ()
    assert case.problem is not None
    assert case.problem.municipality == MUNICIPALITY


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_case_to_start_from_is_told_in_five_lines(
    case: sib.Case, lang: Literal["da", "en"]
) -> None:
    """The story has the five lines of a shipped case, in both languages."""
    assert case.head.story is not None
    assert len(case.head.story.in_language(lang).strip().splitlines()) == 5


def test_every_template_is_tested() -> None:
    """A kind that is added is tested like the others."""
    assert catalogue.names("templates") == KINDS


def test_a_case_to_start_from_repays_its_capital_with_a_few_per_cent(case: sib.Case) -> None:
    """The base case pays the investor a return of 2 to 5 % and costs no more than the capital."""
    base = case.base_case()
    assert 0.02 <= base.metric("investor_irr")[0] <= 0.05
    assert base.metric("overrun")[0] == 0.0


def test_a_case_to_start_from_can_be_simulated(case: sib.Case, seed: int) -> None:
    """What is paid and what the municipality gains is a number in every draw."""
    results = case.simulate(draws=64, rng=seed)
    for name in ("payments_total", "municipality_net", "investor_multiple"):
        assert ((results.metric(name) > -1e9) & (results.metric(name) < 1e9)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_amounts_grow_in_proportion_to_the_group(kind: str) -> None:
    """Capital, cap and payments for 20 and for 1,000 people are 20 and 1,000 times one person's."""
    small, large = (
        sib.new_case(kind, municipality="Vejle Kommune", size=size) for size in (20, 1_000)
    )
    assert small.target_group is not None
    assert small.target_group.size.base_value == 20
    commitment = [
        each.document["capital"]["tranches"]["investor"]["commitment"]["value"]
        for each in (small, large)
    ]
    limit = [each.document["contract"]["limit"]["contract"] for each in (small, large)]
    paid = [each.base_case().metric("payments_total")[0] for each in (small, large)]
    assert commitment[1] == 50 * commitment[0]
    assert limit[1] == 50 * limit[0]
    assert paid[1] == pytest.approx(50 * paid[0], rel=1e-9)


def test_an_amount_says_how_it_was_worked_out() -> None:
    """Of 31,000 a person for 250 people the note tells both numbers."""
    case = sib.new_case("employment", municipality="Vejle Kommune", size=250)
    commitment = case.document["capital"]["tranches"]["investor"]["commitment"]
    assert commitment["value"] == 7_750_000
    assert commitment["note"].startswith("31,000 for each of 250 people: ")


def test_published_rates_are_those_of_the_rules_with_their_source() -> None:
    """A rate of the price year stands as read; one of another year is moved and an assumption."""
    work = sib.new_case("employment", municipality="Vejle Kommune", size=100).document
    benefit = work["budget"]["sickness"]["amount"]
    assert (benefit["value"], benefit["status"]) == (4_695, "published")
    assert work["sources"][benefit["source"]]["year"] == 2024
    home = sib.new_case("placement", municipality="Vejle Kommune", size=100).document
    residence = home["budget"]["residential"]["amount"]
    assert residence["value"] == pytest.approx(1_160_000 * 118.8 / 103.4, abs=0.005)
    assert residence["status"] == "assumption"
    assert "moved from 2019 to 2024 prices" in residence["note"]


def test_the_file_is_the_case_and_keeps_the_comments(case: sib.Case, tmp_path: Path) -> None:
    """What is written is read back equal, and says what each section is and what to replace."""
    path = tmp_path / "mine.toml"
    written = sib.new_case(case.name, municipality=MUNICIPALITY, size=100, path=path)
    text = path.read_text(encoding="utf-8")
    assert sib.load_case(path) == written == case
    assert text.count("# REPLACE") >= 6
    for phase in ("Phase 1", "Phase 2", "Phase 3"):
        assert f"# ---------------------------------------------------------------- {phase}" in text
    assert "per_person" not in tomllib.loads(text)
    assert tomlkit.parse(text).as_string() == text


def test_all_dates_move_with_the_start() -> None:
    """Nine months later is nine months later for each date, and month ends stay month ends."""
    first, later = (
        sib.new_case("employment", municipality="Vejle Kommune", size=100, start=start)
        for start in (None, date(2027, 10, 1))
    )
    assert first.head.start == date(2027, 1, 1)
    assert later.head.start == date(2027, 10, 1)
    assert later.head.end == date(2035, 9, 30)
    assert later.costs["team"].to == date(2029, 12, 31)
    terms = later.contract.terms
    assert terms is not None
    assert terms.last_payment == date(2032, 9, 30)


def test_the_last_day_of_a_month_stays_the_last() -> None:
    """31 March and three months are 30 June; 30 June and nine months are 31 March."""
    assert moved(date(2027, 3, 31), months=3) == date(2027, 6, 30)
    assert moved(date(2027, 6, 30), months=9) == date(2028, 3, 31)
    assert moved(date(2027, 6, 15), months=-6) == date(2026, 12, 15)


def test_an_unknown_kind_names_the_nearest() -> None:
    """A slip of the pen is answered with the kind that was meant."""
    with pytest.raises(sib.UnknownNameError, match="did you mean 'employment'"):
        sib.new_case("employmnt", municipality="Vejle Kommune", size=100)


@pytest.mark.parametrize("size", [0, -5, 2.5, True, 100_001])
def test_a_size_that_is_no_number_of_people_is_refused(size: int) -> None:
    """The message says what a size is."""
    with pytest.raises(sib.ArgumentError, match=r"size: got .*a whole number from 1 to 20,000"):
        sib.new_case("school", municipality="Vejle Kommune", size=size)


@pytest.mark.parametrize("municipality", ["", "  ", "Vejle\nKommune"])
def test_a_municipality_has_a_name_on_one_line(municipality: str) -> None:
    """An empty name and one with a line break are refused."""
    with pytest.raises(sib.ArgumentError, match="municipality: got"):
        sib.new_case("school", municipality=municipality, size=100)


@pytest.mark.parametrize("day", [date(2027, 2, 1), date(2027, 1, 2)])
def test_a_case_starts_with_a_quarter(day: date) -> None:
    """Another day is refused with one that fits."""
    with pytest.raises(sib.ArgumentError, match="first day of a quarter"):
        sib.new_case("school", municipality="Vejle Kommune", size=100, start=day)


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it was."""
    path = tmp_path / "mine.toml"
    path.write_text("kept", encoding="utf-8")
    with pytest.raises(sib.FileError, match="exists already and is not overwritten"):
        sib.new_case("school", municipality="Vejle Kommune", size=100, path=path)
    assert path.read_text(encoding="utf-8") == "kept"


def test_a_path_that_cannot_be_written_says_the_way_out(tmp_path: Path) -> None:
    """Another ending and a folder that is not there are refused before anything is built."""
    for path, said in (
        (tmp_path / "mine.txt", "ends in .toml"),
        (tmp_path / "no" / "a.toml", "no folder"),
    ):
        with pytest.raises(sib.FileError, match=said):
            sib.new_case("school", municipality="Vejle Kommune", size=100, path=path)
