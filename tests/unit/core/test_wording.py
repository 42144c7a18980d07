"""Sentences and numbers in Danish and English."""

from __future__ import annotations

import pytest

from sibsim.core.wording import Sentence, counted, listing, money, percent, percentage_points
from sibsim.core.words import Words


@pytest.mark.parametrize(
    ("amount", "currency", "danish", "english"),
    [
        (16_000, "DKK", "16.000 kr.", "DKK 16,000"),
        (6_500_000, "DKK", "6.500.000 kr.", "DKK 6,500,000"),
        (15.12, "USD", "15,12 USD", "USD 15.12"),
        (1_234.5, "DKK", "1.234,50 kr.", "DKK 1,234.50"),
        (0, "DKK", "0 kr.", "DKK 0"),
    ],
)
def test_money_is_written_as_each_language_does(
    amount: float, currency: str, danish: str, english: str
) -> None:
    """Thousands and decimals swap signs, kroner stand after the amount, other codes too."""
    said = money(amount, currency=currency)
    assert (said.da, said.en) == (danish, english)


def test_percent_shows_no_rounding_error() -> None:
    """7 % of a binary float is 7, and 8.5 % has the decimal sign of the language."""
    assert (percent(0.07).da, percent(0.07).en) == ("7 %", "7 %")
    assert (percent(0.085).da, percent(0.085).en) == ("8,5 %", "8.5 %")


def test_difference_of_shares_is_in_percentage_points() -> None:
    """One point is singular in English; nothing of the rounding error shows."""
    said = [percentage_points(difference) for difference in (0.03, 0.01, -0.125)]
    assert [each.da for each in said] == ["3 procentpoint", "1 procentpoint", "-12,5 procentpoint"]
    assert [each.en for each in said] == [
        "3 percentage points",
        "1 percentage point",
        "-12.5 percentage points",
    ]


@pytest.mark.parametrize(
    ("number", "unit", "danish", "english"),
    [
        (8.5, "points", "8,5 point", "8.5 points"),
        (6, "days", "6 dage", "6 days"),
        (1, "days", "1 dag", "1 day"),
        (-1, "weeks", "-1 uge", "-1 week"),
        (0, "events", "0 hændelser", "0 events"),
        (0.1 + 0.2, "months", "0,3 måneder", "0.3 months"),
        (2, "visits", "2 visits", "2 visits"),
    ],
)
def test_a_number_is_said_with_its_unit(
    number: float, unit: str, danish: str, english: str
) -> None:
    """One is singular, no rounding error shows, and an unknown unit stands as it is."""
    said = counted(number, unit=unit)
    assert (said.da, said.en) == (danish, english)


@pytest.mark.parametrize(
    ("items", "danish", "english"),
    [
        (["12"], "12", "12"),
        (["12", "18"], "12 og 18", "12 and 18"),
        (["12", "18", "24"], "12, 18 og 24", "12, 18 and 24"),
        ([Words(da="et", en="one"), "2"], "et og 2", "one and 2"),
    ],
)
def test_listing_joins_the_last_item_by_a_word(
    items: list[Words | str], danish: str, english: str
) -> None:
    """A list ends in og and and."""
    assert (listing(items).da, listing(items).en) == (danish, english)


def test_sentence_is_filled_in_its_language() -> None:
    """Values follow the language, the first letter is a capital and there is one full stop."""
    sentence = Sentence(
        Words(da="{payer} betaler {price}", en="{payer} pays {price}"),
        {"payer": Words(da="kommunen", en="the municipality"), "price": money(16_000)},
    )
    assert sentence.say("da") == "Kommunen betaler 16.000 kr."
    assert sentence.say("en") == "The municipality pays DKK 16,000."
