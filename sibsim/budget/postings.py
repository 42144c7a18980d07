"""What a budget line saves, and its postings: who gains it, who bears it, what is only noted.

Of the gross saving of a line in a period, in cash, parts go to the state: the refund it no longer
pays, what equalisation takes of a gain in tax, what the budget guarantee takes back. The rest is
the party's own part,

    O = gross - refund - equalisation - guarantee,

of which its budget can take out in a calendar year y

    share (1 - backfill) max(O_y, 0) + min(O_y, 0);

what it cannot is a memo, spread over the periods of the year that gain. Budgets are annual, so that
the luck of a month is set off within its year; a loss of the year counts in full and at once, and
what is saved before `release_from` not at all. Where the party cannot take a saving
out of its budget the spending goes on, and the state goes on refunding it: of what the state gains
by then the same share is a memo of the state's. Amounts with a sign become two postings, one for
each direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from sibsim.budget.ledger import COUNTED_ELSEWHERE, by_year
from sibsim.budget.lines import NATURE, STATE, BudgetLine
from sibsim.core.arrays import BoolArray, FloatArray, added
from sibsim.core.postings import Posting, PostingKind
from sibsim.core.stages import Context
from sibsim.core.timeline import Timeline

TO_THE_STATE = ("refund", "equalisation", "guarantee")
"""Parts of a saving that go to the state, each a line of the ledger after the line's own name."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What a line saves, (T + 1, D) each; the last row is what lies beyond the horizon."""

    gross: FloatArray
    """Before anything of it goes to the state."""

    refund: FloatArray | None
    """What of it the state would have refunded; None on a line without a refund."""

    equalisation: FloatArray | None
    """What equalisation takes of a gain in tax; None where it takes nothing."""

    guarantee: FloatArray | None
    """What the budget guarantee takes back; None where it takes nothing."""

    held_back: FloatArray | None
    """What of the party's own part cannot be taken out of its budget; None where all can."""

    released: FloatArray
    """What of it can."""

    held_back_of_state: FloatArray | None = None
    """What of the state's gain does not come about because of that; None where all does."""

    def where(self, counts: BoolArray) -> Saving:
        """Return the saving in the draws in which it counts, and nothing in the others."""

        def kept(amount: FloatArray) -> FloatArray:
            return np.where(counts, amount, 0.0)

        def part(amount: FloatArray | None) -> FloatArray | None:
            return None if amount is None else kept(amount)

        return Saving(
            gross=kept(self.gross),
            refund=part(self.refund),
            equalisation=part(self.equalisation),
            guarantee=part(self.guarantee),
            held_back=part(self.held_back),
            released=kept(self.released),
            held_back_of_state=part(self.held_back_of_state),
        )


def divided(
    line: BudgetLine, *, gross: FloatArray, refund: FloatArray | None, here: Context
) -> Saving:
    """Return the gross saving divided between the state and the party, and what can be released.

    Parameters
    ----------
    line
        The line.
    gross, refund
        What it saves, and what of it the state would have refunded, (T + 1, D).
    here
        At the path of the line.
    """
    own = gross if refund is None else gross - refund
    to_state = None if refund is None else np.maximum(refund, 0.0)
    equalisation = guarantee = None
    if line.is_equalised:
        retained = here.value("tax.equalisation.retained_share")[0]
        equalisation = (1.0 - retained) * gross
        own = own - equalisation
    before = own
    if line.guarantee is not None and line.guarantee.roll_out == "national":
        # The last row, beyond the horizon, goes by the list on the day after the end.
        taken = np.array(line.guarantee.lists(here.timeline.starts))[:, np.newaxis]
        guarantee = np.where(taken, own, 0.0)
        to_state = added([np.maximum(guarantee, 0.0), *([] if to_state is None else [to_state])])
        own = np.where(taken, 0.0, own)
    if line.releases_all:
        return Saving(gross, refund, equalisation, guarantee, None, own)
    kept = here.value("share")[0] * (1.0 - here.value("backfill")[0])
    if line.release_from is not None:
        kept = kept * _released_from(line, timeline=here.timeline)
    held = (1.0 - kept) * _left_of_gains(before, timeline=here.timeline)
    held_back = held * np.maximum(own, 0.0)
    of_state = None if to_state is None else held * to_state
    return Saving(gross, refund, equalisation, guarantee, held_back, own - held_back, of_state)


