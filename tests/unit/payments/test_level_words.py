"""Levels in words: shares in percent, numbers with their unit, in every rule that states one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sibsim.core.wording import UNITS, Language, MeasureWords
from sibsim.outcomes.time_in_states import PER_MONTH
from sibsim.payments.cliff import Cliff
from sibsim.payments.coupon import Coupon
from sibsim.payments.interpolated_table import InterpolatedTable
from sibsim.payments.linear_band import LinearBand
from sibsim.payments.reading import Of, level_words, of_words
from sibsim.payments.savings_share import SavingsShare
from sibsim.payments.step_table import StepTable
from sibsim.payments.terminal_bullet import TerminalBullet
from sibsim.payments.termination import Termination
from sibsim.payments.two_sided import TwoSided

MARKS = (8.5, 9.0)
"""Levels of a mean, none of them a share."""

TABLE: dict[str, Any] = {
    "reads": "it",
    "of": "rate",
    "at_months": 12,
    "pooled": True,
    "schedule": ({"at": 8.5, "pays": 100}, {"at": 9.0, "pays": 200}),
}
SIGNED = {"schedule": ({"at": 8.5, "pays": -100}, {"at": 9.0, "pays": 200})}
TEST: dict[str, Any] = {"reads": "it", "of": "rate", "at_months": 12, "at_least": 8.5}
SAVING: dict[str, Any] = {
    "reads": "it",
    "counts": "fewer",
    "unit": {"da": "døgn", "en": "nights"},
    "tariff": 1_000,
    "share": 0.5,
    "floor": "contract",
}
BOND: dict[str, Any] = {
    "principal": 1_000_000,
    "points": ({"at": 8.5, "rate": 0.03}, {"at": 9.0, "rate": 0.06}),
    "table": "steps",
}
COUPON: dict[str, Any] = {
    "reads": "it",
    "of": "rate",
    "coupon_dates": (date(2025, 1, 1), date(2026, 1, 1)),
    "redemption": ({"at": 8.5, "share": 0.5}, {"at": 9.0, "share": 1.0}),
    "matures": date(2027, 1, 1),
}
BULLET: dict[str, Any] = {
    "components": ({"reads": "it", "of": "rate", "at_months": 12, "weight": 1.0},),
    "starts": date(2024, 1, 1),
    "matures": date(2027, 1, 1),
    "accrual": "simple",
    "protected": 0.0,
}

Say = Callable[[Language, MeasureWords], str]
"""A rule in words."""


def _line(line: Any) -> Say:  # noqa: ANN401 - any payment model
    return lambda lang, words: str(line.describe(lang, words=words))


def _saving(**clauses: object) -> Say:
    return _line(SavingsShare.model_validate(SAVING | clauses))


def _ended(lang: Language, words: MeasureWords) -> str:
    stated = {"measure": "it", "at_months": 12, "below": 8.5, "compare": "rate"}
    right = Termination.model_validate({**stated, "notice_months": 3})
    return right.sentence(words).say(lang)


RULES: dict[str, Say] = {
    "step_table": _line(StepTable.model_validate(TABLE | {"inclusive": True})),
    "interpolated_table": _line(InterpolatedTable.model_validate(TABLE | {"below": "nothing"})),
    "linear_band": _line(LinearBand.model_validate(TABLE)),
    "two_sided": _line(TwoSided.model_validate(TABLE | SIGNED)),
    "cliff": _line(
        Cliff.model_validate(
            {"pays": (100, 200), "inclusive": True, "conditions": (TEST | {"at_least": MARKS},)}
        )
    ),
    "coupon": _line(Coupon.model_validate(BOND | COUPON)),
    "terminal_bullet": _line(TerminalBullet.model_validate(BOND | BULLET)),
    "holdback": _saving(holdback={"share": 0.2, "until": TEST}),
    "clawback": _saving(clawback={"share": 0.2, "unless": TEST}),
    "trigger": _saving(trigger={"pooled": True, "of": "rate", "at_least": 8.5}),
    "lower_limit": _saving(
        trigger={"pooled": True, "alpha": 0.05, "better": "more", "lower_limit": 8.5}
    ),
}
"""Every line that states a level, by name."""

MEAN = {"da": "det målte gennemsnit pr. person", "en": "the measured mean per person"}
RATE = {"da": "den målte andel", "en": "the measured rate"}


def _words(unit: str) -> MeasureWords:
    return MeasureWords(
        payer="Aarhus Kommune", outcome="it", design="registers", units={"it": unit} if unit else {}
    )


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    ("unit", "lang", "said"),
    [
        ("points", "da", "8,5 point"),
        ("points", "en", "8.5 points"),
        ("days", "da", "8,5 dage"),
        ("days", "en", "8.5 days"),
        ("events", "da", "8,5 hændelser"),
        ("weeks", "en", "8.5 weeks"),
    ],
)
def test_a_level_of_a_number_has_its_unit(
    *, name: str, unit: str, lang: Language, said: str
) -> None:
    """No rule says 850 % of a mean, nor that it is a share."""
    text = RULES[name](lang, _words(unit))
    assert said in text
    assert "850" not in text
    assert RATE[lang] not in text


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("lang", "said"), [("da", "850 "), ("en", "850 ")])
def test_a_level_of_a_share_is_in_percent(*, name: str, lang: Language, said: str) -> None:
    """Of an outcome of yes or no every level is a share, and a difference of shares in points."""
    text = RULES[name](lang, _words(""))
    unit = {"da": "procentpoint", "en": "percentage points"}[lang]
    assert said + (unit if name == "lower_limit" else "%") in text
    assert MEAN[lang] not in text


@pytest.mark.parametrize(
    ("unit", "lang", "said"),
    [
        ("days", "da", f"hvis {MEAN['da']} for »it« i det første hold 12 måneder efter"),
        ("days", "da", "er under 8,5 dage"),
        ("points", "en", "is below 8.5 points"),
        ("", "da", f"hvis {RATE['da']} for »it«"),
        ("", "en", "is below 850 %"),
    ],
)
def test_a_right_to_end_says_the_unit(*, unit: str, lang: Language, said: str) -> None:
    """The level below which a contract ends is of the same kind."""
    assert said in _ended(lang, _words(unit))


@pytest.mark.parametrize(
    ("level", "of", "unit", "danish", "english"),
    [
        (0.65, "rate", "", "65 %", "65 %"),
        (0.03, "effect", "", "3 procentpoint", "3 percentage points"),
        (8.5, "rate", "points", "8,5 point", "8.5 points"),
        (1, "effect", "points", "1 point", "1 point"),
        (6, "rate", "days", "6 dage", "6 days"),
        (1, "rate", "days", "1 dag", "1 day"),
        (-1, "effect", "events", "-1 hændelse", "-1 event"),
        (2, "rate", "steps", "2 trin", "2 steps"),
        (4, "rate", "weeks", "4 uger", "4 weeks"),
        (1.5, "rate", "months", "1,5 måneder", "1.5 months"),
        (0.2, "reduction", "days", "20 %", "20 %"),
        (0.2, "uplift", "points", "20 %", "20 %"),
        (3, "rate", "visits", "3 visits", "3 visits"),
    ],
)
def test_levels(level: float, of: Of, unit: str, danish: str, english: str) -> None:
    """A relative change is a share of anything; a unit that is not known stands as it is."""
    said = level_words(level, of=of, unit=unit)
    assert (said.da, said.en) == (danish, english)


def test_only_a_rate_of_numbers_is_called_a_mean() -> None:
    """Differences and relative changes are called the same for every outcome."""
    assert of_words("rate", unit="days").en == MEAN["en"]
    assert of_words("rate", unit="").en == RATE["en"]
    for of in ("effect", "reduction", "uplift"):
        assert of_words(of, unit="days") == of_words(of, unit="")


def test_units_of_time_have_words() -> None:
    """Whatever time in states can be counted in can be said."""
    assert set(PER_MONTH) <= set(UNITS)


def test_a_score_of_results_in_different_units_is_in_points() -> None:
    """Days and a share have no common unit; a weighted score of them is a plain number."""
    parts = tuple(
        {"reads": name, "of": "rate", "at_months": 12, "weight": 0.5} for name in ("it", "job")
    )
    line = TerminalBullet.model_validate(BOND | BULLET | {"components": parts})
    assert "6 % om året fra og med 9 point" in line.describe("da", words=_words("days"))
    assert "6 % a year from 9 points" in line.describe("en", words=_words("days"))


def test_a_mean_change_can_lie_below_a_first_point_of_zero() -> None:
    """What holds below zero is said of points, which can fall, and not of days or shares."""
    points = ({"at": 0, "pays": 100}, {"at": 9.0, "pays": 200})
    line = StepTable.model_validate(TABLE | {"inclusive": True, "schedule": points})
    assert "nothing below 0 points" in line.describe("en", words=_words("points"))
    for unit in ("days", ""):
        assert "nothing below" not in line.describe("en", words=_words(unit))
