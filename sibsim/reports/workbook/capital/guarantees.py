"""What guarantees pay at the last payment, step by step, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.capital.guarantee import EDGE_TOLERANCE, Guarantee
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.capital import words
from sibsim.reports.workbook.capital.lines import Setting
from sibsim.reports.workbook.capital.terms import periods_a_year
from sibsim.reports.workbook.formulas import (
    Formula,
    Operand,
    added,
    cut,
    lift,
    smallest,
    sum_product,
    total,
    where,
)
from sibsim.reports.workbook.sheets import Sheet

HEADING = Words(da="Garantier ved sidste betaling", en="Guarantees at the last payment")
GUARANTEE = Words(da="garanti", en="guarantee")
LOST = Words(da="tabt hovedstol", en="principal lost")
LOST_NOTE = Words(
    da="hovedstolen efter perioden med sidste betaling",
    en="the principal after the period of the last payment",
)
DRAWN = Words(da="trukket indtil da", en="drawn until then")
COVERED = Words(da="dækket tab", en="loss covered")
COVERED_NOTE = Words(
    da="tabet inden for det aftalte lag, gange andelen, højst beløbet",
    en="the loss within the agreed layer, times the share, at most the amount",
)
PAYS = Words(da="betales, hvis den udløses", en="paid where it is triggered")
PAYS_NOTE = Words(
    da="intet, når tabet er mindre end den aftalte andel af det trukne",
    en="nothing where less than the agreed share of what is drawn is lost",
)
UNCOVERED = Words(da="udækket af tidligere garantier", en="left by earlier guarantees")
PAID = Words(da="betales", en="paid")


def write_guarantees(
    sheet: Sheet, setting: Setting
) -> tuple[dict[str, Column], dict[tuple[str, str], Column]]:
    """Write what every guarantee pays and when.

    Parameters
    ----------
    sheet
        Where it is written.
    setting
        The account, whose periods are written.

    Returns
    -------
    by_guarantee
        What each pays, by period.
    by_party
        The same by guarantor and tranche.
    """
    guarantees = setting.agreed.guarantees
    if not guarantees:
        return {}, {}
    sheet.heading(HEADING)
    block = sheet.block(list(guarantees), title=GUARANTEE)
    lost = block.reserve(LOST, note=LOST_NOTE)
    drawn = block.reserve(DRAWN)
    covered = block.reserve(COVERED, note=COVERED_NOTE)
    pays = block.reserve(PAYS, note=PAYS_NOTE)
    left = block.reserve(UNCOVERED)
    paid = block.reserve(PAID)
    uncovered: dict[str, Formula] = {}
    found = {}
    for row, (name, guarantee) in enumerate(guarantees.items()):
        tranche = guarantee.tranche
        columns = setting.lines.columns
        loss = lost.set(
            row, sum_product(columns[f"principal.after.{tranche}"].all, columns["last"].all)
        )
        put_in = sum_product(columns[f"drawn.{tranche}"].all, columns["open"].all)
        at_risk = drawn.set(row, _once(setting, tranche, put_in))
        amount = covered.set(row, _covers(setting, name, guarantee, loss=loss, at_risk=at_risk))
        if guarantee.trigger is not None:
            trigger = setting.live.inputs[f"{_path(name)}.trigger"]
            enough = loss >= trigger * at_risk * (1.0 - EDGE_TOLERANCE)
            amount = where(enough, amount, 0)
        amount = pays.set(row, amount)
        free = left.set(row, uncovered.get(tranche, loss))
        found[name] = paid.set(row, smallest(amount, free))
        uncovered[tranche] = free - found[name]
    by_guarantee = {name: _when(setting, name, cell) for name, cell in found.items()}
    keys = {name: (each.guarantor, each.tranche) for name, each in guarantees.items()}
    return by_guarantee, _together(
        setting.lines.block, by_guarantee, keys=keys, title=words.GUARANTEED_BY
    )


def _path(name: str) -> str:
    return f"capital.guarantees.{name}"


def _when(setting: Setting, name: str, cell: Formula) -> Column:
    """Write what a guarantee pays in the period of the last payment."""
    last = setting.lines.columns["last"]
    return setting.lines.block.column(words.of(words.GUARANTEED, name), lambda t: last.at(t) * cell)


def _once(setting: Setting, tranche: str, drawn: Formula) -> Formula:
    """Return what has been drawn, at most the commitment where it can be drawn again."""
    if setting.agreed.tranches[tranche].revolving:
        return smallest(drawn, setting.terms.commitment[tranche])
    return drawn


def _covers(
    setting: Setting, name: str, guarantee: Guarantee, *, loss: Operand, at_risk: Formula
) -> Formula:
    """Return what is paid for a loss, before trigger and other guarantees."""
    inputs, found = setting.live.inputs, lift(loss)
    if guarantee.layer is not None:
        low, high = (inputs[f"{_path(name)}.layer.{end}"] for end in ("from", "to"))
        found = cut(found, low=low, high=high) - low
    if guarantee.share is not None:
        found = inputs[f"{_path(name)}.share"] * found
    if guarantee.amount is not None:
        most = inputs[f"{_path(name)}.amount"]
        if guarantee.of == "drawn":
            commitment = setting.terms.commitment[guarantee.tranche]
            most = where(commitment > 0, most * at_risk / commitment, 0)
        found = smallest(most, found)
    return found


def write_fees(setting: Setting) -> tuple[dict[str, Column], dict[tuple[str, str], Column]]:
    """Write the fees of guarantees by period.

    Parameters
    ----------
    setting
        The account, whose periods are written.

    Returns
    -------
    by_guarantee
        What each costs, by period.
    by_party
        The same by who pays and who receives.
    """
    keys, found = {}, {}
    for name, guarantee in setting.agreed.guarantees.items():
        if guarantee.fee is not None:
            keys[name] = (guarantee.fee.payer, guarantee.guarantor)
            found[name] = _fee(setting, name, guarantee)
    return found, _together(setting.lines.block, found, keys=keys, title=words.FEE_BETWEEN)


def _fee(setting: Setting, name: str, guarantee: Guarantee) -> Column:
    """Write rate / periods a year x the most that a guarantee could pay, up to the last payment."""
    columns, tranche = setting.lines.columns, guarantee.tranche
    rate = setting.live.inputs[f"{_path(name)}.fee.rate"] / periods_a_year(setting.periods)

    def fee(t: int) -> Formula:
        drawn = _once(setting, tranche, total(columns[f"drawn.{tranche}"].up_to(t)))
        loss = setting.terms.commitment[tranche] if guarantee.of == "committed" else drawn
        most = _covers(setting, name, guarantee, loss=loss, at_risk=drawn)
        return columns["open"].at(t) * most * rate

    return setting.lines.block.column(words.of(words.FEE, name), fee)


def _together(
    block: Block,
    columns: Mapping[str, Column],
    *,
    keys: Mapping[str, tuple[str, str]],
    title: Words,
) -> dict[tuple[str, str], Column]:
    """Return columns by key, with a column of the sum where several have the same key."""
    found = {}
    for key in dict.fromkeys(keys[name] for name in columns):
        same = [column for name, column in columns.items() if keys[name] == key]
        found[key] = same[0]
        if len(same) > 1:
            cells = [added([each.at(t) for each in same]) for t in range(block.rows)]
            found[key] = block.column(words.of(title, *key), cells)
    return found
