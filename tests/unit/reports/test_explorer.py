"""Sliders for a few numbers of a case."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.reports.explorer import SHOWN, Explorer, explore
from sibsim.reports.knobs import knobs_of

DRAWS = 512


@pytest.fixture(scope="module")
def case() -> Case:
    """Return the case that is explored."""
    return sib.load_case("holbaek")


@pytest.fixture
def explorer(case: Case) -> Explorer:
    """Return sliders for what is moved unless something else is asked for."""
    return explore(case, draws=DRAWS)


def _slider(explorer: Explorer, path: str) -> int:
    return [knob.path for knob in explorer.knobs].index(path)


def test_the_usual_sliders_are_price_effect_volume_and_cap(explorer: Explorer) -> None:
    """All prices move together; the effect is that on the outcome that is paid for first."""
    assert [knob.path for knob in explorer.knobs] == [
        "payments.job.price",
        "outcomes.job.effect",
        "delivery.volume",
        "contract.limit.contract",
    ]
    assert explorer.knobs[0].term is not None
    assert explorer.knobs[0].term.paths == (
        "payments.job.price",
        "payments.fit_for_work.price",
        "payments.wellbeing.price",
    )


def test_untouched_sliders_are_the_case(explorer: Explorer, case: Case) -> None:
    """What is shown first is the simulation of the case as it stands, to the bit."""
    run = case.simulate(draws=DRAWS, rng=2026)
    for metric in SHOWN:
        assert np.array_equal(explorer.results().metric(metric), run.metric(metric), equal_nan=True)


def test_a_price_that_is_moved_settles_the_case_with_it(explorer: Explorer, case: Case) -> None:
    """All prices in proportion, the same luck: equal to the bit to the changed case simulated."""
    explorer.sliders[0].value = 20_000
    changed = case.with_(
        {
            "payments.job.price": [20_000, 27_500, 27_500],
            "payments.fit_for_work.price": 15_000,
            "payments.wellbeing.price": 7_500,
        }
    ).simulate(draws=DRAWS, rng=2026)
    for metric in SHOWN:
        found = explorer.results().metric(metric)
        assert np.array_equal(found, changed.metric(metric), equal_nan=True)


def test_a_quantity_that_is_moved_is_certain(explorer: Explorer, case: Case) -> None:
    """Price and volume together: everybody's luck but that of the volume stays."""
    explorer.sliders[_slider(explorer, "delivery.volume")].value = 1.2
    explorer.sliders[_slider(explorer, "contract.limit.contract")].value = 7_000_000
    changed = case.with_({"delivery.volume": 1.2, "contract.limit.contract": 7_000_000}).simulate(
        draws=DRAWS, rng=2026
    )
    found = explorer.results()
    assert np.array_equal(found.metric("payments_total"), changed.metric("payments_total"))
    assert np.array_equal(found.metric("municipality_net"), changed.metric("municipality_net"))


def test_moving_back_gives_back_what_was_there(explorer: Explorer) -> None:
    """A slider that stands where it began changes nothing, uncertainty included."""
    slider = explorer.sliders[_slider(explorer, "delivery.volume")]
    begun = slider.value
    slider.value = slider.max
    slider.value = begun
    assert explorer.results() is explorer.unchanged


def test_table_and_picture_follow(explorer: Explorer) -> None:
    """Moving a slider makes another table and another picture, in the language asked for."""
    table, picture = explorer.table.value, bytes(explorer.picture.value)
    explorer.sliders[0].value = 24_000
    assert explorer.table.value != table
    assert bytes(explorer.picture.value) != picture
    assert picture.startswith(b"\x89PNG")
    assert "municipality" in table
    danish = explore(explorer.case, draws=DRAWS, lang="da")
    assert "kommunens nettoresultat" in danish.table.value
    assert "municipality" not in danish.table.value


def test_what_the_case_does_not_accept_is_said(case: Case) -> None:
    """A fault stands in place of the table, with its text as text; the last picture stays."""
    explorer = explore(case, ["contract.limit.contract"], draws=DRAWS)
    before = explorer.picture.value
    explorer.sliders[0].min = -10
    explorer.sliders[0].value = -5
    assert "contract.limit.contract" in explorer.table.value
    assert "<li>" in explorer.table.value
    assert explorer.picture.value == before


def test_a_correlated_quantity_that_is_moved_is_correlated_with_nothing() -> None:
    """What is sure is correlated with nothing; other correlations stay."""
    case = sib.load_case("aarhus-diabetes")
    explorer = explore(case, ["outcomes.attends.success_rate"], draws=DRAWS)
    explorer.sliders[0].value = explorer.sliders[0].max
    assert explorer.results().case.read["correlations"] == []


def test_every_shipped_case_has_sliders() -> None:
    """Each finds at least how many come, and ends that hold what the case says."""
    for name in sib.list_cases().index:
        knobs = knobs_of(sib.load_case(name))
        assert "delivery.volume" in {knob.path for knob in knobs}
        for knob in knobs:
            assert knob.ends[0] <= knob.value <= knob.ends[1]
            assert knob.ends[0] < knob.ends[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"moving": ["payments.job.prise"]}, "payments.job.prise"),
        ({"draws": 1}, "draws: got 1"),
        ({"lang": "de"}, "lang: got 'de'"),
    ],
)
def test_bad_arguments_are_refused(case: Case, arguments: dict[str, object], message: str) -> None:
    """The message names the argument and what was given."""
    with pytest.raises(sib.SibsimError, match=message):
        explore(case, **arguments)  # type: ignore[arg-type]  # bad on purpose


def test_an_effect_of_several_follow_ups_moves_in_proportion() -> None:
    """MedVind's lift is 3 and 5 points: at 6 the other is 10; a path alone is a list of one."""
    case = sib.load_case("medvind")
    first, other = (f"outcomes.on_the_way.uplift.{at}" for at in (0, 1))
    (knob,) = (each for each in knobs_of(case) if each.path == first)
    assert knob.words.en is not None
    assert knob.words.en.endswith("and another in proportion")
    moved = case.with_(knob.changes(0.06))
    assert moved.quantities[first].base_value == pytest.approx(0.06)
    ratio = case.quantities[other].base_value / case.quantities[first].base_value
    assert moved.quantities[other].base_value == pytest.approx(0.06 * ratio)
    (alone,) = knobs_of(case, "delivery.volume")
    assert alone.path == "delivery.volume"


def test_effects_on_opposite_moves_are_not_moved_together() -> None:
    """Guldborgsund's first effect raises the way in, its second lowers the way out."""
    case = sib.load_case("guldborgsund")
    (knob,) = (each for each in knobs_of(case) if each.path.startswith("outcomes."))
    assert list(knob.changes(2.0)) == ["outcomes.active.effects.0"]
