"""A ledger is read party by party, year by year; an unsound one is found out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sibsim.budget.ledger import by_year, check_balance, parties, party_net
from sibsim.core.postings import Posting, PostingKind
from sibsim.core.timeline import Timeline

TIMELINE = Timeline(date(2024, 7, 1), date(2025, 6, 30), "quarter")
"""Two quarters of 2024, two of 2025."""


def posting(
    payer: str, payee: str, amount: list[float], *, line: str = "a", kind: PostingKind = "transfer"
) -> Posting:
    """Return a posting with one amount per quarter."""
    return Posting(payer, payee, line, "service", kind, np.array(amount)[:, np.newaxis])


LEDGER = (
    posting("citizens", "city", [1, 2, 3, 4]),
    posting("city", "state", [1, 1, 1, 1], line="b"),
    posting("nature", "city", [0, 0, 0, 5], line="c", kind="production"),
    posting("city", "nature", [0, 0, 2, 0], line="c", kind="use"),
    posting("city", "city", [9, 9, 9, 9], line="d", kind="memo"),
)
"""Every kind of posting once."""


def test_net_is_received_less_paid() -> None:
    """Memo rows do not count; a party that is not in the ledger has nothing."""
    assert party_net(LEDGER, "city")[:, 0].tolist() == [0, 1, 0, 8]
    assert party_net(LEDGER, "state")[:, 0].tolist() == [1, 1, 1, 1]
    assert party_net(LEDGER, "region")[:, 0].tolist() == [0, 0, 0, 0]


def test_nature_is_no_party() -> None:
    """The parties are those that hold money, in order of appearance."""
    assert parties(LEDGER) == ("citizens", "city", "state")


def test_years_are_calendar_years() -> None:
    """Periods are summed into the year they fall in."""
    assert by_year(np.array([[1.0], [2.0], [3.0], [4.0]]), TIMELINE)[:, 0].tolist() == [3, 7]


def test_draws_are_broadcast() -> None:
    """A posting that is the same in every draw counts in all of them."""
    wide = Posting("city", "state", "e", "service", "transfer", np.ones((4, 3)))
    assert party_net((*LEDGER, wide), "state").shape == (4, 3)


def test_sound_ledger_has_no_fault() -> None:
    """Every allowed kind of posting passes."""
    assert check_balance(LEDGER) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (posting("a", "b", [-1.0]), "negative"),
        (posting("a", "b", [np.nan]), "not finite"),
        (posting("a", "a", [1.0]), "pays itself"),
        (posting("nature", "a", [1.0]), "transfer cannot go from 'nature'"),
        (posting("a", "b", [1.0], kind="production"), "production cannot go from 'a'"),
        (posting("nature", "b", [1.0], kind="use"), "use cannot go from 'nature'"),
    ],
)
def test_unsound_posting_is_found(wrong: Posting, words: str) -> None:
    """Money from nowhere, negative amounts and payments to oneself are named."""
    (fault,) = check_balance((wrong,))
    assert words in fault.problem
