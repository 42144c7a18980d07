"""The deals of a fund: their names, their luck and what no fund can be made of.

The first deal has the seed of the run, so that a fund of one case is that case simulated with the
same seed; deal k > 0 has the first 8 bytes of BLAKE2b("<seed>/<k>"), little endian. A deal added at
the end changes no other deal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sibsim.case import Case
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError
from sibsim.partnership import missing_to_run

FundLuck = Literal["own", "equal"]
"""Whether every deal has luck of its own, or all have the same seed."""

SEED_BYTES = 8
"""Bytes of a seed that is derived: more seeds than anybody will draw."""

Cases = Sequence[Case] | Mapping[str, Case]
"""The cases of a fund, in order or by name."""


@dataclass(frozen=True, eq=False)
class Deal:
    """One contract of a fund."""

    name: str
    """What it is called in tables and sentences."""

    case: Case
    """The case."""

    seed: int
    """Seed of its own luck, non-negative."""

    @property
    def commitment(self) -> float:
        """What all investments together commit, money."""
        return committed(self.case)


def committed(case: Case) -> float:
    """Return what all investments of a case commit, money; grants and deferred fees are none."""
    capital = case.contract.capital
    if capital is None:
        return 0.0
    return sum(capital.tranches[name].commitment.base_value for name in capital.investments)


def seed_of(seed: int, *, position: int) -> int:
    """Return the seed of the deal at a position: that of the run for the first one.

    Parameters
    ----------
    seed
        Seed of the run.
    position
        Position of the deal, from 0.
    """
    if position == 0:
        return seed
    digest = hashlib.blake2b(f"{seed}/{position}".encode(), digest_size=SEED_BYTES).digest()
    return int.from_bytes(digest, "little")


def named(cases: object) -> dict[str, Case]:
    """Return the cases by name; a name that comes again gets a number: `holbaek (2)`.

    Parameters
    ----------
    cases
        A sequence of cases, or cases by name.

    Raises
    ------
    ArgumentError
        If there is none, or something is no case.
    """
    way_out = "give a list of cases, [case, other], or cases by name, {'holbaek': case}"
    if isinstance(cases, Case):
        message = f"cases: got one case, {cases.name}; a fund holds several; {way_out}"
        raise ArgumentError(message)
    if isinstance(cases, Mapping):
        pairs = list(cases.items())
    elif isinstance(cases, Sequence) and not isinstance(cases, str):
        pairs = [(each.name if isinstance(each, Case) else "", each) for each in cases]
    else:
        message = f"cases: got {shown(cases)}; {way_out}"
        raise ArgumentError(message)
    if not pairs:
        message = f"cases: got no deal; a fund holds at least one; {way_out}"
        raise ArgumentError(message)
    found: dict[str, Case] = {}
    for name, each in pairs:
        if not isinstance(each, Case) or not isinstance(name, str):
            given = shown(each) if name == "" else f"{shown(name)} with {shown(each)}"
            message = (
                f"cases: got {given}; a deal is a case, such as sib.load_case('holbaek'); {way_out}"
            )
            raise ArgumentError(message)
        found[_free(name, taken=found)] = each
    return found


def _free(name: str, *, taken: Mapping[str, Case]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def faults_of(cases: Mapping[str, Case], *, luck: object) -> Iterator[str]:
    """Yield why the cases make no fund.

    Parameters
    ----------
    cases
        The cases by name.
    luck
        What was given for `luck`.
    """
    if luck not in get_args(FundLuck):
        yield f"luck: got {shown(luck)}; it is one of {', '.join(get_args(FundLuck))}"
    currencies: dict[str, str] = {}
    for name, case in cases.items():
        currencies.setdefault(case.head.currency, name)
        missing = missing_to_run(case)
        if missing:
            yield (
                f"{name} is not complete enough to be run; it lacks {', '.join(missing)}; "
                "complete it or leave it out"
            )
        elif not committed(case) > 0:
            yield f"{name} has no investment; a fund puts money in; leave it out"
    if len(currencies) > 1:
        listed = " and ".join(f"{currency} ({name})" for currency, name in currencies.items())
        yield (
            f"cases: got {listed}; a fund is counted in one currency; take deals of one currency, "
            "or write the others down in it, with an exchange rate that you state"
        )
