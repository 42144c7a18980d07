"""How far the contract goes in a workbook is how far it goes in the base case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import sibsim as sib
from sibsim.accounts import settle
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.payments.standing import service_ends
from sibsim.reports.workbook.standing import NEVER
from tests.workbook_results import Written, assert_totals_agree, written

RESULT = {
    "cause": "result",
    "measure": "going_on",
    "at_months": 9,
    "compare": "rate",
    "below": 0.37,
    "notice_months": 3,
}
REFERRALS = {
    "cause": "referrals",
    "on": date(2026, 12, 31),
    "below": 0.9,
    "notice_months": 2,
}
POLICY = {"cause": "policy", "on": date(2027, 3, 15)}


def _case(termination: object, *, overrun: str = "authority", **delivery: object) -> sib.Case:
    document = tomllib.loads(catalogue.text("cases", "prototype-to-scale"))
    document["contract"].pop("termination")
    if termination:
        document["contract"]["termination"] = termination
    document["contract"]["overrun"] = overrun
    document["delivery"] |= delivery
    return build(document)


RIGHTS: Mapping[str, sib.Case] = {
    "none": _case(None),
    "result, good": _case(RESULT),
    "result, poor": _case({**RESULT, "below": 0.5}),
    "effect, poor": _case({**RESULT, "compare": "effect", "below": 0.2}),
    "effect, good": _case({**RESULT, "compare": "effect", "below": 0.05}),
    "few referrals": _case(REFERRALS, volume=0.85),
    "enough referrals": _case(REFERRALS, volume=0.95),
    "late": _case({**REFERRALS, "on": date(2026, 7, 1)}, start_delay=5.0),
    "policy": _case(POLICY),
    "the earliest of three": _case([RESULT, POLICY, {**REFERRALS, "below": 1.0}], volume=0.8),
    "list of one": _case([{**RESULT, "below": 0.5}]),
    "money runs out": _case(None, overrun="stop"),
}


def assert_stands(found: Written) -> None:
    """Check who is served, and when the service ends, against the library."""
    case, world = found.live.case, found.world
    expected = settle(case, world).standing
    served = [cell.number for cell in found.standing.served]
    cohorts = len(served)
    np.testing.assert_array_equal(served, np.broadcast_to(expected.served, (cohorts, 1))[:, 0])
    assert case.delivery is not None
    ends = service_ends(
        expected,
        participation_start=world.participation.start,
        programme_months=case.delivery.programme_months,
    )
    end = NEVER if found.standing.ends is None else found.standing.ends.number
    assert end == pytest.approx(min(float(ends[0]), NEVER))


@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_to_end_is_live(right: str, tmp_path: Path) -> None:
    """The same cohorts are served as in the base case, and totals count them alone."""
    found = written(RIGHTS[right], tmp_path)
    assert_stands(found)
    assert_totals_agree(found)
    assert set(found.live.fixed) == ({"contract"} if right == "money runs out" else set())


def test_rights_are_told_apart(tmp_path: Path) -> None:
    """Of the contracts above some go on and some end early, so that the comparison can fail."""
    ended = {
        name: found.live.totals["p_terminated"].number
        for name, found in ((name, written(case, tmp_path)) for name, case in RIGHTS.items())
        if "p_terminated" in found.live.totals
    }
    assert ended["result, poor"] == ended["few referrals"] == ended["policy"] == 1
    assert "none" not in ended
    assert ended["result, good"] == ended["enough referrals"] == 0
