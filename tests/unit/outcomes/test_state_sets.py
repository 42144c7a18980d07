"""The shipped sets of states: whole, sourced, and as their evidence says."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sibsim.core.spec import Frozen
from sibsim.errors import UnknownNameError
from sibsim.outcomes.state_sets import StateSet, list_state_sets, load_state_set

STATES = {
    "child-placement": ("institution", "plejefamilie", "hjemme_med_stoette", "hjemme"),
    "homelessness": ("gade_eller_herberg", "midlertidig", "egen_bolig_med_stoette", "egen_bolig"),
    "sick-leave": (
        "foertidspension",
        "ressourceforloeb",
        "kontanthjaelp",
        "jobafklaring",
        "sygedagpenge",
        "fleksjob",
        "uddannelse",
        "job",
    ),
    "youth": ("neet", "uddannelse", "job"),
}
"""The sets and their states, worst to best."""

NAMED = re.compile(r"\[([a-z0-9-]+)\]")
"""A source that a note names."""

every_set = pytest.mark.parametrize("name", sorted(STATES))


def _leaving(states: StateSet, name: str) -> float:
    return sum(states.transitions[name].values())


def test_the_sets_that_ship() -> None:
    """Four sets ship, each with its states from worst to best."""
    assert list_state_sets() == tuple(STATES)
    assert {name: load_state_set(name).names for name in STATES} == STATES


@every_set
def test_moves_lead_from_one_state_to_another(name: str) -> None:
    """Every row starts and ends in states of the set and leaves some probability of staying."""
    states = load_state_set(name)
    assert tuple(states.transitions) == states.names
    for here, row in states.transitions.items():
        assert set(row) <= set(states.names) - {here}, here
        assert 0 < sum(row.values()) < 1, here


@every_set
def test_every_row_and_role_says_where_it_comes_from(name: str) -> None:
    """Each has a status and a reason, what is named is a source, and no source stands unused."""
    states = load_state_set(name)
    assert tuple(states.evidence) == tuple(states.transitions)
    used = set()
    for told in (*states.evidence.values(), *states.states.values()):
        assert {"status", "note"} <= told.model_fields_set
        assert told.note
        used |= {told.source} - {None} | set(NAMED.findall(told.note))
    assert used == set(states.sources)
    for source in states.sources.values():
        assert source.title
        assert re.match(r"https?://\S+$", source.url)
        assert 2000 < source.year < 2100


@every_set
def test_every_text_is_danish_and_english(name: str) -> None:
    """Titles and notes stand in both languages; the note says how to replace the figures."""
    states = load_state_set(name)
    for words in (states.title, states.note, *(each.title for each in states.states.values())):
        assert words.da
        assert words.en
    for note in (states.note.da, states.note.en):
        assert "transitions_from_spells" in (note or "")


@every_set
def test_table_is_the_matrix_of_one_step(name: str) -> None:
    """Rows sum to 1; off the diagonal stand the moves of the file."""
    states = load_state_set(name)
    table = states.table()
    assert tuple(table.index) == tuple(table.columns) == states.names
    np.testing.assert_allclose(table.sum(axis=1), 1.0, rtol=1e-15)
    for here, row in states.transitions.items():
        moved = {there: p for there, p in table.loc[here].items() if there != here and p}
        assert moved == dict(row)


def test_roles_on_the_refund_ladder() -> None:
    """Benefits and the flexjob scheme count, an ordinary job is self-support, education neither."""
    roles = {key: each.role for key, each in load_state_set("sick-leave").states.items()}
    assert roles.pop("job") == "self_support"
    assert roles.pop("uddannelse") == "other"
    assert set(roles.values()) == {"support"}


def test_resource_course_is_said_to_be_closed() -> None:
    """Both notes say that the row holds for cases before 2026."""
    states = load_state_set("sick-leave")
    for text in (states.note.da, states.note.en, states.states["ressourceforloeb"].note):
        assert "2026" in (text or "")


def test_benefits_end_as_in_their_sources() -> None:
    """Of those who leave: 27, 3, 10 and 3 % after job clarification, 56, 25 and 4 % after a course.

    Beskæftigelsesministeriet 2017 (job, education, flexjob scheme, pension) and STAR's figures of
    2018 (pension, flexjob scheme, work). Sickness benefit: 7,516 cases at 40-52 weeks of 13,942 at
    14-26 weeks, 26 weeks or 5.98 months apart (Jobindsats 2012), rounded to 10 % a month.
    """
    states = load_state_set("sick-leave")
    for name, ends in (
        (
            "jobafklaring",
            {"job": 0.27, "uddannelse": 0.03, "fleksjob": 0.10, "foertidspension": 0.03},
        ),
        ("ressourceforloeb", {"foertidspension": 0.56, "fleksjob": 0.25, "job": 0.04}),
    ):
        for end, share in ends.items():
            moved = states.transitions[name][end]
            assert moved / _leaving(states, name) == pytest.approx(share, rel=1e-12), end
    stayed = (7_516 / 13_942) ** (1 / 5.98)
    assert _leaving(states, "sygedagpenge") == pytest.approx(1 - stayed, abs=0.005)


def test_six_in_ten_young_people_are_left_after_a_year() -> None:
    """Without job and education for a year or more: 6 of 10 (AE 2024), a constant rate."""
    assert (1 - _leaving(load_state_set("youth"), "neet")) ** 12 == pytest.approx(0.6, abs=0.001)


def test_homelessness_follows_its_sources() -> None:
    """Half are homeless for a year or more (SFI 2015); 3 of 76 homes are lost in 9 months (CTI)."""
    states = load_state_set("homelessness")
    stays = 1 - _leaving(states, "gade_eller_herberg")
    assert stays**12 == pytest.approx(0.5, abs=0.001)
    row = states.transitions["egen_bolig_med_stoette"]
    lost = row["gade_eller_herberg"] + row["midlertidig"]
    assert (1 - lost) ** 9 == pytest.approx(73 / 76, abs=0.001)


def test_placed_children_leave_and_change_as_in_2017() -> None:
    """16 % are no longer placed after a year and 7 % of the others changed type (DST 2017).

    Of the placed children 30 % live in residential care and 62 % in foster families.
    """
    states = load_state_set("child-placement")
    away = {"institution": 0.30 / 0.92, "plejefamilie": 0.62 / 0.92}
    left = changed = 0.0
    for here, share in away.items():
        row = states.transitions[here]
        left += share * (row["hjemme_med_stoette"] + row["hjemme"])
        changed += share * sum(p for there, p in row.items() if there in away)
    assert (1 - left) ** 4 == pytest.approx(0.84, abs=0.005)
    assert (1 - changed) ** 4 == pytest.approx(0.93, abs=0.005)


def test_mean_stay_is_one_over_the_probability_of_leaving() -> None:
    """10 % a month is 10 months; 8.8 % a quarter is 3 / 0.088 months."""
    assert load_state_set("sick-leave").stay_in_months("sygedagpenge") == pytest.approx(10)
    placed = load_state_set("child-placement")
    assert placed.months_per_step == 3
    assert placed.stay_in_months("institution") == pytest.approx(3 / 0.088)


def test_a_week_is_seven_days() -> None:
    """A year has 52.16 steps of a week, 13.04 to the quarter."""
    weekly = load_state_set("youth").model_copy(update={"step": "week"})
    assert 12 / weekly.months_per_step == pytest.approx(52.16)


def test_sentence_says_the_mean_stays() -> None:
    """Months below two years, years from then on, in both languages."""
    states = load_state_set("youth")
    assert states.sentence("da") == (
        "Unge mellem uddannelse og job, i skridt på én måned; så længe varer et ophold i "
        "gennemsnit: hverken job eller uddannelse 24 måneder, uddannelse 20,8 måneder og job "
        "2,2 år."
    )
    assert states.sentence("en") == (
        "Young people between education and work, in steps of one month; how long a stay lasts on "
        "average: neither job nor education 24 months, education 20.8 months and job 2.2 years."
    )


def test_a_state_that_nobody_leaves() -> None:
    """Without a row people stay for good; a probability of 1 is one step."""
    states = load_state_set("youth").model_copy(
        update={"transitions": Frozen({"neet": Frozen({"job": 1.0})})}
    )
    assert states.stay_in_months("job") == float("inf")
    assert states.table().loc["job", "job"] == 1
    assert states.sentence("da").endswith(
        "uddannelse 1 måned, uddannelse for altid og job for altid."
    )
    assert "neither job nor education 1 month," in states.sentence("en")


def test_unknown_names_are_answered_with_the_nearest() -> None:
    """A misspelt set or state is refused with the nearest, a strange one with what is known."""
    with pytest.raises(UnknownNameError, match="did you mean 'sick-leave'"):
        load_state_set("sickleave")
    with pytest.raises(UnknownNameError, match="known are child-placement, homelessness"):
        load_state_set("xxx")
    with pytest.raises(UnknownNameError, match="did you mean 'sygedagpenge'"):
        load_state_set("sick-leave").stay_in_months("sygedagpeng")
