"""What a careful reader of a case would ask about: questions, not faults."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibsim.accounts import settle
from sibsim.budget.gains import perhaps_one_gain, perhaps_same_time
from sibsim.budget.lines import BudgetLine
from sibsim.case import Case
from sibsim.consistency.parties import PUBLIC
from sibsim.core.parameters import Quantity
from sibsim.core.stages import Context
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.core.validation import listing_of
from sibsim.outcomes.states import MultiState
from sibsim.world import layers_of, outcomes_in, realise, setting

NEEDED_TO_RUN = (
    "problem",
    "target_group",
    "delivery",
    "outcomes",
    "measures",
    "payments",
    "contract",
    "capital",
)
"""Sections without which there is nothing to run; costs, budget and valuation may be empty."""

ONE = 1.0
"""One unit of money: less is the rounding of sums."""

NOTICED = 0.005
"""Half a per cent of the plan: a ramp-up that ends nearer to 1 than this reaches the plan."""


def remarks(case: Case) -> Iterator[str]:
    """Yield what a careful reader of a case would ask about, section by section."""
    yield from _on_delivery(case)
    yield from _on_outcomes(case)
    yield from _on_measures(case)
    yield from _on_payments(case)
    yield from _on_capital(case)
    yield from _on_budget(case)
    yield from _on_parties(case)
    if all(case.sections[name] for name in NEEDED_TO_RUN):
        yield from _on_base_case(case)
    text = repr({key: value for key, value in case.document.items() if key != "sources"})
    for name in case.sources:
        if name not in text:
            yield f"sources.{name}: no figure and no note names it"


def _on_delivery(case: Case) -> Iterator[str]:
    delivery, target = case.delivery, case.target_group
    if delivery is None:
        return
    runs_over = any(line.runs_over for line in case.costs.values())
    if delivery.finish_delay != Quantity.fixed(0.0) and not runs_over:
        yield "delivery.finish_delay: no cost line says runs_over, so that a late end costs nothing"
    if delivery.ramp_up is None or target is None:
        return
    size, volume = target.size.base_value, delivery.volume
    last = delivery.ramped(size, timeline=case.timeline).sum() / size
    if volume != Quantity.fixed(1.0) and abs(last - 1) > NOTICED:
        yield (
            f"delivery.ramp_up: ends at {last:.2f} of the plan and is multiplied by "
            "delivery.volume; if both hold the same shortfall it counts twice; end the ramp-up at "
            "1 or set volume = 1"
        )


def _on_outcomes(case: Case) -> Iterator[str]:
    values = {path: np.full((1, 1), each.base_value) for path, each in case.quantities.items()}
    off = Layer(LayerName.CHANCE, on=False)
    context = Context(case.timeline, values, off, off)
    measured = {design.outcome for design in case.measures.values()}
    for name, outcome in case.outcomes.items():
        for remark in outcome.remarks(context=context.at("outcomes", name)):
            yield f"outcomes.{name}: {remark}"
        if outcome.goal is None:
            yield f"outcomes.{name}: has no result goal"
        if case.measures and name not in measured:
            yield f"outcomes.{name}: no measure reports it"


def _on_measures(case: Case) -> Iterator[str]:
    target = case.target_group
    shares = {name: design.served_share for name, design in case.measures.items()}
    if target is not None and (least := min(shares.values(), default=1.0)) < 1:
        size = target.size.base_value
        names = listing_of([f"measures.{name}" for name, share in shares.items() if share < 1])
        yield (
            f"{names}: takes controls from those referred; of {size:,.0f} people "
            f"{size * least:,.0f} are served and the others are controls"
        )
    if case.delivery is None or case.problem is None or target is None:
        return
    expected = setting(case, layers_of(seed=0, block=0, on=frozenset()))
    paths = outcomes_in(case, expected)
    for name, design in case.measures.items():
        for remark in design.remarks(paths[design.outcome]):
            yield f"measures.{name}: {remark}"


def _on_payments(case: Case) -> Iterator[str]:
    lines = case.contract.payments.values()
    read = {reading.measure for line in lines for reading in line.all_readings}
    for name, line in case.contract.payments.items():
        if not line.needs_comparison:
            yield f"payments.{name}: pays also for what would have happened anyway"
        measured = case.measures[line.readings[0].measure].outcome if line.readings else ""
        stays = bool(measured) and case.outcomes[measured].stays
        prices = line.person_prices(case.outcomes[measured].follow_up_months) if stays else None
        if prices and sum(price > 0 for price in prices) > 1 and not line.needs_persons:
            yield (
                f"payments.{name}: pays a person again at every follow-up, because outcomes."
                f"{measured} stays reached; for once each write claims_per_person = 1"
            )
    for name in case.measures:
        if case.contract.payments and name not in read:
            yield f"measures.{name}: no payment reads it"


def _on_capital(case: Case) -> Iterator[str]:
    capital = case.contract.capital
    if capital is None:
        return
    if capital.surplus_at == "as_it_arises":
        yield (
            "capital.surplus_at: released as it arises, it can leave a later drawing unpaid; a "
            "better effect then gives a worse return"
        )
    terms = case.contract.terms
    investors = {capital.investor(name) for name in capital.investments}
    for role, parties in (
        ("receives surplus", capital.surplus_shares),
        ("pays for outcomes", terms.payers if terms else {}),
    ):
        for name in sorted(investors & set(parties)):
            yield (
                f"capital: {name} invests and {role}; that is no part of the investor's figures, "
                f"only of results.cash_flows({name!r})"
            )
    listed = case.problem.investors if case.problem else {}
    for name in capital.investments:
        if capital.investor(name) not in listed:
            yield (
                f"capital.tranches.{name}: its investor {capital.investor(name)!r} does not stand "
                "in problem.investors"
            )


def _on_budget(case: Case) -> Iterator[str]:
    for name, other in perhaps_one_gain(case.budget):
        yield (
            f"budget.{name} and budget.{other} save {case.budget[name].party} the same amount by "
            "two outcomes; if it is one gain, give both gain = '...'"
        )
    for name, line in case.budget.items():
        outcome = case.outcomes.get(line.follows)
        if line.states is not None and isinstance(outcome, MultiState):
            what = "saves the time less" if line.tax is None else "taxes the time more"
            yield (
                f"budget.{name}: {what} in {', '.join(line.states)} in the first "
                f"{outcome.steps * outcome.step_months:.0f} months of {line.follows}; what is "
                "saved or lost later counts nowhere; raise its horizon_months to follow it"
            )
        yield from _on_equalisation(line, name=name)
        yield from _on_guarantee(line, name=name, timeline=case.timeline)
    for name, other, states in perhaps_same_time(case.budget):
        yield (
            f"budget.{name} and budget.{other} count the same time in {', '.join(states)} twice "
            f"for {case.budget[name].party}; if it is one saving, name each state on one of the two"
        )


def _on_parties(case: Case) -> Iterator[str]:
    """Ask about a party that one budget line names and nothing else knows."""
    if case.problem is None:
        return
    known = {*PUBLIC, case.problem.authority, case.problem.provider, *case.problem.investors}
    if case.contract.terms is not None:
        known |= set(case.contract.terms.payers)
    named = [
        (name, party)
        for name, line in case.budget.items()
        for party in (line.party, line.counterparty)
        if party is not None and party not in known
    ]
    for name, party in named:
        if sum(party == other for _, other in named) == 1:
            yield (
                f"budget.{name}: money of {party!r}, a party that nothing else names; if it is the "
                f"authority, its name here is {case.problem.authority!r}"
            )


def _on_base_case(case: Case) -> Iterator[str]:
    """Ask about money that the base case already does not have."""
    world = realise(case, layers_of(seed=0, block=0, on=frozenset()))
    found, currency = settle(case, world), case.head.currency
    overrun = float(found.capital.overrun.sum())
    if overrun > ONE:
        yield (
            f"base case: costs exceed the commitments by {currency} {overrun:,.0f}; "
            "contract.overrun says who bears that"
        )
    cut = sum(float(each.sum()) for each in found.payments.cut.values())
    if cut > ONE:
        yield f"base case: limits cut {currency} {cut:,.0f} of what is owed"


def _on_equalisation(line: BudgetLine, *, name: str) -> Iterator[str]:
    """Yield that a gain in tax is counted as if the municipality kept all of it."""
    if line.tax is None or line.is_equalised:
        return
    stated = "says nothing of equalisation" if line.tax.equalisation is None else "leaves it out"
    yield (
        f"budget.{name}: counts tax and {stated}; a case that counts tax but not equalisation "
        f"overstates what {line.party} gains; state tax.equalisation with its retained_share"
    )


def _on_guarantee(line: BudgetLine, *, name: str, timeline: Timeline) -> Iterator[str]:
    """Yield what the budget guarantee does to a line, and how old its list is."""
    guarantee = line.guarantee
    if guarantee is None:
        return
    rows = guarantee.listed()
    years = sorted({str(each.source_year) for each in rows})
    source = f"the list {guarantee.rule!r}, read as of {listing_of(years)}"
    if not any(guarantee.lists(timeline.starts)):
        known = sorted({each.name.removeprefix(f"{guarantee.rule}.") for each in rows})
        yield (
            f"budget.{name}: {guarantee.benefit!r} is not on {source}, so that the budget "
            f"guarantee moves nothing; on it are {listing_of(known)}; check the name, or a newer "
            "list"
        )
    elif guarantee.roll_out == "national":
        yield (
            f"budget.{name}: with a national roll-out the budget guarantee leaves {line.party} "
            f"nothing of what is saved on {guarantee.benefit}, by {source}; for one municipality "
            "alone write roll_out = 'one_municipality'"
        )
    else:
        yield (
            f"budget.{name}: {line.party} keeps what is saved on {guarantee.benefit} as long as "
            f"it saves alone; {source}, has it, so that a national roll-out would leave nothing"
        )
