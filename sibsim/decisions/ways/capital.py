"""What capital does to the price of the contract, read from the ledger.

What the authority pays into the contract beyond the delivery costs has causes: what is paid differs
from what capital finances, others bear an overrun, others pay for outcomes, a grant of the case is
not repaid. The causes sum to the premium in every draw. Whether capital is subsidised is another
question, answered by what the investors themselves expect: their flows after the costs that they
bear themselves.

Assumptions: what an investor bears itself falls due at the start of a period, as the costs that
capital finances, its fees for guarantees at the end. Who pays for outcomes beside the authority
pays that less the surplus that comes back to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from sibsim.accounts import COMPENSATION, Accounts
from sibsim.budget.ledger import realised_net
from sibsim.capital.postings import ACCOUNT
from sibsim.capital.returns import investor_flows
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, added
from sibsim.core.postings import Posting

SURPLUS = "capital.surplus"
"""Line of the ledger on which the surplus is paid."""

GUARANTEE_FEE = ".guarantee_fee"
"""End of the ledger's line of a fee for a guarantee."""

ByLine = Mapping[str, FloatArray]
"""What each cost line comes to, (T, 1 or D)."""


def spent(postings: Iterable[Posting]) -> ByLine:
    """Return what every cost line comes to in a ledger: the resources that it uses."""
    found: dict[str, FloatArray] = {}
    for each in postings:
        section, _, name = each.line.partition(".")
        if each.kind == "use" and section == "costs":
            found[name] = found.get(name, np.zeros((len(each.amount), 1))) + each.amount
    return found


def sum_of(costs: ByLine, names: Collection[str], *, periods: int) -> FloatArray:
    """Return what some cost lines come to together, (T, 1 or D)."""
    return added((each for name, each in costs.items() if name in names), shape=(periods, 1))


def gifts(case: Case) -> frozenset[str]:
    """Return the lines of the ledger on which grants of the case are drawn."""
    capital = case.contract.capital
    assert capital is not None  # noqa: S101 - a case that runs has it, `check_complete`
    kinds = {name: each.kind for name, each in capital.tranches.items()}
    return frozenset(f"capital.{name}.drawing" for name, kind in kinds.items() if kind == "grant")


def premium_causes(case: Case, accounts: Accounts, *, premium: FloatArray) -> dict[str, FloatArray]:
    """Return what the premium is made of, (T, 1 or D) each; the causes sum to it.

    `repayment_and_return` is what all payers pay, less the surplus that they get back, less what
    capital finances; the others are below zero where others than the authority carry something.

    Parameters
    ----------
    case
        The case.
    accounts
        Its accounts under the contract.
    premium
        What the authority pays into the contract beyond the delivery costs, (T, 1 or D).
    """
    problem, periods = case.problem, case.timeline.periods
    assert problem is not None  # noqa: S101 - a case that runs has one, `check_complete`
    authority, ledger = problem.authority, accounts.postings
    given = gifts(case)
    granted = (each.amount for each in ledger if each.line in given and each.payer != authority)
    financed = {name for name, line in case.costs.items() if line.payer is None}
    reimbursed = [each for each in ledger if each.line in {"costs.financed", "costs.overrun"}]
    overrun = np.zeros((periods, 1))
    if problem.provider not in {authority, ACCOUNT}:
        overrun = sum_of(spent(ledger), financed, periods=periods) - realised_net(
            reimbursed, problem.provider, periods=periods
        )
    of_payers = [
        each
        for each in ledger
        if each.line.startswith("payments.") or each.line in {COMPENSATION, SURPLUS}
    ]
    payers = {each.payer for each in of_payers} - {ACCOUNT, authority}
    paid = added(
        (realised_net(of_payers, each, periods=periods) for each in sorted(payers)),
        shape=(periods, 1),
    )
    carried = {
        "overrun_borne_by_others": -overrun,
        "outcomes_paid_by_others": paid,
        "grants": -added(granted, shape=(periods, 1)),
    }
    return {"repayment_and_return": premium - added(carried.values()), **carried}


def investors_own(case: Case, accounts: Accounts) -> FloatArray:
    """Return what investors gain after costs that they bear themselves, by node, (T + 1, 1 or D).

    Investments of the authority, grants and deferred fees are left out.

    Parameters
    ----------
    case
        The case.
    accounts
        Its accounts under the contract.
    """
    problem, capital = case.problem, case.contract.capital
    assert problem is not None  # noqa: S101 - a case that runs has them, `check_complete`
    assert capital is not None  # noqa: S101 - as above
    periods = case.timeline.periods
    outside = [n for n in capital.investments if capital.investor(n) != problem.authority]
    behind = {capital.investor(name) for name in outside}
    lines = {*case.lines_paid_aside}
    borne = [each for each in accounts.postings if each.kind == "transfer" and each.payer in behind]
    costs = added((e.amount for e in borne if e.line in lines), shape=(periods, 1))
    fees = added(
        (each.amount for each in borne if each.line.endswith(GUARANTEE_FEE)), shape=(periods, 1)
    )
    flows = investor_flows(accounts.capital, tranches=outside)
    flows = flows - np.pad(costs, ((0, 1), (0, 0)))
    own: FloatArray = flows - np.pad(fees, ((1, 0), (0, 0)))
    return own
