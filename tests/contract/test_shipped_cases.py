"""Every case that ships: complete, explained, told in five lines, and it runs and balances."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

import sibsim as sib
from sibsim.budget.ledger import check_balance, parties, party_net
from sibsim.casefile import shipped_cases

DRAWS = 2_000
"""Draws of the one run per case."""

STORY_LINES = 5
"""Lines of a story: problem, people, what is done, what is paid for, what is known."""

ROUNDING = 1e-9
"""Sums of a few hundred postings are exact to far more than this share of the largest."""

UNDEFINED = ("irr", "multiple", "payback_years", "break_even_year")
"""Endings of metrics that are undefined in some draws, such as a return on money never drawn."""

Language = Literal["da", "en"]


@pytest.fixture(scope="module", params=shipped_cases())
def case(request: pytest.FixtureRequest) -> sib.Case:
    """Return each shipped case."""
    return sib.load_case(request.param)


@pytest.fixture(scope="module")
def results(case: sib.Case) -> sib.Results:
    """Return the one run of a case, with its ledger."""
    return case.simulate(draws=DRAWS, rng=1, progress=False)


def test_all_three_phases_are_complete_and_every_assumption_has_a_reason(case: sib.Case) -> None:
    """`check()` finds nothing missing or unexplained, and says how much is only assumed."""
    report = case.check()
    assert report.complete, report.missing
    assert report.unexplained == ()
    assert report.published or report.assumed
    assert "published and" in str(report)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_story_is_five_lines(case: sib.Case, lang: Language) -> None:
    """Five lines in Danish and in English, none of them empty."""
    story = case.head.story
    assert story is not None
    lines = story.in_language(lang).strip().splitlines()
    assert len(lines) == STORY_LINES
    assert all(line.strip() for line in lines)


def test_all_money_is_finite(case: sib.Case, results: sib.Results) -> None:
    """Every metric but returns and years that may be undefined is a number in every draw."""
    for name in results.summary().index:
        if not name.endswith(UNDEFINED):
            assert np.isfinite(results.metric(name)).all(), (case.name, name)


def test_the_ledger_balances(results: sib.Results) -> None:
    """All parties together gain what is produced less what is used, in every period and draw."""
    postings = results.postings
    assert postings is not None
    assert check_balance(postings) == ()
    together = sum(party_net(postings, party=party) for party in parties(postings))
    sides = {"production": 1.0, "use": -1.0}
    made = sum(sides.get(posting.kind, 0.0) * posting.amount for posting in postings)
    largest = max(float(posting.amount.max()) for posting in postings)
    assert np.abs(together - made).max() <= ROUNDING * largest


@pytest.mark.parametrize("lang", ["da", "en"])
def test_it_answers_each_party_in_a_sentence(results: sib.Results, lang: Language) -> None:
    """No party is left without an answer."""
    answers = results.answers(lang)["answer"]
    problem, capital = results.case.problem, results.case.contract.capital
    assert problem is not None
    assert capital is not None
    investors = {capital.investor(name) for name in capital.tranches}
    assert {problem.authority, *investors} <= set(answers.index)
    assert all(str(answer).endswith(".") for answer in answers)
