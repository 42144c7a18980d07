"""Switching values in sentences in Danish and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sibsim.core.amounts import in_both
from sibsim.core.wording import Sentence, listing
from sibsim.core.words import Words
from sibsim.decisions.drivers import words
from sibsim.decisions.drivers.switching import LOOKED_AT

if TYPE_CHECKING:
    from sibsim.decisions.drivers.switching import Switch, SwitchingValues

LISTED = 3
"""Quantities that have a sentence of their own; the table has all."""

_WITHOUT = {
    "nowhere": Words(
        da="ingen værdi, casen holder for mulig, vender svaret for {quantities}",
        en="no value that the case holds possible switches the answer for {quantities}",
    ),
    "everywhere": Words(
        da="bliver dette kendt, ligger tallet på den anden side af {target}, hvad det end er: "
        "{quantities}",
        en="once this is known the figure is on the other side of {target}, whatever it is: "
        "{quantities}",
    ),
}

_ONE = Words(
    da="{quantity}: svaret vender {side} {value} (i basiscasen {base}); det er der {chance} "
    "chance for",
    en="{quantity}: the answer switches {side} {value} (in the base case {base}); the chance of "
    "that is {chance}",
)

_SEVERAL = Words(
    da="{quantity}: svaret vender flere gange, nærmest ved {value} (i basiscasen {base}); der er "
    "{chance} chance for at ligge på den anden side",
    en="{quantity}: the answer switches several times, nearest at {value} (in the base case "
    "{base}); the chance to lie on the other side is {chance}",
)


def sentences(found: SwitchingValues) -> Iterator[Sentence]:
    """Yield what switches the answer, what cannot, and what is assumed.

    Parameters
    ----------
    found
        The switching values.
    """
    case, figure = found.case, found.figure
    target = words.value(found.target, figure=figure, case=case)
    what = figure.words(currency=case.head.currency)
    keeps = found.reference.value >= found.target
    pattern = Words(
        da="{what} er {reference} som casen står, {side} {target}",
        en="{what} is {reference} as the case stands, {side} {target}",
    )
    side = Words(da="mindst", en="at least") if keeps else Words(da="under", en="below")
    reference = words.with_error(found.reference, figure=figure, case=case)
    yield Sentence(pattern, {"what": what, "reference": reference, "side": side, "target": target})
    at = [each for each in found.switches if each.kind == "at"]
    for each in at[:LISTED]:
        yield _of_one(found, each)
    if len(at) > LISTED:
        pattern = Words(
            da="yderligere {number} størrelser kan vende svaret; se tabellen",
            en="{number} more can switch the answer; see the table",
        )
        yield Sentence(pattern, {"number": str(len(at) - LISTED)})
    for kind, pattern in _WITHOUT.items():
        named = [words.called(case, each.path) for each in found.switches if each.kind == kind]
        if named:
            yield Sentence(pattern, {"quantities": listing(named), "target": target})
    pattern = Words(
        da="der er ledt fra {low} til {high} af det, casen holder for muligt; alt andet er så "
        "usikkert, som det er, med samme tilfældigheder i alle {draws} trækninger; chancen er den, "
        "casen giver størrelsen for at ligge på den anden side; ± er én Monte Carlo-standardfejl",
        en="the search goes from {low} to {high} of what the case holds possible; all else is as "
        "uncertain as it is, with the same luck in all {draws} draws; the chance is what the case "
        "gives the quantity to lie on the other side; ± is one Monte Carlo standard error",
    )
    low, high = words.per_cents((LOOKED_AT[0], LOOKED_AT[-1]))
    draws = in_both(f"{found.draws:,}")
    yield Sentence(pattern, {"low": in_both(low), "high": in_both(high), "draws": draws})
    paths = [each.path for each in found.switches]
    yield from words.notes(case, paths, figure=figure, of=found.reference)


def _of_one(found: SwitchingValues, each: Switch) -> Sentence:
    below, above = Words(da="under", en="below"), Words(da="over", en="above")
    error = words.amount(round(each.mc_error, words.EXACT), digits=words.ERROR_DIGITS)
    value = words.amount(each.value)
    chance, doubt = words.chance(each.p_switch), words.points(each.p_switch_mc_error)
    values: dict[str, Words | str] = {
        "quantity": words.called(found.case, each.path),
        "side": below if each.below else above,
        "value": Words(da=f"{value.da} ± {error.da}", en=f"{value.en} ± {error.en}"),
        "base": words.amount(each.base),
        "chance": Words(da=f"{chance.da} ± {doubt.da}", en=f"{chance.en} ± {doubt.en}"),
    }
    pattern = _SEVERAL if each.others else _ONE
    named = values["quantity"] != Words(da=each.path, en=each.path)
    return Sentence(pattern, values, capital=named)
