"""What holds for budget lines of every kind, in every period and draw of any case."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sibsim.budget.ledger import by_year, is_not_released, party_net
from sibsim.core.arrays import FloatArray
from tests.properties.test_identities import (
    SEEDS,
    Block,
    added,
    assert_ledger_balances,
    near,
    run,
    scale_of,
)
from tests.strategies import EXAMPLES, WITH_CLAUSES, Document, documents, public_finance


@st.composite
def with_public_finance(draw: st.DrawFn) -> Document:
    """Draw a valid case with budget lines of other kinds than a benefit."""
    document = draw(documents(WITH_CLAUSES))
    draw(public_finance(document))
    return document


def own_part(block: Block, name: str) -> FloatArray:
    """Return what a line brings its party after what goes to the state, whatever is released."""
    path, party = f"budget.{name}", block.case.budget[name].party
    return party_net(
        [
            each
            for each in block.accounts.postings
            if each.line == path or each.line.startswith(f"{path}.")
        ],
        party,
    )


@EXAMPLES
@given(with_public_finance(), SEEDS)
def test_transfers_sum_to_zero_over_parties(document: Document, seed: int) -> None:
    """Refund, tax, equalisation and guarantee move money; all else is production and use."""
    assert_ledger_balances(run(document, seed).accounts)


@EXAMPLES
@given(with_public_finance(), SEEDS)
def test_what_a_line_brings_is_released_or_noted(document: Document, seed: int) -> None:
    """Own part = realisable + memo; a loss is realised in full, and a gain at most in full."""
    block = run(document, seed)
    scale = scale_of(block.accounts)
    for name, line in block.case.budget.items():
        own, realisable = own_part(block, name), block.accounts.saved.realisable[name]
        memo = added(
            each.amount
            for each in block.accounts.postings
            if each.line == f"budget.{name}.not_released"
            and is_not_released(each, party=line.party)
        )
        assert near(own, realisable + memo, scale=scale), name
        assert near(np.minimum(own, 0.0), np.minimum(realisable, 0.0), scale=scale), name
        if line.release_from is not None:
            timeline = block.case.timeline
            before = np.array(timeline.years) < line.release_from.year
            assert np.all(by_year(realisable, timeline)[before] <= 1e-9 * scale), name


@EXAMPLES
@given(with_public_finance(), SEEDS)
def test_the_state_takes_what_the_terms_say(document: Document, seed: int) -> None:
    """Equalisation takes its share of the gross gain; a listed benefit leaves nothing."""
    block = run(document, seed)
    saved, scale = block.accounts.saved, scale_of(block.accounts)
    values = block.world.values
    for name, line in block.case.budget.items():
        path = f"budget.{name}"
        gross, equalised = (
            party_net([each for each in saved.postings if each.line == line_name], line.party)
            if any(each.line == line_name for each in saved.postings)
            else np.zeros(1)
            for line_name in (path, f"{path}.equalisation")
        )
        if line.is_equalised:
            taken = 1.0 - values[f"{path}.tax.equalisation.retained_share"][0]
            assert near(equalised, -taken * gross, scale=scale), name
        else:
            assert not equalised.any(), name
        guarantee = line.guarantee
        if guarantee and guarantee.roll_out == "national" and guarantee.benefit == "kontanthjaelp":
            assert not saved.realisable[name].any(), name
            assert not saved.beyond_horizon[name].any(), name
