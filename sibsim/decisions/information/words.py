"""What it is worth to know more before deciding, in plain Danish and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.amounts import chance, in_both, rounded
from sibsim.core.wording import Sentence, decimal, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.authority import authority_words
from sibsim.decisions.ways.words import WAY_WORDS

if TYPE_CHECKING:
    from sibsim.decisions.information.result import Information, Learned

NAMED = 3
"""Factors whose value a sentence tells; the table has them all."""

OPTION_WORDS: Mapping[str, Words] = {
    **{name: WAY_WORDS[name] for name in ("contract", "own_money", "nothing")},
    "invest": Words(da="at investere", en="to invest"),
    "stay_out": Words(da="at afstå fra at investere", en="to stay out"),
}
"""What the options are called."""

_NOW = Words(
    da="med det, der antages nu, er det bedste for {party} {best}: {amount} i nutidsværdi i "
    "gennemsnit (Monte Carlo-fejl {error}), med en rente på {rate}, mod {others}; var alt det "
    "usikre kendt, men ikke tilfældet, ville et andet valg være bedre i {chance} af forløbene",
    en="on what is assumed now, the best for {party} is {best}: {amount} in present value on "
    "average (Monte Carlo error {error}), at a rate of {rate}, against {others}; were all that is "
    "uncertain known, but not luck, another choice would be better in {chance} of simulations",
)
_OTHER = Words(da="{amount} ved {option}", en="{amount} with {option}")
_OTHERS: Mapping[str, Words] = {
    "stay_out": Words(da="{amount} ved at afstå", en="{amount} for staying out"),
    "invest": Words(da="{amount} ved at investere", en="{amount} for investing"),
}
_EVERYTHING = Words(
    da="at kende alt det usikre med sikkerhed, før der besluttes, er {amount} værd for {party} "
    "(Monte Carlo-fejl {error}); kunne også tilfældet forudses, var det {foresight}, og mere kan "
    "ingen viden være værd",
    en="knowing all that is uncertain for certain before deciding is worth {amount} to {party} "
    "(Monte Carlo error {error}); were luck foreseen too it would be {foresight}, and no knowledge "
    "can be worth more",
)
_NOTHING = Words(
    da="intet, der kan læres, ændrer mærkbart beslutningen for {party}: værdien af at kende alt "
    "det usikre kan ikke skelnes fra 0 (Monte Carlo-fejl {error})",
    en="nothing that can be learned changes the decision of {party} noticeably: the value of "
    "knowing all that is uncertain cannot be told from 0 (Monte Carlo error {error})",
)
_NEVER = Words(
    da="intet, der kan læres, ændrer beslutningen for {party}: i ingen af {draws} trækninger ville "
    "et andet valg være bedre, når alt det usikre kendes",
    en="nothing that can be learned changes the decision of {party}: in none of {draws} draws "
    "would another choice be better once all that is uncertain is known",
)
_FACTORS = Words(
    da="mest værd at kende hver for sig: {factors}",
    en="worth most to know by itself: {factors}",
)
_FACTOR = Words(da="{what} ({amount})", en="{what} ({amount})")
_NO_FACTOR = Words(
    da="ingen enkelt usikker størrelse er for sig mærkbart værd at kende",
    en="no single uncertain quantity is noticeably worth knowing by itself",
)
_GROUP = Words(
    da="at kende {what} med sikkerhed, før der besluttes, er {amount} værd for {party} "
    "(Monte Carlo-fejl {error})",
    en="knowing {what} for certain before deciding is worth {amount} to {party} "
    "(Monte Carlo error {error})",
)
_NOT_WORTH = Words(
    da="værdien for {party} af at kende {what} kan ikke skelnes fra 0 (Monte Carlo-fejl {error})",
    en="what knowing {what} is worth to {party} cannot be told from 0 (Monte Carlo error {error})",
)
_UNCHANGED = Words(
    da="at kende {what} ændrer ikke beslutningen for {party} i nogen af {draws} trækninger",
    en="knowing {what} changes the decision of {party} in none of {draws} draws",
)
_STUDY = Words(
    da="at kende resultatet af {what}, før der besluttes, er {amount} værd for {party} pr. "
    "beslutning (Monte Carlo-fejl {error}){net}",
    en="knowing the result of {what} before deciding is worth {amount} to {party} for each "
    "decision (Monte Carlo error {error}){net}",
)
_NO_STUDY = Words(
    da="værdien for {party} af at kende resultatet af {what}, før der besluttes, kan ikke skelnes "
    "fra 0 (Monte Carlo-fejl {error}){net}",
    en="what knowing the result of {what} before deciding is worth to {party} cannot be told from "
    "0 (Monte Carlo error {error}){net}",
)
_STUDY_UNCHANGED = Words(
    da="at kende resultatet af {what}, før der besluttes, ændrer ikke beslutningen for {party} i "
    "nogen af {draws} trækninger{net}",
    en="knowing the result of {what} before deciding changes the decision of {party} in none of "
    "{draws} draws{net}",
)
_NET = Words(
    da="; for {decisions} og efter en omkostning på {cost}, som {party} bærer, er der {amount} "
    "tilbage (Monte Carlo-fejl {error})",
    en="; for {decisions} and after a cost of {cost}, borne by {party}, {amount} is left "
    "(Monte Carlo error {error})",
)


def party(case: Case, for_: str) -> Words:
    """Return what whoever decides is called."""
    if for_ == "investor":
        return Words(da="investoren", en="the investor")
    return authority_words(case)


def sentences(found: Information) -> Iterator[Sentence]:
    """Yield what is best now, what each piece of knowledge is worth, and what is assumed.

    Parameters
    ----------
    found
        The value of information of a case.
    """
    yield _now(found)
    everything = found.everything
    if everything.is_clear:
        foresight = next(each for each in found.learned if each.kind == "bound")
        more = {"foresight": _money(found, foresight.valued.value)}
        yield Sentence(_EVERYTHING, _values(found, everything) | more)
        yield _factors(found)
    else:
        pattern = _NOTHING if everything.valued.changes else _NEVER
        yield Sentence(pattern, _values(found, everything))
    for each in found.learned:
        if each.kind in _PATTERNS:
            values = _values(found, each) | {"net": _net(found, each)}
            yield Sentence(_pattern(each), values)
    yield from (Sentence(note, {}) for note in found.notes)


_PATTERNS: Mapping[str, tuple[Words, Words, Words]] = {
    "group": (_GROUP, _NOT_WORTH, _UNCHANGED),
    "study": (_STUDY, _NO_STUDY, _STUDY_UNCHANGED),
}
"""How it is said that something is worth waiting for, is not told from nothing, changes nothing."""


def _pattern(each: Learned) -> Words:
    worth, unclear, unchanged = _PATTERNS[each.kind]
    if each.is_clear:
        return worth
    return unclear if each.valued.changes else unchanged


def _now(found: Information) -> Sentence:
    best = found.options[found.best]
    others = [
        _filled(
            _OTHERS.get(name, _OTHER),
            amount=_money(found, each.value),
            option=OPTION_WORDS[name],
        )
        for name, each in found.options.items()
        if name != found.best
    ]
    assert found.case.valuation is not None  # noqa: S101 - checked before the first draw
    values = {
        "party": party(found.case, found.for_),
        "best": OPTION_WORDS[found.best],
        "amount": _money(found, best.value),
        "error": _money(found, best.mc_error),
        "rate": percent(getattr(found.case.valuation.discount, found.for_)),
        "others": listing(others),
        "chance": chance(found.wrong.value),
    }
    return Sentence(_NOW, values)


def _factors(found: Information) -> Sentence:
    clear = [each for each in found.learned if each.kind == "factor" and each.is_clear]
    if not clear:
        return Sentence(_NO_FACTOR, {})
    named = [
        _filled(_FACTOR, what=each.words, amount=_money(found, each.valued.value))
        for each in clear[:NAMED]
    ]
    return Sentence(_FACTORS, {"factors": listing(named)})


def _values(found: Information, each: Learned) -> dict[str, Words | str]:
    return {
        "what": each.words,
        "party": party(found.case, found.for_),
        "amount": _money(found, each.valued.value),
        "error": _money(found, each.valued.mc_error),
        "draws": in_both(f"{found.draws:,}"),
    }


def _net(found: Information, each: Learned) -> Words | str:
    if each.net is None or each.cost is None:
        return ""
    number = decimal(each.decisions)
    one = each.decisions == 1
    return _filled(
        _NET,
        decisions=Words(
            da="én beslutning" if one else f"{number.da} beslutninger",
            en="one decision" if one else f"{number.en} decisions",
        ),
        cost=_money(found, each.cost),
        party=party(found.case, found.for_),
        amount=_money(found, each.net.value),
        error=_money(found, each.net.mc_error),
    )


def _money(found: Information, amount: float) -> Words:
    return rounded(amount, currency=found.case.head.currency)


def _filled(pattern: Words, **values: Words) -> Words:
    texts = {
        lang: pattern.in_language(lang).format(
            **{name: each.in_language(lang) for name, each in values.items()}
        )
        for lang in ("da", "en")
    }
    return Words(da=texts["da"], en=texts["en"])
