"""What a contract term and its value are called, in Danish and English."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.case import Case
from sibsim.core.wording import decimal, money, percent
from sibsim.core.words import Words
from sibsim.decisions.terms import Term
from sibsim.forecast.quantity_words import quoted

MONEY = frozenset(
    (
        "price",
        "pays",
        "tariff",
        "principal",
        "amount",
        "commitment",
        "line",
        "person",
        "year",
        "contract",
        "netting",
        "per_year",
        "from",
        "to",
    )
)
"""Keys of a case file whose numbers are money."""

DIGITS = 4
"""Significant digits of a value in a sentence, such as 17,130: as fine as its error."""

ERROR_DIGITS = 2
"""Significant digits of an error in a sentence."""

NO_ERROR = 1e-9
"""An error below this share of a term is rounding: a return cap stands the same in every draw."""

_OF_LINE: Mapping[str, Words] = {
    "price": Words(da="prisen for {title}", en="the price of {title}"),
    "pays": Words(da="betalingen for {title}", en="the payment for {title}"),
    "tariff": Words(da="taksten i {title}", en="the tariff in {title}"),
    "share": Words(da="andelen i {title}", en="the share in {title}"),
    "at_least": Words(da="tærsklen for {title}", en="the threshold of {title}"),
    "line": Words(da="loftet over {title}", en="the limit of {title}"),
}
"""Terms of a payment line by their key."""

_OF_CONTRACT: Mapping[str, Words] = {
    "contract.limit.contract": Words(
        da="loftet over kontraktens betalinger", en="the limit on all payments of the contract"
    ),
    "contract.limit.person": Words(da="loftet pr. person", en="the limit per person"),
    "contract.limit.year": Words(da="loftet pr. år", en="the limit per year"),
}

_OF_CAPITAL: Mapping[str, Words] = {
    "commitment": Words(da="kapitalen fra »{name}«", en='the capital of "{name}"'),
    "return_cap": Words(da="loftet over afkastet til »{name}«", en='the return cap of "{name}"'),
    "amount": Words(da="garantien »{name}«", en='the guarantee "{name}"'),
    "share": Words(da="garantiandelen i »{name}«", en='the guaranteed share of "{name}"'),
}

_OTHER = Words(da="{path}", en="{path}")

_IN_PROPORTION = Words(
    da="{first} og {number} andre i samme forhold", en="{first} and {number} others in proportion"
)

_ONE_IN_PROPORTION = Words(
    da="{first} og en anden i samme forhold", en="{first} and another in proportion"
)


def key_of(path: str) -> str:
    """Return what a number is: the last step of its path that is a name, `value` left out."""
    steps = [each for each in path.split(".") if not each.isdigit() and each != "value"]
    return steps[-1]


def term_words(case: Case, term: Term) -> Words:
    """Return what a term is called; several by the first of them.

    Parameters
    ----------
    case
        The case.
    term
        The term.
    """
    return in_proportion(path_words(case, term.paths[0]), others=len(term.paths) - 1)


def in_proportion(first: Words, *, others: int) -> Words:
    """Return what numbers are called that move together: the first, and how many others.

    Parameters
    ----------
    first
        What the first is called.
    others
        How many move with it.
    """
    if not others:
        return first
    pattern = _ONE_IN_PROPORTION if others == 1 else _IN_PROPORTION
    return Words(
        da=pattern.in_language("da").format(first=first.da, number=others),
        en=pattern.in_language("en").format(first=first.en, number=others),
    )


def is_money(term: Term) -> bool:
    """Return whether a term is an amount of money."""
    return key_of(term.paths[0]) in MONEY


def value_of_term(value: float, *, term: Term, currency: str, digits: int = DIGITS) -> Words:
    """Return a value of a term in words: money, a share in per cent up to 1, else a number.

    Parameters
    ----------
    value
        The value.
    term
        The term.
    currency
        ISO 4217 code of the case's currency.
    digits
        Significant digits.
    """
    short = float(f"{value:.{digits}g}")
    if is_money(term):
        return money(short, currency=currency)
    return percent(short) if term.value <= 1 else decimal(short)


def with_error(value: Words, *, error: Words | None) -> Words:
    """Return a value with its Monte Carlo standard error behind a plus-minus sign.

    Parameters
    ----------
    value
        The value.
    error
        Its error; None where it has none or none can be told.
    """
    if error is None:
        return value
    return Words(da=f"{value.da} ± {error.da}", en=f"{value.en} ± {error.en}")


def error_of_term(error: float, *, term: Term, currency: str) -> Words | None:
    """Return the error of a value of a term in words; None where it cannot be told.

    Parameters
    ----------
    error
        The Monte Carlo standard error.
    term
        The term.
    currency
        ISO 4217 code of the case's currency.
    """
    if np.isnan(error):
        return None
    seen = error if error > NO_ERROR * term.value else 0.0
    return value_of_term(seen, term=term, currency=currency, digits=ERROR_DIGITS)


def path_words(case: Case, path: str) -> Words:
    """Return what the number at a path is called; the path where it has no words.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path.
    """
    section, _, rest = path.partition(".")
    name, key = rest.partition(".")[0], key_of(path)
    pattern, title = _OTHER, Words(da=name, en=name)
    if section == "payments" and name in case.contract.payments:
        pattern, title = _OF_LINE.get(key, _OTHER), quoted(_title(case, name))
    elif path in _OF_CONTRACT:
        pattern = _OF_CONTRACT[path]
    elif section == "capital":
        steps = rest.split(".")
        owner = steps[1] if len(steps) > 1 else name
        title = Words(da=owner, en=owner)
        within = "return_cap" if "return_cap" in steps else key
        pattern = _OF_CAPITAL.get(within, _OTHER)
    return Words(
        da=pattern.in_language("da").format(title=title.da, name=title.da, path=path),
        en=pattern.in_language("en").format(title=title.en, name=title.en, path=path),
    )


def _title(case: Case, name: str) -> Words:
    """Return the title of a payment line, that of the outcome it reads, or its name."""
    line = case.contract.payments[name]
    if line.title is not None:
        return line.title
    read = next((each.measure for each in line.readings), None)
    outcome = case.outcomes[case.measures[read].outcome] if read is not None else None
    plain = Words(da=name, en=name)
    return (outcome.title if outcome is not None else None) or plain
