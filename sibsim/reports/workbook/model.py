"""What the parts of a live base case hand to one another, in the order of the calculation.

Each part is written by one module, which takes `Live` and the parts before it and returns its own.
A list is by cohort, a list of lists by cohort and follow-up; a column has one cell per period. What
a module cannot write as formulas it writes as values of the library's base case, and says so in
`Live.fixed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sibsim.case import Case
from sibsim.core.words import Words
from sibsim.reports.municipal_money import Item
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.inputs import Inputs
from sibsim.reports.workbook.sheets import Book
from sibsim.results import Results


@dataclass(frozen=True, eq=False)
class Live:
    """The workbook, the case and what is said about them."""

    book: Book
    """The workbook."""

    case: Case
    """The case."""

    base: Results
    """Its base case, with the world kept."""

    inputs: Inputs
    """The cells of the input sheet."""

    totals: dict[str, Formula] = field(default_factory=dict)
    """Live totals by the metric that they are in the base case."""

    fixed: dict[str, Words] = field(default_factory=dict)
    """Why a part of the case follows no input, by its path, such as `outcomes.housing`."""


@dataclass(frozen=True, eq=False)
class Periods:
    """Time, on a sheet of its own: one row per period."""

    first_day: Column
    """First day of each period."""

    start: Column
    """Position of its start, in months since the start of the case."""

    year: Column
    """Calendar year of its first day."""

    factors: Mapping[str, Column]
    """Factor of every index, by name; `none` is 1 and has no column."""

    case_start: Formula
    """First day of the case."""

    months: int
    """Months of a period."""

    number: int
    """Number of periods."""


@dataclass(frozen=True, eq=False)
class Delivery:
    """Who comes, by cohort."""

    start: Sequence[Formula]
    """Real start, a position in months since the start of the case."""

    planned: Sequence[Formula]
    """Participants planned to start."""

    referred: Sequence[Formula]
    """People referred."""

    started: Sequence[Formula]
    """People who start."""

    completed: Sequence[Formula]
    """People who complete."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one outcome comes to, by cohort and follow-up."""

    follow_up: Sequence[Formula]
    """Follow-ups, in months after the real start of the cohort."""

    at: Sequence[Sequence[Formula]]
    """When each is, a position in months since the start of the case."""

    people: Sequence[Formula]
    """People who count, by cohort."""

    without: Sequence[Sequence[Formula]]
    """Mean result of a person without the intervention."""

    achieved_mean: Sequence[Sequence[Formula]]
    """Mean result of a person with the intervention."""

    achieved: Sequence[Sequence[Formula]]
    """Sum of results."""

    additional: Sequence[Sequence[Formula]]
    """The same less what is expected without the intervention."""


@dataclass(frozen=True, eq=False)
class Measure:
    """What one measure reports, by cohort and follow-up."""

    outcome: Outcome
    """The outcome it reports."""

    reported: Sequence[Sequence[Formula]]
    """Sum of reported results, X."""

    people: Sequence[Sequence[Formula]]
    """People reported, M."""

    expected: Sequence[Sequence[Formula]] | None
    """What the comparison leads to expect of them, M Y / Z; None without a comparison."""


@dataclass(frozen=True, eq=False)
class Standing:
    """How far the contract goes."""

    served: Sequence[Formula]
    """1 where a cohort is served, else 0."""

    ends: Formula | None
    """When the service as a whole ends, in months since the start; None: never early."""


@dataclass(frozen=True, eq=False)
class Costs:
    """Nominal costs in each period."""

    lines: Mapping[str, Column]
    """By cost line."""

    financed: Column
    """Costs that the capital finances."""


@dataclass(frozen=True, eq=False)
class Payments:
    """What is paid for outcomes in each period."""

    due: Mapping[str, Column]
    """Owed before limits, by payment line."""

    paid: Mapping[tuple[str, str], Column]
    """Paid after limits, by payment line and payer."""

    total: Column
    """All that is paid."""


@dataclass(frozen=True, eq=False)
class Capital:
    """What the account of the contract does in each period."""

    funded: Column
    """Costs that the capital pays."""

    overrun: Column
    """Costs beyond the commitments."""

    drawn: Mapping[str, Column]
    """Drawn at the start of the period, by tranche."""

    received: Mapping[str, Column]
    """Paid back at its end, guarantees included, by tranche."""

    surplus: Mapping[str, Column]
    """What is left and released, by the party that receives it."""

    guarantees: Mapping[tuple[str, str], Column]
    """Paid by guarantors, by guarantor and tranche."""

    fees: Mapping[tuple[str, str], Column]
    """Fees of guarantees, by who pays and who receives them."""


@dataclass(frozen=True, eq=False)
class Saving:
    """What one budget line gains in each period, in cash, after its lag."""

    gross: Column
    """Before anything of it goes to the state."""

    refund: Column | None
    """What of it the state would have refunded."""

    equalisation: Column | None
    """What equalisation takes of a gain in tax."""

    guarantee: Column | None
    """What the budget guarantee takes back."""

    held_back: Column | None
    """What of the party's own part cannot be taken out of its budget."""

    held_back_of_state: Column | None
    """What of the state's gain does not come about because of that."""

    released: Column
    """What of the party's own part can."""


@dataclass(frozen=True, eq=False)
class PartyFlow:
    """One line of the ledger as one party sees it."""

    item: Item
    """What it is to the party, as the library's tables know it: role, name, part, frame."""

    amount: Column
    """What the party gains (+) or pays (-) in each period, or cannot release (-)."""


@dataclass(frozen=True, eq=False)
class Parties:
    """What every party receives and pays."""

    flows: Mapping[str, Sequence[PartyFlow]]
    """Lines of the ledger, by party."""

    net: Mapping[str, Column]
    """What a party receives less what it pays and what it cannot release, by party."""

    society: Column
    """Resources set free less resources used up."""
