"""The sheet of delivery says who comes, and what serving them costs, as the library does."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import sibsim as sib
from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.casefile import build, shipped_cases
from sibsim.core import catalogue
from sibsim.reports.workbook.costs import write_costs
from sibsim.reports.workbook.delivery import Served, write_delivery
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.model import Costs, Live
from sibsim.reports.workbook.periods import write_periods
from tests.office import recalculated
from tests.workbook_parts import assert_totals, live_of, standing_of

PEOPLE = 1e-8
"""Numbers of people this near a whole one are made whole by the library, planned ones here too."""

MONEY = 0.005
"""Half an øre."""


class Written(NamedTuple):
    """What was written."""

    live: Live
    delivery: Served
    costs: Costs


def written(case: Case, folder: Path, *, lang: str = "en") -> Written:
    """Write time, delivery and costs of a case."""
    live = live_of(case, folder, lang=lang)
    periods = write_periods(live)
    delivery = write_delivery(live, periods)
    costs = write_costs(live, periods, delivery, standing_of(live))
    live.inputs.finish(all_follows=True)
    live.book.file.close()
    return Written(live, delivery, costs)


def numbers(cells: list[Formula]) -> np.ndarray:
    """Return what cells come to."""
    return np.array([cell.number for cell in cells])


def assert_as_library(found: Written) -> None:
    """Who comes, what each line costs and the totals are those of the base case."""
    base = found.live.base
    assert base.worlds is not None
    world = base.worlds[0]
    who = world.participation
    for name in ("start", "planned", "referred", "started", "completed"):
        expected = who.people("completed") if name == "completed" else getattr(who, name)
        live = numbers(list(getattr(found.delivery, name)))
        np.testing.assert_allclose(live, np.ravel(expected), rtol=0, atol=PEOPLE, err_msg=name)
    expected_lines: dict[str, np.ndarray] = {}
    financed = np.zeros(found.live.case.timeline.periods)
    for flow in settle(found.live.case, world).costs:
        expected_lines[flow.line] = expected_lines.get(flow.line, 0) + flow.amount[:, 0]
        if flow.payer is None:
            financed = financed + flow.amount[:, 0]
    assert set(found.costs.lines) == set(expected_lines)
    for line, expected in expected_lines.items():
        values = found.costs.lines[line].values
        np.testing.assert_allclose(values, expected, rtol=0, atol=MONEY, err_msg=line)
    np.testing.assert_allclose(found.costs.financed.values, financed, rtol=0, atol=MONEY)
    assert_totals(found.live)


@pytest.mark.parametrize("name", shipped_cases())
def test_who_comes_and_what_it_costs_are_those_of_the_library(name: str, tmp_path: Path) -> None:
    """Every shipped case has its participants and its costs on the sheets."""
    found = written(sib.load_case(name), tmp_path, lang="da")
    assert_as_library(found)
    assert found.live.fixed == {}
    assert {"participants", "costs_beyond_horizon"} <= set(found.live.totals)


def holbaek(**sections: Mapping[str, Any]) -> Case:
    """Return Holbæk with other keys in some of its sections."""
    document: dict[str, Any] = tomllib.loads(catalogue.text("cases", "holbaek"))
    for name, keys in sections.items():
        document[name] = {**document[name], **keys}
    return build(document)


def line(per: str, **keys: object) -> dict[str, object]:
    """Return a cost line without dates."""
    return {"amount": 1_000, "per": per, "index": "wages", **keys}


BY_PEOPLE = {
    "started": line("start"),
    "done": line("completion", survives_termination=True),
    "present": line("person_period"),
    "present_anyway": line("person_period", payer="municipality", survives_termination=True),
}

SEGMENTS: Mapping[str, Any] = {
    "segments": {
        "easy": {"share": 0.7, "difficulty": -0.5},
        "hard": {"share": 0.3, "difficulty": 1},
    },
    "selection": {"creaming": 0.4, "parking": 0.2},
}

VARIANTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "late": {"delivery": {"start_delay": 2.6}, "costs": BY_PEOPLE},
    "early": {
        "delivery": {
            "start_delay": -1.6,
            "cohorts": [
                {"start": "2024-03-11", "share": 0.4},
                {"start": "2024-12-31", "share": 0.6},
            ],
        },
        "costs": BY_PEOPLE,
    },
    "ends late": {
        "delivery": {"start_delay": 1, "finish_delay": 4.5},
        "costs": {
            "runs": line(
                "year",
                **{"from": "2024-01-31", "to": "2026-01-30"},
                runs_over=True,
                moves_with_start=True,
            ),
        },
    },
    "ramp-up of the prior": {"delivery": {"ramp_up": {"prior": "indigo-ramp-up"}}},
    "ramp-up that falls": {
        "delivery": {"ramp_up": {"months": [5, 11, 19], "share": [2.1, 0.3, 0.9]}}
    },
    "places": {"delivery": {"capacity": 60, "volume": 1.3, "programme_months": 6}},
    "waiting list": {
        "delivery": {"capacity": 45, "waiting_list": {"gives_up": 0.25}, "volume": 1.1}
    },
    "guaranteed": {"delivery": {"guaranteed_referrals": True, "take_up": 0.6}},
    "segments": {
        "target_group": SEGMENTS,
        "costs": {
            "hard": line("start", segment="hard"),
            "there": line("person_period", segment="easy"),
        },
    },
    "case ends first": {
        "delivery": {"start_delay": 13},
        "costs": {
            "after": line(
                "year", **{"from": "2033-01-01", "to": "2034-12-31"}, moves_with_start=True
            ),
            "much_later": line("once", at="2034-06-30", moves_with_start=True),
        },
    },
    "money runs out": {"contract": {"overrun": "stop"}, "delivery": {"volume": 1}},
}
"""What a case may state of delivery and costs, beyond what shipped cases do."""


def with_days(given: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Return a part of a document with days in place of their texts."""
    if isinstance(given, Mapping):
        return {key: with_days(each) for key, each in given.items()}
    if isinstance(given, list):
        return [with_days(each) for each in given]
    if isinstance(given, str) and given.startswith("20"):
        return date.fromisoformat(given)
    return given


