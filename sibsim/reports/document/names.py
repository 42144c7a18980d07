"""What the figures of a case are called, and how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, said
from sibsim.core.words import Words
from sibsim.reports.parameter_words import parameter_words

if TYPE_CHECKING:
    from sibsim.case import Case

SIGNIFICANT = 4
"""Significant digits of numbers below a thousand: more than any assumption is known to."""

NOTHING = 1e-9
"""Numbers closer to zero than this are rounding errors of it."""

WHOLE_FROM = 1_000
"""Numbers from here on are written in whole units."""


def called_in_case(case: Case, path: str, *, lang: Language) -> str:
    """Return what a figure of a case is called.

    Parameters
    ----------
    case
        The case.
    path
        Path of the figure, such as `costs.team.amount`.
    lang
        Language.
    """
    return said(parameter_words(case, path), lang)


def written(value: float) -> Words:
    """Return a number of a case in both languages, to four significant digits."""
    if round(abs(value)) >= WHOLE_FROM:
        return in_both(f"{value:,.0f}")
    shown = 0.0 if abs(value) < NOTHING else value
    text = np.format_float_positional(shown, precision=SIGNIFICANT, fractional=False, trim="-")
    return in_both(text)
