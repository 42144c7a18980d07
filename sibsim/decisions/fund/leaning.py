"""Which quantities of which deals lean on which shock, by the patterns of their paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sibsim.case import Case
from sibsim.core.atoms import JointEmpirical
from sibsim.core.spec import nearest
from sibsim.decisions.fund.shocks import DRIFTS, Lean, Shock, lean_of
from sibsim.errors import ArgumentError

LISTED = 3
"""Known paths that a message lists where none is near."""


@dataclass(frozen=True)
class Leaning:
    """Which streams of each deal lean on which shock, and what there is to say of it."""

    of: Mapping[str, Mapping[str, Lean]]
    """By deal and stream."""

    alone: tuple[tuple[str, str], ...]
    """Shocks that reach one deal only, and that deal: they do nothing between deals."""

    diluted: tuple[tuple[str, str], ...]
    """Deal and path of quantities that are correlated inside their deal: that correlation is made
    after the shock, so that the one between deals is not as stated."""

    tables: tuple[tuple[str, str], ...]
    """Deal and path of quantities read from the rows of a joint table, which no shock can move."""


def leaning_of(cases: Mapping[str, Case], shocks: Sequence[Shock]) -> Leaning:
    """Return which streams lean on which shock.

    Parameters
    ----------
    cases
        The cases by the name of the deal.
    shocks
        The shocks.

    Raises
    ------
    ArgumentError
        If two shocks share a name or a stream, or a pattern matches nothing that is uncertain.
    """
    names = [shock.name for shock in shocks]
    for name in names:
        if names.count(name) > 1:
            message = f"shocks: got {name!r} twice; each shock has a name of its own; rename one"
            raise ArgumentError(message)
    for shock in shocks:
        _check_patterns(shock, cases)
    found = {deal: _leans(deal, case, shocks) for deal, case in cases.items()}
    diluted, tables = [], []
    for deal, case in cases.items():
        correlated = {path for each in case.correlations for path in each.between}
        diluted += [(deal, path) for path in found[deal] if path in correlated]
        tables += [
            (deal, path) for path in _in_tables(case) if any(shock.sign(path) for shock in shocks)
        ]
    alone = []
    for shock in shocks:
        deals = [deal for deal, leans in found.items() if _reaches(shock, leans)]
        if len(deals) == 1:
            alone.append((shock.name, deals[0]))
    return Leaning(found, tuple(alone), tuple(diluted), tuple(tables))


def _reaches(shock: Shock, leans: Mapping[str, Lean]) -> bool:
    return any(each.shock is shock for each in leans.values())


def _leans(deal: str, case: Case, shocks: Sequence[Shock]) -> dict[str, Lean]:
    """Return how the streams of a deal lean on the shocks."""
    found: dict[str, Lean] = {}
    for shock in shocks:
        for path in _uncertain(case):
            sign = shock.sign(path)
            if sign and path in found:
                message = (
                    f"shocks: got {path} of {deal} in {found[path].shock.name!r} and in "
                    f"{shock.name!r}; a quantity leans on one shock; leave it out of one of them"
                )
                raise ArgumentError(message)
            if sign:
                found[path] = lean_of(case, path, shock=shock, sign=sign)
    return found


def _in_tables(case: Case) -> list[str]:
    return [
        path
        for path, each in case.quantities.items()
        if isinstance(each.distribution, JointEmpirical)
    ]


def _uncertain(case: Case) -> list[str]:
    """Return the paths of what a shock may move, which are the names of the streams."""
    tables = _in_tables(case)
    quantities = [
        path for path, each in case.quantities.items() if not each.is_fixed and path not in tables
    ]
    return [*quantities, *(f"{DRIFTS}{name}" for name in case.drifts)]


def _check_patterns(shock: Shock, cases: Mapping[str, Case]) -> None:
    """Refuse a pattern that moves nothing in any deal."""
    movable = {path for case in cases.values() for path in _uncertain(case)}
    tables = {path for case in cases.values() for path in _in_tables(case)}
    fixed = {path for case in cases.values() for path in case.quantities} - movable - tables
    for pattern in (*shock.of, *shock.against):
        if any(fnmatchcase(path, pattern) for path in movable):
            continue
        why = "matches no quantity and no drift of any deal"
        hint = nearest(pattern, movable) or (
            f"; known are such as {', '.join(sorted(movable)[:LISTED])}" if movable else ""
        )
        if any(fnmatchcase(path, pattern) for path in tables):
            why, hint = "matches only quantities that are read from the rows of a joint table", ""
        elif any(fnmatchcase(path, pattern) for path in fixed):
            why, hint = "matches only quantities that are fixed in every deal", ""
        message = f"shocks: the pattern {pattern!r} of {shock.name!r} {why}{hint}"
        raise ArgumentError(message)
