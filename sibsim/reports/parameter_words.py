"""What every number and date of a case file is called, in Danish and English.

Quantities that sentences name are called as there; all others by the title of their part and the
words for their key. A key that has no words here, such as that of an analyst's own model, stands
as it is written, with blanks.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.case import Case
from sibsim.core.wording import index_words, listing, party_words
from sibsim.core.words import Words
from sibsim.forecast.quantity_words import outcome_words, quantity_words

HEAD = "head"
"""Stands for the first lines of a case file, which are in no section."""

SECTION_TITLES: Mapping[str, Words] = {
    HEAD: Words(da="Sagen", en="The case"),
    "problem": Words(da="Problem", en="Problem"),
    "target_group": Words(da="Målgruppe", en="Target group"),
    "delivery": Words(da="Levering", en="Delivery"),
    "costs": Words(da="Udgifter", en="Costs"),
    "outcomes": Words(da="Resultater", en="Outcomes"),
    "drifts": Words(da="Udvikling over tid", en="Drifts"),
    "measures": Words(da="Måling", en="Measures"),
    "payments": Words(da="Betaling for resultater", en="Payment for outcomes"),
    "budget": Words(da="Besparelser i budgettet", en="Savings in the budget"),
    "contract": Words(da="Kontraktens vilkår", en="Terms of the contract"),
    "capital": Words(da="Kapital", en="Capital"),
    "valuation": Words(da="Diskontering", en="Discounting"),
    "indices": Words(da="Indeks", en="Indices"),
    "correlations": Words(da="Samvariation", en="Correlations"),
}
"""Headings of the sections of a case file."""

_PARTS: Mapping[str, Words] = {
    "alpha": Words(da="signifikansniveau", en="level of the test"),
    "amount": Words(da="beløb", en="amount"),
    "at": Words(da="ved", en="at"),
    "at_least": Words(da="mindst", en="at least"),
    "at_months": Words(da="opfølgning (måneder)", en="follow-up (months)"),
    "at_most": Words(da="højst", en="at most"),
    "attrition": Words(da="frafald", en="attrition"),
    "audited": Words(da="kontrolleret andel", en="share audited"),
    "backfill": Words(da="andel, der fyldes op igen", en="share that is filled again"),
    "baseline": Words(da="kontraktens baseline", en="baseline"),
    "below": Words(da="under", en="below"),
    "between_people": Words(da="mellem mennesker", en="between people"),
    "capacity": Words(da="pladser", en="places"),
    "cohorts": Words(da="hold", en="cohort"),
    "commitment": Words(da="tilsagn", en="commitment"),
    "conditions": Words(da="betingelse", en="condition"),
    "contract": Words(da="hele kontrakten", en="the whole contract"),
    "control": Words(da="sammenligningsgruppe", en="comparison group"),
    "controls_per_participant": Words(
        da="personer i sammenligningsgruppen pr. deltager", en="controls per participant"
    ),
    "correlation": Words(da="korrelation", en="correlation"),
    "counterfactual": Words(da="uden indsatsen", en="without the intervention"),
    "counts": Words(da="observerede skift", en="moves observed"),
    "covariates_r2": Words(
        da="andel af variansen, som baggrundsforhold forklarer",
        en="share of the variance that covariates explain",
    ),
    "creaming": Words(da="udvælgelse af de letteste (creaming)", en="creaming"),
    "date": Words(da="dato", en="date"),
    "days_before": Words(da="dage før start", en="days before the start"),
    "difficulty": Words(da="sværhedsgrad", en="difficulty"),
    "discount": Words(da="kalkulationsrente", en="discount rate"),
    "effect": Words(da="effekt", en="effect"),
    "effects": Words(da="effekt", en="effect"),
    "end": Words(da="sidste dag", en="last day"),
    "equalisation": Words(da="udligning", en="equalisation"),
    "evaluation_lag_months": Words(
        da="måneder fra måling til resultat", en="months from measurement to result"
    ),
    "finish_delay": Words(
        da="måneder, som indsatsen slutter for sent",
        en="months by which the service ends late",
    ),
    "follow_up_months": Words(da="opfølgning (måneder)", en="follow-up (months)"),
    "from": Words(da="fra", en="from"),
    "from_month": Words(da="fra måned", en="from month"),
    "from_months": Words(da="fra måned", en="from month"),
    "full_after_months": Words(da="fuld effekt efter måneder", en="full after months"),
    "gap_weeks": Words(da="længste afbrydelse, uger", en="longest break, weeks"),
    "given": Words(da="sammenhæng med et andet resultat", en="link to another outcome"),
    "gives_up": Words(da="andel, der opgiver at vente", en="share that gives up waiting"),
    "goal": Words(da="mål", en="goal"),
    "guarantees": Words(da="garanti", en="guarantee"),
    "half_life_months": Words(da="halveringstid, måneder", en="half-life, months"),
    "hold_months": Words(da="fastholdes, måneder", en="held for months"),
    "horizon_months": Words(da="horisont, måneder", en="horizon, months"),
    "instead_of": Words(da="træder i stedet for", en="instead of"),
    "investor": Words(da="investoren", en="the investor"),
    "lag_months": Words(da="måneder, før gevinsten ses", en="months before the gain is seen"),
    "last_payment": Words(da="sidste betalingsdato", en="last payment date"),
    "lasts": Words(da="varighed efter sidste opfølgning", en="lasts after the last follow-up"),
    "later": Words(da="senere", en="later"),
    "limit": Words(da="loft", en="limit"),
    "line": Words(da="hele linjen", en="the whole line"),
    "lowest": Words(da="laveste", en="lowest"),
    "mean": Words(da="middelværdi", en="mean"),
    "mean_at_least": Words(da="gennemsnit mindst", en="mean at least"),
    "mean_at_most": Words(da="gennemsnit højst", en="mean at most"),
    "measured_at_months": Words(da="målt efter måneder", en="measured at months"),
    "mediation": Words(da="virker gennem et andet resultat", en="works through another outcome"),
    "minimum_important_change": Words(da="mindste vigtige ændring", en="minimum important change"),
    "misreporting": Words(da="forkert indberetning", en="misreporting"),
    "missing": Words(da="manglende svar", en="missing answers"),
    "months": Words(da="måned", en="month"),
    "most_steps": Words(da="flest trin", en="most steps"),
    "noise": Words(da="tilfældig afvigelse", en="random deviation"),
    "notice_months": Words(da="varsel, måneder", en="notice, months"),
    "odds_ratio": Words(da="oddsratio", en="odds ratio"),
    "odds_ratio_per_unit": Words(da="oddsratio pr. enhed", en="odds ratio per unit"),
    "omega": Words(da="variation mellem steder", en="differs between places"),
    "p10": Words(da="10 %-fraktil", en="10 % quantile"),
    "p50": Words(da="median", en="median"),
    "p90": Words(da="90 %-fraktil", en="90 % quantile"),
    "parking": Words(da="mindre indsats for de sværeste (parking)", en="parking"),
    "payer": Words(da="andel af betalingen", en="share of the payment"),
    "payment_lag_months": Words(
        da="måneder fra resultat til betaling", en="months from result to payment"
    ),
    "pays": Words(da="betaling", en="payment"),
    "people": Words(da="personer", en="people"),
    "per_year": Words(da="pr. år", en="per year"),
    "periods_before": Words(da="perioder før", en="periods before"),
    "persistence": Words(da="hvor fast resultaterne ligger", en="how steady results are"),
    "person": Words(da="pr. person", en="per person"),
    "price": Words(da="pris", en="price"),
    "price_year": Words(da="prisår", en="price year"),
    "profile": Words(da="effektens forløb", en="course of the effect"),
    "programme_months": Words(da="indsatsens længde, måneder", en="length of programme, months"),
    "ramp_up": Words(da="indkøring", en="ramp-up"),
    "rate": Words(da="andel", en="rate"),
    "refund": Words(da="statsrefusion", en="refund"),
    "regression_to_the_mean": Words(da="regression mod gennemsnittet", en="regression to the mean"),
    "release_from": Words(da="kan realiseres fra", en="can be released from"),
    "reliability": Words(da="reliabilitet", en="reliability"),
    "residual_bias": Words(da="skævhed, som er tilbage", en="bias that is left"),
    "retained_share": Words(da="andel, der beholdes", en="share retained"),
    "return_cap": Words(da="loft over afkastet", en="return cap"),
    "schedule": Words(da="trin", en="step"),
    "sd": Words(da="standardafvigelse", en="standard deviation"),
    "sd_before": Words(da="standardafvigelse før", en="standard deviation before"),
    "sd_per_year": Words(da="standardafvigelse efter et år", en="standard deviation after a year"),
    "segments": Words(da="segment", en="segment"),
    "share": Words(da="andel", en="share"),
    "share_after_repayment": Words(da="andel efter tilbagebetaling", en="share after repayment"),
    "share_bound": Words(da="andel på det højeste", en="share at the highest"),
    "share_lowest": Words(da="andel på det laveste", en="share at the lowest"),
    "since": Words(da="siden", en="since"),
    "size": Words(da="planlagte deltagere", en="planned participants"),
    "spearman": Words(da="rangkorrelation", en="rank correlation"),
    "start": Words(da="start", en="start"),
    "start_in": Words(da="starter i", en="starts in"),
    "step": Words(da="trin", en="step"),
    "success_rate": Words(da="med indsatsen", en="with the intervention"),
    "tariff": Words(da="takst", en="tariff"),
    "tau": Words(da="andel af effekten, der gælder her", en="share of the effect that holds here"),
    "tax": Words(da="skat", en="tax"),
    "termination": Words(da="ophør før tid", en="early end"),
    "then_per_year": Words(da="derefter pr. år", en="then per year"),
    "to": Words(da="til", en="to"),
    "transitions": Words(da="skift", en="move"),
    "transport": Words(da="overførsel af effekten", en="transport of the effect"),
    "treated": Words(da="deltagere", en="participants"),
    "trend": Words(da="tendens", en="trend"),
    "trigger": Words(da="udløser", en="trigger"),
    "until_months": Words(da="indtil måned", en="until month"),
    "uplift": Words(da="løft", en="uplift"),
    "values": Words(da="niveau", en="level"),
    "waiting_list": Words(da="venteliste", en="waiting list"),
    "weeks": Words(da="uger", en="weeks"),
    "weeks_before": Words(da="uger på ydelse før start", en="weeks on benefit before the start"),
    "window_days": Words(da="dage i perioden", en="days in the window"),
    "with_intervention": Words(da="med indsatsen", en="with the intervention"),
    "year": Words(da="pr. år", en="per year"),
}
"""Keys of case files in words."""

_OF_COSTS: Mapping[str, Words] = {
    "from": Words(da="første dag", en="first day"),
    "to": Words(da="sidste dag", en="last day"),
    "at": Words(da="betalt den", en="paid on"),
}
"""Keys of cost lines that mean something else elsewhere."""

_BESIDE = ("nr. ", "no. ", "1", "2")
"""How positions and calendar years begin."""

EFFECT_STEPS = 2
"""Steps of the path of an effect on moves after the name of its outcome: `effects.0`."""

_SILENT = frozenset(("value", "selection", "tranches"))
"""Keys that add nothing to what stands beside them."""

_TITLED = frozenset(("costs", "outcomes", "payments", "budget"))
"""Sections whose parts have titles."""

_NAMED = frozenset(("measures", "drifts", "indices"))
"""Sections whose parts are called by their names, measures by the title of their outcome."""


def parameter_words(case: Case, path: str) -> Words:
    """Return what a number or date of a case file is called.

    Parameters
    ----------
    case
        The case.
    path
        Its path, such as `payments.job.price.0`.
    """
    section, *rest = path.split(".")
    known = quantity_words(case, path)
    named = ".".join(rest[1:])
    if known.da not in (path, None) and not (named and str(known.da).endswith(f": {named}")):
        return _capital(known)
    moved = _move_effect(case, section, rest)
    if moved is not None:
        return moved
    if not rest:
        return SECTION_TITLES.get(section, _capital(_step(case, HEAD, section)))
    first: tuple[Words, ...] = ()
    if section in _TITLED | _NAMED:
        first, rest = (part_title(case, section, rest[0]),), rest[1:]
    words = [_step(case, section, each) for each in rest if each not in _SILENT]
    return _capital(
        Words(
            da=_joined([each.in_language("da") for each in (*first, *words)]),
            en=_joined([each.in_language("en") for each in (*first, *words)]),
        )
    )


def _move_effect(case: Case, section: str, rest: list[str]) -> Words | None:
    """Return what an effect on moves between states is called; None where it is none."""
    name, *place = rest or [""]
    effects = getattr(case.outcomes.get(name), "effects", ()) if section == "outcomes" else ()
    if len(place) != EFFECT_STEPS or place[0] != "effects" or not effects:
        return None
    effect = effects[int(place[1])]
    left, to = (
        listing([each.replace("_", " ") for each in ((ends,) if isinstance(ends, str) else ends)])
        for ends in (effect.from_, effect.to)
    )
    title = outcome_words(case, name)
    return Words(
        da=f"Effekten på {title.da}: fra {left.da} til {to.da}",
        en=f"The effect on {title.en}: from {left.en} to {to.en}",
    )


def _joined(parts: list[str]) -> str:
    """Return the parts with commas; a number stands beside what it is the number of."""
    text = ""
    for part in parts:
        between = " " if part[-1:].isdigit() and part.startswith(_BESIDE) else ", "
        text = f"{text}{between}{part}" if text else part
    return text


def part_title(case: Case, section: str, name: str) -> Words:
    """Return what a part of a case is called: by its title, a measure by that of its outcome.

    Parameters
    ----------
    case
        The case.
    section
        Section of the part, such as `payments`.
    name
        Its name; one that the case does not have stands with blanks.
    """
    if section == "indices":
        return index_words(name)
    part = case.sections[section].get(name)  # type: ignore[attr-defined]  # sections of named parts are mappings
    if section == "payments" and getattr(part, "reads", None) in case.measures:
        section, part = "measures", case.measures[part.reads]
    if section == "measures" and part is not None:
        part = case.outcomes.get(part.outcome)
    title = getattr(part, "title", None)
    return title if isinstance(title, Words) else party_words(name)


def _step(case: Case, section: str, step: str) -> Words:
    if step.isdigit() and int(step) >= FIRST_YEAR:
        return _plain(step)
    if step.isdigit():
        # Positions count from zero in paths and from one for readers.
        number = int(step) + 1
        return Words(da=f"nr. {number}", en=f"no. {number}")
    if section == "costs" and step in _OF_COSTS:
        return _OF_COSTS[step]
    if case.problem is not None and step in case.problem.investors:
        return _plain(case.problem.investors[step])
    return _PARTS.get(step, party_words(step))


FIRST_YEAR = 1900
"""Numbers in paths from here on are calendar years and no positions."""


def _plain(text: str) -> Words:
    return Words(da=text, en=text)


def _capital(words: Words) -> Words:
    da, en = (words.in_language(lang) for lang in ("da", "en"))
    return Words(da=da[:1].upper() + da[1:], en=en[:1].upper() + en[1:])
