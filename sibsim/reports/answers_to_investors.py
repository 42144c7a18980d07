"""What a run answers those who put money in: investors, givers of grants, guarantors.

Every function yields clauses that begin with a verb. An investor gets its money back where receipts
of its tranches, guarantees included, reach what they put in; costs that it bears itself stand
beside that, as in the metrics.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibsim.core.amounts import ALMOST, chance
from sibsim.core.arrays import FloatArray, added
from sibsim.core.cashflow import irr
from sibsim.core.words import Words
from sibsim.metric_words import rate_words
from sibsim.metrics import ROUNDING
from sibsim.reports.answers_view import View


def invests(view: View, party: str) -> Iterator[Words]:
    """Yield what a party puts into investments and what it earns on them."""
    capital = view.results.case.contract.capital
    assert capital is not None  # noqa: S101 - a case that was run has it
    names = [name for name in capital.investments if capital.investor(name) == party]
    if not names:
        return
    metrics = view.results.metrics
    profit = added(metrics[f"tranche.{name}.profit"] for name in names)
    drawn = view.total(lambda each: each.line in {f"capital.{name}.drawing" for name in names})
    if drawn.max() <= ROUNDING:
        yield Words(da="skyder ingen penge ind", en="puts in no money")
        return
    put_in, average = view.money(float(drawn.mean())), view.on_average
    yield Words(da=f"skyder {put_in.da} ind{average.da}", en=f"puts in {put_in.en}{average.en}")
    if not view.is_run:
        back = view.money(float((drawn + profit).mean()))
        yield Words(da=f"får {back.da} tilbage", en=f"gets {back.en} back")
    else:
        whole = chance(float((profit >= -ROUNDING).mean()))
        yield Words(
            da=f"får sine penge igen i {whole.da} af forløbene",
            en=f"gets its money back in {whole.en} of simulations",
        )
    rate = metrics[f"tranche.{names[0]}.irr"] if len(names) == 1 else _rate(view, names)
    yield from _returns(view, rate)
    lost = profit[profit < -ROUNDING]
    if view.is_run and lost.size:
        loss = view.money(-float(lost.mean()))
        yield Words(
            da=f"taber i gennemsnit {loss.da}, når den taber",
            en=f"loses {loss.en} on average when it loses",
        )
    if party != view.authority:
        # The authority is told of its own costs beside its savings.
        yield from _own_costs(view, party)


def _returns(view: View, rate: FloatArray) -> Iterator[Words]:
    """Yield the rate of return, in a run its median and how often there is none."""
    defined = rate[~np.isnan(rate)]
    if defined.size:
        yearly = rate_words(float(np.median(defined)))
        kind = Words(da="et afkast", en="a return")
        if view.is_run:
            kind = Words(da="et medianafkast", en="a median return")
        yield Words(
            da=f"får {kind.da} på {yearly.da} om året",
            en=f"has {kind.en} of {yearly.en} a year",
        )
    missing = 1.0 - defined.size / rate.size
    if missing == 1.0:
        yield Words(
            da="har intet afkast, der kan regnes ud", en="has no return that can be worked out"
        )
    elif missing > ALMOST:
        share = chance(missing)
        yield Words(
            da=f"har i {share.da} af forløbene intet afkast, der kan regnes ud",
            en=f"has no return that can be worked out in {share.en} of simulations",
        )


def _rate(view: View, names: list[str]) -> FloatArray:
    """Return the internal rate of return of several tranches together, (D,)."""
    case = view.results.case
    capital = case.contract.capital
    guaranteed = (
        [name for name, each in capital.guarantees.items() if each.tranche in names]
        if capital
        else []
    )
    nodes = np.zeros((case.timeline.periods + 1, view.results.draws))
    receipts = {f"capital.{name}.repayment" for name in names}
    receipts |= {f"capital.{name}.guarantee" for name in guaranteed}
    drawings = {f"capital.{name}.drawing" for name in names}
    for each in view.postings:
        if each.line in drawings:
            nodes[:-1] -= each.amount
        elif each.line in receipts:
            nodes[1:] += each.amount
    return np.asarray(irr(nodes, periods_per_year=case.timeline.periods_per_year))


def _own_costs(view: View, party: str) -> Iterator[Words]:
    own = view.total(lambda each: each.payer == party and each.line.startswith("costs."))
    if own.max() > ROUNDING:
        amount = view.money(float(own.mean()))
        yield Words(
            da=f"bærer selv omkostninger på {amount.da}, som ikke er med i afkastet",
            en=f"bears costs of {amount.en} itself, which are not in the return",
        )


def gives(view: View, party: str) -> Iterator[Words]:
    """Yield what a party grants, and what it is paid of a fee that it deferred."""
    capital = view.results.case.contract.capital
    assert capital is not None  # noqa: S101 - a case that was run has it
    kinds = {
        name: each.kind
        for name, each in capital.tranches.items()
        if capital.investor(name) == party
    }
    average = view.on_average
    grants = {f"capital.{name}.drawing" for name, kind in kinds.items() if kind == "grant"}
    if grants:
        amount = view.money(float(view.total(lambda each: each.line in grants).mean()))
        yield Words(
            da=f"giver {amount.da}{average.da} og får intet tilbage, som aftalt",
            en=f"gives {amount.en}{average.en} and gets nothing back, as agreed",
        )
    fees = {f"capital.{name}.fee" for name, kind in kinds.items() if kind == "deferred_fee"}
    if fees:
        amount = view.money(float(view.total(lambda each: each.line in fees).mean()))
        yield Words(
            da=f"får {amount.da}{average.da} af sit udskudte honorar",
            en=f"gets {amount.en}{average.en} of its deferred fee",
        )


def guarantees(view: View, party: str) -> Iterator[Words]:
    """Yield what a guarantor pays, and how often."""
    capital = view.results.case.contract.capital
    assert capital is not None  # noqa: S101 - a case that was run has it
    names = [name for name, each in capital.guarantees.items() if each.guarantor == party]
    if not names:
        return
    paid = view.total(lambda each: each.line in {f"capital.{name}.guarantee" for name in names})
    called_on = paid > ROUNDING
    if not called_on.any():
        yield Words(da="betaler intet på sin garanti", en="pays nothing on its guarantee")
    elif view.is_run:
        often = chance(float(called_on.mean()))
        mean, then = view.money(float(paid.mean())), view.money(float(paid[called_on].mean()))
        yield Words(
            da=f"betaler på sin garanti i {often.da} af forløbene, da {then.da} i gennemsnit, og "
            f"{mean.da} i gennemsnit over alle",
            en=f"pays on its guarantee in {often.en} of simulations, then {then.en} on average, "
            f"and {mean.en} on average over all",
        )
    else:
        amount = view.money(float(paid.mean()))
        yield Words(
            da=f"betaler {amount.da} på sin garanti", en=f"pays {amount.en} on its guarantee"
        )
    fees = view.total(lambda each: each.line in {f"capital.{name}.guarantee_fee" for name in names})
    if fees.max() > ROUNDING:
        fee = view.money(float(fees.mean()))
        yield Words(da=f"får {fee.da} for garantien", en=f"gets {fee.en} for the guarantee")
