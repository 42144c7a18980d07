"""The mix cap against Buenos Aires' terms and the algebra of shares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.core.words import Words
from sibsim.payments.mix_cap import MixCap
from tests.reported import all_served, report, served_first, terms

EASIER = {"reads": "less", "price": 1_000, "at_most_share": 0.7}
HARDER = {"reads": "more", "price": 1_400}
"""Buenos Aires: at most 70 % from the less vulnerable, 1.4 times the price for the others."""

WORDS = MeasureWords(
    design="registers",
    payer="the payer",
    titles={"less": Words(da="mindre sårbare", en="less vulnerable"), "more": "very vulnerable"},
)


def line(*groups: dict[str, Any]) -> MixCap:
    """Return a line of some groups, those of Buenos Aires without any."""
    return MixCap.model_validate({"at_months": 12, "groups": groups or (EASIER, HARDER)})


def paid(model: MixCap, *numbers: float) -> float:
    """Return what one cohort of each group with so many successes is paid."""
    measured = {
        group.reads: report([[number]], months=(12,))
        for group, number in zip(model.groups, numbers, strict=True)
    }
    return float(model.due(measured, standing=all_served(1), terms=terms()).amount.sum())


@pytest.mark.parametrize(
    ("easier", "harder", "expected"),
    [
        (70, 30, 70_000 + 42_000),  # exactly 70 %
        (60, 30, 60_000 + 42_000),
        (100, 30, 70_000 + 42_000),  # 0.7 / 0.3 x 30 = 70
        (100, 60, 100_000 + 84_000),
        (100, 0, 0),
        (0, 40, 56_000),
        (50, 3, 7_000 + 4_200),
        (0, 0, 0),
    ],
)
def test_at_most_seventy_per_cent_from_the_easier_group(
    easier: float, harder: float, expected: float
) -> None:
    """paid_A <= s / (1 - s) paid_rest."""
    assert paid(line(), easier, harder) == pytest.approx(expected, rel=1e-12)


def test_several_shares_hold_together() -> None:
    """100, 90 and 20 with at most half and 30 %: the free 20 are 20 % of what is paid."""
    groups = (
        {"reads": "a", "price": 1, "at_most_share": 0.5},
        {"reads": "b", "price": 100, "at_most_share": 0.3},
        {"reads": "c", "price": 10_000},
    )
    assert paid(line(*groups), 100, 90, 20) == pytest.approx(50 + 3_000 + 200_000, rel=1e-12)
    # b has 9 only, below its share: c and b are half of what is paid, a the other 29.
    assert paid(line(*groups), 100, 9, 20) == pytest.approx(29 + 900 + 200_000, rel=1e-12)


def test_no_share_is_passed_and_no_more_could_be_paid(seed: int) -> None:
    """Random numbers of three groups: shares hold, and each group is paid whole or at its share."""
    rng = np.random.default_rng(seed)
    number = rng.integers(0, 50, size=(3, 1, 1, 400)).astype(np.float64)
    shares = (0.5, 0.4, 0.3)
    counted = []
    for counts in range(3):
        model = line(
            *(
                {"reads": name, "price": float(g == counts), "at_most_share": share}
                for g, (name, share) in enumerate(zip("abc", shares, strict=True))
            )
        )
        measured = {
            name: report(number[g], months=(12,), draws=True) for g, name in enumerate("abc")
        }
        due = model.due(measured, standing=all_served(1), terms=terms())
        counted.append(due.amount.sum(axis=0))
    found = np.stack(counted)
    most = np.array(shares)[:, np.newaxis] * found.sum(axis=0)
    assert (found <= most + 1e-6).all()
    assert ((found >= number[:, 0, 0] - 1e-6) | (found >= most - 1e-6)).all()
    assert (found.sum(axis=0) > 0).any()


def test_settled_over_all_cohorts_when_the_last_is_measured() -> None:
    """Only easier people in the first cohort, only harder in the second: paid together."""
    measured = {
        "less": report([[100], [0]], months=(12,)),
        "more": report([[0], [30]], months=(12,)),
    }
    due = line().due(measured, standing=all_served(2), terms=terms(lag=0.0))
    assert np.flatnonzero(due.amount[:, 0]).tolist() == [6]
    assert due.amount.sum() == pytest.approx(112_000, rel=1e-12)
    due = line().due(measured, standing=served_first(1, of=2), terms=terms(lag=0.0))
    assert due.amount.sum() == 0


def test_settled_when_the_last_group_is_measured() -> None:
    """The harder group is measured half a year after the easier one, in one draw a year before."""
    when = np.array([[[18.0, 6.0]]])
    measured = {
        "less": report([[70]], months=(12,)),
        "more": replace(report([[30]], months=(12,)), when=when),
    }
    due = line().due(measured, standing=all_served(1), terms=terms(lag=0.0))
    np.testing.assert_allclose(due.amount[[4, 6]], [[0, 112_000], [112_000, 0]], rtol=1e-12)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ((EASIER,), "got 1 groups"),
        ((EASIER, EASIER), "each with a measure of its own"),
        ((HARDER, {**HARDER, "reads": "less"}), "got no at_most_share"),
        ((EASIER, {**HARDER, "at_most_share": 0.2}), "got shares that add to 0.9"),
        (({**EASIER, "at_most_share": 1.0}, HARDER), "less than 1"),
    ],
)
def test_faults_say_value_rule_and_way_out(
    groups: tuple[dict[str, Any], ...], message: str
) -> None:
    """A mix needs two groups, a share below one, and shares that can add to all."""
    with pytest.raises(ValidationError) as caught:
        line(*groups)
    assert message in str(caught.value)


def test_each_group_is_a_reading_of_its_own() -> None:
    """The field of each measure can be named in a fault."""
    assert [each.field for each in line().readings] == ["groups.0.reads", "groups.1.reads"]


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Groups by their titles, with prices and share."""
    assert line().describe("da", words=WORDS) == (
        "The payer betaler for hver deltager, der 12 måneder efter indsatsens start har opnået "
        "målet, uden fradrag for dem, der havde opnået det alligevel, målt ved registers: 1.000 "
        "kr. for »mindre sårbare« (højst 70 % af de betalte) og 1.400 kr. for »very vulnerable«, "
        "opgjort for alle hold under ét, når det sidste hold er målt."
    )
    assert line().describe("en", words=WORDS) == (
        "The payer pays for each participant who has reached the goal 12 months after the start "
        "of service, without deducting those who would have reached it anyway, measured by "
        'registers: DKK 1,000 for "less vulnerable" (at most 70 % of those paid) and DKK 1,400 '
        'for "very vulnerable", settled for all cohorts together once the last cohort is measured.'
    )