@pytest.mark.parametrize("name", VARIANTS)
def test_what_a_case_may_state_is_written_live(name: str, tmp_path: Path) -> None:
    """Delays, ramp-up, places, segments and every kind of cost line give the library's figures."""
    assert_as_library(written(holbaek(**with_days(VARIANTS[name])), tmp_path))


def test_an_early_end_stops_what_does_not_survive_it(tmp_path: Path) -> None:
    """Lines stop, survive or are cut within the period in which the service ends."""
    ends = {"cause": "policy", "on": date(2025, 2, 10)}
    found = written(holbaek(costs=BY_PEOPLE, contract={"termination": ends}), tmp_path)
    base = found.live.base
    assert base.metric("p_terminated")[0] == 1
    assert_as_library(found)


def test_controls_from_referrals_take_places(tmp_path: Path) -> None:
    """Of those planned to start the share that the designs leave over is served."""
    trial = {
        "outcome": "job",
        "design": "randomised",
        "controls_per_participant": 0.5,
        "controls_from": "referrals",
    }
    both = {
        "outcome": "fit_for_work",
        "design": "combined",
        "first": {k: v for k, v in trial.items() if k != "outcome"},
        "second": {
            "design": "randomised",
            "controls_per_participant": 0.25,
            "controls_from": "referrals",
        },
        "weights": [0.8, 0.2],
    }
    found = written(holbaek(measures={"job": trial, "fit_for_work": both}), tmp_path)
    assert found.live.case.served_size < 180 / 1.7
    assert_as_library(found)


CHANGES: Mapping[str, Any] = {
    "target_group.size": 210,
    "delivery.volume": 0.83,
    "delivery.take_up": 0.71,
    "delivery.completion": 0.6,
    "delivery.start_delay": 4.2,
    "delivery.finish_delay": 2.0,
    "delivery.programme_months": 11,
    "delivery.cohorts.0.share": 0.25,
    "delivery.cohorts.3.share": 0.15,
    "costs.team.amount": 2_600_000.0,
    "costs.start_up.at": "2024-02-17",
    "costs.team.to": "2026-07-12",
    "delivery.cohorts.1.start": "2024-07-20",
    "indices.wages.per_year": 0.05,
    "price_year": 2023,
}
"""Cells that are changed, with what stands there instead."""


@pytest.mark.office
@pytest.mark.parametrize("name", ["as shipped", "waiting list"])
def test_libreoffice_recalculates_changed_inputs(name: str, soffice: str, tmp_path: Path) -> None:
    """After fifteen changes of input cells LibreOffice finds what the library finds."""
    sections = with_days(VARIANTS.get(name, {}))
    case = holbaek(**{**sections, "costs": BY_PEOPLE})
    changes = with_days(CHANGES)
    found = written(case, tmp_path)
    (tmp_path / "other").mkdir()
    other = written(case.with_(changes), tmp_path / "other")
    assert_as_library(other)
    places = found.live.inputs.places
    book = recalculated(
        soffice,
        found.live.book.path,
        folder=tmp_path / "office",
        changes={("Inputs", f"B{places[path] + 1}"): value for path, value in changes.items()},
    )
    costs = book["Costs"]
    for key, column in found.costs.lines.items():
        first, values = column.block.top + 2, other.costs.lines[key].values
        cells: Any = [costs.cell(first + row, column.place + 1).value for row in range(len(values))]
        np.testing.assert_allclose(cells, values, rtol=0, atol=MONEY, err_msg=key)
    for metric, cell in found.live.totals.items():
        there: Any = costs[cell.text.partition("!")[2]].value
        np.testing.assert_allclose(there, other.live.totals[metric].number, atol=MONEY)
