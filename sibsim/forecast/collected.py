"""Which numbers that have really happened say something of the parameters, and who stands in.

What is left out is said in notes: counts that cannot be used, and reports of nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts, Reports
from sibsim.core.stages import Participation
from sibsim.core.words import Words
from sibsim.delivery.plan import WHOLE_TOLERANCE, Delivery
from sibsim.forecast.data import Counted, Law, Reported

_WAITED = Words(
    da="nogle af dem der startede, havde ventet siden et tidligere hold; deres antal opdaterer "
    "ikke hvor mange der kommer og starter",
    en="those who started had partly waited since an earlier wave; volume and take-up are not "
    "updated by how many they are",
)
_TOO_MANY = Words(
    da="{started} startede af {referred} henviste, flere end der blev henvist; hvor mange af de "
    "henviste der starter, opdateres ikke af det",
    en="{started} started of {referred} referred, more than were referred; the take-up is not "
    "updated by it",
)
_TOO_MANY_COMPLETED = Words(
    da="{completed} gennemførte af {started} der startede; hvor mange der gennemfører, opdateres "
    "ikke af det",
    en="{completed} completed of {started} who started; the completion is not updated by it",
)
_OF_UNKNOWN = Words(
    da="{completed} gennemførte af et ukendt antal der startede; hvor mange der gennemfører, "
    "opdateres ikke af det",
    en="{completed} completed of an unknown number who started; the completion is not updated by "
    "it",
)


def _in_cohort(cohort: int, pattern: Words, **values: str) -> Words:
    """Return a note on a cohort, by its position."""
    danish, english = (pattern.in_language(lang).format(**values) for lang in ("da", "en"))
    return Words(da=f"hold {cohort + 1}: {danish}", en=f"cohort {cohort + 1}: {english}")


def stand_in(case: Case, facts: Facts, *, base: Participation) -> Facts:
    """Return the facts of delivery with every number of people known.

    A number that is not known is the most people in a report of the cohort, those expected of its
    referrals, or those of the base case: the share that is reported of them is what is asked.

    Parameters
    ----------
    case
        The case.
    facts
        What has happened.
    base
        Who comes in the base case.
    """
    assert case.delivery is not None  # noqa: S101 - a case that runs has it
    take_up = case.delivery.take_up.base_value
    seen = np.zeros(len(facts.started))
    for reports in facts.reports.values():
        seen = np.maximum(seen, np.nan_to_num(reports.treated_n).max(axis=1, initial=0.0))
    planned = np.maximum(np.rint(base.started[:, 0]), 1.0)
    of_referred = np.where(np.isnan(facts.referred), planned, np.rint(facts.referred * take_up))
    started = np.where(
        np.isnan(facts.started), np.where(seen > 0, seen, of_referred), facts.started
    )
    referred = np.where(np.isnan(facts.referred), np.rint(started / take_up), facts.referred)
    return replace(facts.of_delivery(), started=started, referred=np.maximum(referred, started))


def counts(case: Case, facts: Facts) -> tuple[list[Counted], list[Words]]:
    """Return the counts of people that say something of the parameters, and notes on the others."""
    assert case.delivery is not None  # noqa: S101 - a case that runs has it
    data: list[Counted] = []
    notes: list[Words] = []
    full = _filled(case.delivery, facts=facts, opens=case.delivery.opens(case.timeline))
    for c in range(len(facts.started)):
        referred, started, completed = (
            float(each[c]) for each in (facts.referred, facts.started, facts.completed)
        )
        queued = case.delivery.waiting_list is not None and any(full[:c])
        if not np.isnan(referred):
            data.append(Counted("referred", c, "poisson", referred))
        if not np.isnan(started):
            if queued:
                notes.append(_in_cohort(c, _WAITED))
            elif started > referred:
                notes.append(
                    _in_cohort(c, _TOO_MANY, started=f"{started:g}", referred=f"{referred:g}")
                )
            else:
                data += _starts(
                    c,
                    started,
                    referred,
                    full=full[c],
                    guaranteed=case.delivery.guaranteed_referrals,
                )
        if not np.isnan(completed):
            if np.isnan(started) or completed > started:
                pattern = _OF_UNKNOWN if np.isnan(started) else _TOO_MANY_COMPLETED
                notes.append(
                    _in_cohort(c, pattern, completed=f"{completed:g}", started=f"{started:g}")
                )
            elif started > 0:
                data.append(Counted("completion", c, "binomial", completed, number=started))
    return data, notes


def _starts(
    cohort: int, started: float, referred: float, *, full: bool, guaranteed: bool
) -> Iterator[Counted]:
    """Yield what the number of those who started says, where nobody had waited.

    A full wave says only that at least as many would have started.
    """
    if guaranteed or np.isnan(referred):
        yield Counted("started", cohort, "poisson_at_least" if full else "poisson", started)
    if not np.isnan(referred) and referred > 0:
        law: Law = "binomial_at_least" if full else "binomial"
        yield Counted("take_up", cohort, law, started, number=referred)


def _filled(delivery: Delivery, *, facts: Facts, opens: FloatArray) -> list[bool]:
    """Return whether the cohort filled all places that were free; where that is not known, yes."""
    if delivery.capacity is None:
        return [False] * len(opens)
    over = opens + delivery.programme_months - WHOLE_TOLERANCE
    present = [float(facts.started[:c][over[:c] > opens[c]].sum()) for c in range(len(opens))]
    free = delivery.capacity - np.array(present)
    # A sum with an unknown number in it is unknown, and no number is below it.
    return [bool(~(started < left)) for started, left in zip(facts.started, free, strict=True)]


def reports(
    case: Case, facts: Facts, *, of_people: Collection[str]
) -> tuple[list[Reported], list[Words]]:
    """Return what was reported, cohort by cohort, and notes on what is left out.

    Parameters
    ----------
    case, facts
        The case and what has happened.
    of_people
        Measures whose comparison is a group of people apart, who achieve the outcome or not.
    """
    data: list[Reported] = []
    notes: list[Words] = []
    for name, given in facts.reports.items():
        usable = given.known & (given.treated_n > 0)
        if empty := int((given.known & ~usable).sum()):
            danish, english = ("opgørelse", "report") if empty == 1 else ("opgørelser", "reports")
            notes.append(
                Words(
                    da=f"måling {name}: {empty} {danish} af ingen; intet læres af det",
                    en=f"measure {name}: {empty} {english} of nobody; nothing is learned from it",
                )
            )
        for c, k in zip(*np.nonzero(usable), strict=True):
            data += _report(case, name, given=given, at=(int(c), int(k)), people=name in of_people)
    return data, notes


def _report(
    case: Case, measure: str, *, given: Reports, at: tuple[int, int], people: bool
) -> Iterator[Reported]:
    """Yield the participants of a report, and their comparison where it is measured."""
    design = case.measures[measure]
    yes_or_no = case.outcomes[design.outcome].is_indicator
    total, number = float(given.treated_sum[at]), float(given.treated_n[at])
    participants = Reported(
        measure,
        outcome=design.outcome,
        cohort=at[0],
        position=at[1],
        arm="treated",
        law="binomial" if yes_or_no else "normal",
        value=total if yes_or_no else total / number,
        number=number,
    )
    yield participants
    total, number = float(given.comparison_sum[at]), float(given.comparison_n[at])
    measured = design.compares and not design.comparison_is_agreed
    if measured and number > 0 and not np.isnan(total):
        people = people and yes_or_no
        yield replace(
            participants,
            arm="comparison",
            law="binomial" if people else "normal",
            value=total if people else total / number,
            number=number,
        )
