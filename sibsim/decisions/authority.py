"""What the authority of a case is called, in Danish and English."""

from __future__ import annotations

from sibsim.case import Case
from sibsim.core.wording import party_words
from sibsim.core.words import Words


def authority_words(case: Case) -> Words:
    """Return what the authority is called: the municipality's name where the case gives it."""
    problem = case.problem
    assert problem is not None  # noqa: S101 - a case that runs has one
    if problem.municipality:
        return Words(da=problem.municipality, en=problem.municipality)
    return party_words(problem.authority)