def _left_of_gains(own: FloatArray, *, timeline: Timeline) -> FloatArray:
    """Return the share of each period's gain that the losses of its year leave, (T + 1, 1 or D).

    Of a period without gain it is 0. The last row, beyond the horizon, stands by itself.
    """
    gain = np.maximum(own, 0.0)
    net = np.maximum(by_year(own[:-1], timeline), 0.0)
    gross = by_year(gain[:-1], timeline)
    left = np.divide(net, gross, out=np.zeros_like(gross), where=gross > 0.0)
    by_period = left[timeline.year_of_period - timeline.years[0]]
    share = np.concatenate((by_period, np.ones_like(own[-1:])))
    return np.where(gain > 0.0, share, 0.0)


def _released_from(line: BudgetLine, *, timeline: Timeline) -> FloatArray:
    """Return 1 for periods that open on the day or later, and beyond the horizon, (T + 1, 1)."""
    assert line.release_from is not None  # noqa: S101 - asked only of lines with such a day
    opens = [day >= line.release_from for day in timeline.starts]
    return np.array(opens, dtype=np.float64)[:, np.newaxis]


def postings_of(line: BudgetLine, *, saving: Saving, path: str) -> list[Posting]:
    """Return the gross saving, what of it goes to the state and what cannot be released.

    Parameters
    ----------
    line
        The line.
    saving
        What it saves.
    path
        Its path in the case, which its lines of the ledger begin with.
    """
    postings = _gross_postings(line, gross=saving.gross[:-1], path=path)
    for part in TO_THE_STATE:
        amount = getattr(saving, part)
        if amount is not None:
            postings += _to_the_state(line, amount=amount[:-1], name=f"{path}.{part}")
    if saving.held_back is not None:
        memo = partial(Posting, line=f"{path}.not_released", frame=line.frame, kind="memo")
        postings.append(memo(line.party, line.party, amount=saving.held_back[:-1]))
        if saving.held_back_of_state is not None:
            postings.append(memo(STATE, STATE, amount=saving.held_back_of_state[:-1]))
    return postings


def elsewhere_postings(line: BudgetLine, *, amount: FloatArray, path: str) -> list[Posting]:
    """Return what another line of the gain counts, as memo rows; a loss the other way round.

    Parameters
    ----------
    line
        The line.
    amount
        What it could release and another line of its gain counts, (T, D).
    path
        Its path in the case.
    """
    name = f"{path}.{COUNTED_ELSEWHERE}"
    gain, loss = _sides(amount)
    return [
        Posting(NATURE, line.party, name, line.frame, "memo", gain),
        Posting(line.party, NATURE, name, line.frame, "memo", loss),
    ]


def _gross_postings(line: BudgetLine, *, gross: FloatArray, path: str) -> list[Posting]:
    gain, loss = _sides(gross)
    saved: PostingKind = "production" if line.counterparty is None else "transfer"
    spent: PostingKind = "use" if line.counterparty is None else "transfer"
    other = line.counterparty or NATURE
    return [
        Posting(other, line.party, path, line.frame, saved, gain),
        Posting(line.party, other, path, line.frame, spent, loss),
    ]


def _to_the_state(line: BudgetLine, *, amount: FloatArray, name: str) -> list[Posting]:
    lost, gained = _sides(amount)
    return [
        Posting(line.party, STATE, name, line.frame, "transfer", lost),
        Posting(STATE, line.party, name, line.frame, "transfer", gained),
    ]


def _sides(flow: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return max(flow, 0) and max(-flow, 0)."""
    positive = np.maximum(flow, 0.0)
    return positive, positive - flow
