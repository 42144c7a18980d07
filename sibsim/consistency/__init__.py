"""Checks across the parts of a case: every name is defined, every date fits, every unit agrees.

Each check reads only what is valid in itself, so that one reading reports the faults of everything
at once. A name is known, and a date left alone, where what it refers to has a fault of its own:
one fault never makes another.
"""

from __future__ import annotations

from sibsim.case import Case
from sibsim.consistency import contract, fit, levels, parties, references
from sibsim.consistency.seen import HEAD, Seen, Unread
from sibsim.errors import Fault

__all__ = ["HEAD", "Unread", "check_across"]


def check_across(case: Case, *, unread: Unread | None = None) -> list[Fault]:
    """Return every fault that shows only when the parts of a case are seen together.

    Parameters
    ----------
    case
        What is valid in itself; its first lines may be a stand-in if `unread` says so.
    unread
        What is not.
    """
    seen = Seen(case, unread or Unread())
    checks = [*references.CHECKS, *contract.CHECKS, *levels.CHECKS, *parties.CHECKS]
    if HEAD not in seen.unread.sections:
        checks += fit.CHECKS
    return [fault for check in checks for fault in check(seen)]
