"""What a case answers each of its parties, in one sentence from the figures of a run.

A run says what happens on average, how wide it spreads and how often it goes wrong; the base case
says what happens there, and a contract settled on reports what has been paid to date: neither has
chances. Money is nominal, to the end of the case. Of a public party only what can be taken out of a
budget counts as saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.capital.postings import ACCOUNT
from sibsim.core.amounts import chance
from sibsim.core.wording import PARTIES, Sentence, called, language
from sibsim.core.words import Words
from sibsim.decisions.authority import authority_words
from sibsim.metrics import ROUNDING, break_even_year
from sibsim.reports.answers_to_investors import gives, guarantees, invests
from sibsim.reports.answers_view import View
from sibsim.reports.cash import kept_postings
from sibsim.results import Results

if TYPE_CHECKING:
    import pandas as pd

CITIZENS = "citizens"
"""Ledger party of those who receive benefits."""

OVERRUN = "costs.overrun"
"""Line of the ledger that has the costs beyond the commitments."""

PUBLIC = ("municipality", "region", "state")
"""Parties that are answered wherever the ledger has money of theirs."""

_STARTS = {
    "run": Words(da="{party} {clauses}", en="{party} {clauses}"),
    "base case": Words(da="base case: {party} {clauses}", en="base case: {party} {clauses}"),
    "settled": Words(da="til dato: {party} {clauses}", en="to date: {party} {clauses}"),
}
"""How a sentence begins, by kind of results."""


def answers(results: Results, *, lang: str = "en") -> pd.DataFrame:
    """Return what the case answers each party, one sentence each.

    Parameters
    ----------
    results
        A run that kept its flows, a base case, or a contract settled on reports.
    lang
        `da` (Danish) or `en` (English).

    Returns
    -------
    DataFrame
        One row per ledger party, the sentence in the column `answer`: the authority, the region,
        the state, other payers and citizens where the ledger has money of theirs, everybody who
        puts money in, the provider where it is another party, and guarantors.

    Raises
    ------
    ArgumentError
        If the language is neither, or the run kept metrics only.
    """
    import pandas as pd

    spoken = language(lang)
    view = View(results, tuple(kept_postings(results)))
    rows = {}
    for party in _parties(view):
        clauses = list(_clauses(view, party))
        if clauses:
            rows[party] = _sentence(view, party, clauses).say(spoken)
    frame = pd.DataFrame({"answer": rows})
    frame.index.name = "party"
    return frame


def _parties(view: View) -> tuple[str, ...]:
    """Return the parties that are answered, in order."""
    case = view.results.case
    capital, problem = case.contract.capital, case.problem
    assert capital is not None  # noqa: S101 - a case that was run has them
    assert problem is not None  # noqa: S101 - as above
    moved = {name for each in view.postings for name in (each.payer, each.payee)}
    payers = [each.payer for each in view.postings if each.line.startswith("payments.")]
    public = [name for name in (*PUBLIC, *payers, CITIZENS) if name in moved]
    behind = [capital.investor(name) for name in capital.tranches]
    guarantors = [each.guarantor for each in capital.guarantees.values()]
    names = (problem.authority, *public, *behind, problem.provider, *guarantors)
    return tuple(name for name in dict.fromkeys(names) if name != ACCOUNT)


def _clauses(view: View, party: str) -> Iterator[Words]:
    """Yield what is said of a party, each a clause that begins with a verb."""
    problem = view.results.case.problem
    assert problem is not None  # noqa: S101 - a case that was run has one
    if party == CITIZENS:
        yield from _citizens(view)
        return
    yield from _pays(view, party)
    if party in {problem.authority, *PUBLIC}:
        yield from _gains(view, party)
    yield from invests(view, party)
    yield from gives(view, party)
    yield from guarantees(view, party)
    if party == problem.provider and party != problem.authority:
        yield _ends(view, party)


def _pays(view: View, party: str) -> Iterator[Words]:
    """Yield what a party pays for outcomes, and what comes back to it or is left for it."""
    due = [each for each in view.postings if each.line.startswith("payments.")]
    paid = view.total(lambda each: each.payer == party and each.line.startswith("payments."))
    if paid.max() > ROUNDING:
        said = view.spread(paid)
        yield Words(da=f"betaler {said.da} for resultater", en=f"pays {said.en} for outcomes")
    elif party == view.authority and any(each.payer == party for each in due):
        yield Words(da="betaler intet for resultater", en="pays nothing for outcomes")
    back = view.total(
        lambda each: (
            each.payee == party
            and (each.line == "capital.surplus" or each.line.endswith(".returned"))
        )
    )
    if back.max() <= ROUNDING:
        return
    amount = view.money(float(back.mean()))
    what = Words(da="af overskuddet", en="of the surplus")
    if paid.max() > ROUNDING:
        what = Words(da="tilbage", en="back")
    yield Words(
        da=f"får {amount.da} {what.da}{view.on_average.da}",
        en=f"gets {amount.en} {what.en}{view.on_average.en}",
    )


def _gains(view: View, party: str) -> Iterator[Words]:
    """Yield what a public party saves and what is left; for the authority also the risk."""
    if view.results.kind == "settled":
        return
    if party == view.authority:
        yield _saves(view, party)
        yield from _own_costs(view, party)
        yield _breaks_even(view, party)
    yield _ends(view, party)


def _saves(view: View, party: str) -> Words:
    last = view.results.case.timeline.years[-1]
    saved = float(view.net(party, section="budget.").sum(axis=0).mean())
    amount, average = view.money(abs(saved)), view.on_average
    if saved > ROUNDING:
        return Words(
            da=f"sparer {amount.da}{average.da}, som kan tages ud af et budget inden udgangen af "
            f"{last}",
            en=f"saves {amount.en}{average.en} that can be taken out of a budget by {last}",
        )
    if saved < -ROUNDING:
        return Words(
            da=f"har merudgifter på {amount.da}{average.da} inden udgangen af {last}",
            en=f"has extra expenditure of {amount.en}{average.en} by {last}",
        )
    return Words(da="har ingen besparelser i beregningen", en="has no savings in the figures")


def _own_costs(view: View, party: str) -> Iterator[Words]:
    """Yield what a party pays of the costs itself: its lines, and what goes beyond the capital."""
    costs = view.results.case.costs
    own = {f"costs.{name}" for name, line in costs.items() if line.payer == party}
    beyond = view.total(lambda each: each.line == OVERRUN and each.payer == party)
    spent = view.total(lambda each: each.line in own, kind="use") + beyond
    if spent.max() > ROUNDING:
        amount, average = view.money(float(spent.mean())), view.on_average
        yield Words(
            da=f"betaler selv udgifter på {amount.da}{average.da}",
            en=f"pays costs of {amount.en}{average.en} itself",
        )


def _ends(view: View, party: str) -> Words:
    """Return what is left to a party, and how often that is below zero."""
    net = view.net(party).sum(axis=0)
    mean = float(net.mean())
    if np.abs(net).max() <= ROUNDING:
        return Words(da="hverken vinder eller taber", en="neither gains nor loses")
    size, average = view.money(abs(mean)), view.on_average
    gain = Words(da="en nettogevinst", en="a net gain")
    if mean < 0:
        gain = Words(da="et nettotab", en="a net loss")
    risk = Words(da="", en="")
    if view.is_run:
        loss = chance(float((net < -ROUNDING).mean()))
        risk = Words(
            da=f"; i {loss.da} af forløbene er resultatet negativt",
            en=f"; in {loss.en} of simulations the result is negative",
        )
    return Words(
        da=f"ender med {gain.da} på {size.da}{average.da}{risk.da}",
        en=f"ends with {gain.en} of {size.en}{average.en}{risk.en}",
    )


def _breaks_even(view: View, party: str) -> Words:
    years = break_even_year(view.net(party), timeline=view.results.case.timeline)
    ranked = np.where(np.isnan(years), np.inf, years)
    median = float(np.quantile(ranked, 0.5, method="inverted_cdf"))
    last = view.results.case.timeline.years[-1]
    half = Words(da=" i halvdelen af forløbene", en=" in half of all simulations")
    often = half if view.is_run else Words(da="", en="")
    if median == view.results.case.timeline.years[0]:
        return Words(
            da=f"er{often.da} ikke i minus ved udgangen af noget år",
            en=f"is not below zero at the end of any year{often.en}",
        )
    if np.isfinite(median):
        return Words(
            da=f"har tjent pengene hjem senest i {median:.0f}{often.da}",
            en=f"breaks even by {median:.0f}{often.en}",
        )
    most = Words(da=" i de fleste forløb", en=" in most simulations") if view.is_run else often
    return Words(
        da=f"har{most.da} ikke tjent pengene hjem ved udgangen af {last}",
        en=f"does not break even by the end of {last}{most.en}",
    )


def _citizens(view: View) -> Iterator[Words]:
    net = view.net(CITIZENS).sum(axis=0)
    if np.abs(net).max() <= ROUNDING:
        return
    mean = float(net.mean())
    amount, average = view.money(abs(mean)), view.on_average
    more = Words(da="mere", en="more") if mean >= 0 else Words(da="mindre", en="less")
    yield Words(
        da=f"modtager {amount.da} {more.da}{average.da}; løn, de tjener, er kun regnet "
        "med, hvor en budgetlinje har den",
        en=f"receive {amount.en} {more.en}{average.en}; wages count only where a budget line has "
        "them",
    )


def _sentence(view: View, party: str, clauses: list[Words]) -> Sentence:
    problem = view.results.case.problem
    named: dict[str, Words | str] = dict(problem.investors) if problem else {}
    named[view.authority] = authority_words(view.results.case)
    together = Words(
        da="; ".join(each.da or "" for each in clauses),
        en="; ".join(each.en or "" for each in clauses),
    )
    pattern = _STARTS[view.results.kind]
    return Sentence(
        pattern,
        {"party": called(party, parties=named), "clauses": together},
        capital=view.results.kind != "run" or party in named or party in PARTIES,
    )
