"""The capital in words: every agreed parameter stands in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from sibsim.capital.spec import Capital
from sibsim.core.wording import Language

RICH = {
    "recycle": True,
    "order": [
        "costs",
        "bank.coupon",
        "bank.principal",
        "bank.return",
        "own.fee",
        ["fund.principal", "city.principal"],
        ["fund.return", "city.return"],
        "class_e.principal",
        "class_e.return",
    ],
    "draw_order": ["gift", ["bank", "fund"], "city", "class_e"],
    "surplus": {"municipality": 0.5, "provider": 0.3, "charity": 0.2},
    "surplus_at": "as_it_arises",
    "tranches": {
        "gift": {"kind": "grant", "investor": "foundation", "commitment": 600_000},
        "bank": {
            "kind": "senior",
            "commitment": 1_000_000,
            "revolving": True,
            "coupon": {"rate": 0.025, "basis": "simple", "until": date(2026, 12, 31)},
            "return_cap": {"basis": "irr", "rate": 0.055},
        },
        "fund": {
            "kind": "junior",
            "commitment": 400_000,
            "drawdown": "by_schedule",
            "schedule": [
                {"on": date(2024, 1, 1), "amount": 150_000},
                {"on": date(2025, 7, 1), "amount": 250_000},
            ],
            "return_cap": {"basis": "multiple", "multiple": 1.4},
        },
        "city": {
            "kind": "first_loss",
            "investor": "municipality",
            "commitment": 200_000,
            "drawdown": "up_front",
            "return_cap": {"basis": "simple", "rate": 0.035},
        },
        "class_e": {"kind": "mezzanine", "commitment": 100_000, "paid_from": ["jail", "job"]},
        "own": {
            "kind": "deferred_fee",
            "investor": "provider",
            "commitment": 300_000,
            "fee": {"per_year": 90_000, "from": date(2024, 2, 1), "to": date(2027, 1, 31)},
        },
    },
    "guarantees": {
        "promise": {
            "guarantor": "state",
            "tranche": "bank",
            "share": 0.75,
            "amount": 350_000,
            "of": "drawn",
            "layer": {"from": 50_000, "to": 800_000},
            "trigger": 0.45,
            "fee": {"rate": 0.0125, "payer": "municipality"},
        }
    },
}

NUMBERS = {
    "da": "600.000 1.000.000 400.000 150.000 250.000 200.000 100.000 300.000 90.000 350.000 50.000 "
    "800.000 2,5 5,5 1,4 3,5 75 45 1,25 50 30 20",
    "en": "600,000 1,000,000 400,000 150,000 250,000 200,000 100,000 300,000 90,000 350,000 50,000 "
    "800,000 2.5 5.5 1.4 3.5 75 45 1.25 50 30 20",
}
"""Every number of the case above, as each language writes it."""

DAYS = {
    "da": ("1. januar 2024", "1. juli 2025", "31. december 2026", "1. februar 2024"),
    "en": ("1 January 2024", "1 July 2025", "31 December 2026", "1 February 2024"),
}
"""Its days."""

DANISH = """\
Den Sociale Investeringsfond stiller op til 6.900.000 kr. til rådighed som seniorkapital, \
der trækkes, når udgifter forfalder.
Betales som nr. 1: hovedstolen til Den Sociale Investeringsfond.
Betales som nr. 2: afkastet til Den Sociale Investeringsfond (afkastloft: 5 % i intern rente \
om året).
Hvad ingen har krav på, går efter den sidste betaling til kommunen.
""".splitlines()
"""What a plain case says."""

PARTIES = {
    "da": "foundation bank fund kommunen own leverandøren charity staten promise jail job",
    "en": "foundation bank fund municipality own provider charity state promise jail job",
}


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_parameter_stands_in_both_languages(lang: Language) -> None:
    """All numbers, dates, parties and lines are there, and nothing is left to fill."""
    said = " ".join(Capital.model_validate(RICH).describe(lang)).lower()
    missing = [each for each in NUMBERS[lang].split() if each not in said]
    missing += [day for day in DAYS[lang] if day.lower() not in said]
    missing += [each for each in PARTIES[lang].split() if each not in said]
    assert not missing
    assert "{" not in said
    assert "}" not in said


def test_the_waterfall_stands_in_its_order() -> None:
    """One sentence for each rank, numbered, with the costs first."""
    said = Capital.model_validate(RICH).describe("en")
    ranks = [each for each in said if each.startswith("Paid as number")]
    assert len(ranks) == len(RICH["order"])  # type: ignore[arg-type]
    assert ranks[0] == "Paid as number 1: money is set aside for the costs still to come."
    assert ranks[1] == (
        "Paid as number 2: the coupon of bank (2.5 % a year, simple, on the outstanding principal "
        "until 31 December 2026)."
    )
    assert ranks[5] == (
        "Paid as number 6: the principal of fund and the principal of the municipality, pro rata "
        "to what is owed."
    )
    assert ranks[8].startswith("Paid as number 9: the return of class e (no cap, all that is left)")


def test_the_plain_case_in_danish() -> None:
    """One senior tranche with a cap on the internal rate, as a municipality would write it."""
    plain = {
        "recycle": False,
        "order": ["dsi.principal", "dsi.return"],
        "surplus": "municipality",
        "tranches": {
            "dsi": {
                "kind": "senior",
                "commitment": 6_900_000,
                "return_cap": {"basis": "irr", "rate": 0.05},
            }
        },
    }
    parties = {"dsi": "Den Sociale Investeringsfond", "municipality": "kommunen"}
    assert list(Capital.model_validate(plain).describe("da", parties=parties)) == DANISH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"drawdown": "as_needed"}, {"drawdown": "up_front"}),
        ({"revolving": False}, {"revolving": True}),
        ({"kind": "senior"}, {"kind": "recoverable_grant"}),
    ],
)
@pytest.mark.parametrize("lang", ["da", "en"])
def test_terms_that_differ_read_differently(
    lang: Language, one: dict[str, object], other: dict[str, object]
) -> None:
    """Words of terms that are no number."""
    said = [
        Capital.model_validate(
            {
                "recycle": False,
                "order": ["a.principal"],
                "surplus": "city",
                "tranches": {"a": {"kind": "senior", "commitment": 1, **terms}},
            }
        ).describe(lang)
        for terms in (one, other)
    ]
    assert said[0] != said[1]
