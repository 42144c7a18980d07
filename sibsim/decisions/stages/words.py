"""What a staging says: the decision, how often it errs, what it is worth, what is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibsim.case import Case
from sibsim.core.amounts import in_both, rounded
from sibsim.core.statistics import Estimate
from sibsim.core.wording import MeasureWords, Sentence, day_words, listing
from sibsim.core.words import Words
from sibsim.decisions.stages.decision import day_at
from sibsim.decisions.stages.rules import ABOVE_ALL, chances, mean_of
from sibsim.decisions.stages.staged import NOTHING, Staging
from sibsim.forecast.quantity_words import outcome_words
from sibsim.metric_words import metric_words
from sibsim.payments.reading import level_words, of_words

HUNDRED = 100.0
"""Courses of which chances are said."""

TOLD_APART_ERRORS = 2.0
"""Paired standard errors by which two sizes must differ to be told apart."""

PARTY_WORDS: Mapping[str, Words] = {
    "investor": Words(da="investoren", en="the investor"),
    "municipality": Words(da="kommunen", en="the municipality"),
    "public": Words(da="det offentlige", en="the public sector"),
}
"""Who decides, by the first part of the metric."""

_ADDED = Words(
    da="kontrakten har ingen ret til at stoppe efter det første hold; her regnes med en: der ses "
    "på {of} for {outcome} {months} måneder efter indsatsens start, uden varsel og uden at noget "
    "skyldes ved stop ud over betalingslinjerne",
    en="the contract has no right to stop after the first cohort; one is taken here: by {of} of "
    "{outcome} {months} months after the start of service, without notice and with nothing owed "
    "at a stop beside the payment lines",
)
_WHEN = Words(
    da="resultatet for det første hold på {people} af {all} personer er kendt {known}; det næste "
    "hold begynder {next}",
    en="the result of the first cohort of {people} of {all} people is known on {known}; the next "
    "cohort starts on {next}",
)
_ERRS = Words(
    da="med {people} i det første hold og {rule} stoppes en indsats, som det kan betale sig at "
    "skalere for {party}, i {stop} af 100 forløb, og en, som det ikke kan betale sig at skalere, "
    "skaleres i {scale}",
    en="with {people} in the first cohort and {rule} a programme that is worth scaling for {party} "
    "is stopped in {stop} of 100 simulations, and one that is not is scaled in {scale}",
)
_NO_BAD = Words(
    da="med {people} i det første hold og {rule} stoppes indsatsen i {stop} af 100 forløb; for "
    "{party} kan det betale sig at skalere i dem alle",
    en="with {people} in the first cohort and {rule} the programme is stopped in {stop} of 100 "
    "simulations; for {party} it is worth scaling in all of them",
)
_NO_GOOD = Words(
    da="med {people} i det første hold og {rule} skaleres indsatsen i {scale} af 100 forløb; for "
    "{party} kan det ikke betale sig at skalere i noget af dem",
    en="with {people} in the first cohort and {rule} the programme is scaled in {scale} of 100 "
    "simulations; for {party} it is worth scaling in none of them",
)
_WORTH = Words(
    da="i forhold til altid at skalere er retten til at stoppe med {rule} i gennemsnit {worth}",
    en="against always scaling the right to stop with {rule} {worth} on average",
)
_OPTION = Words(
    da="for {party} er det bedste valg uden at se på resultatet {blind} ({metric} i gennemsnit "
    "{mean}); at vente på det og følge den bedste grænse, {level}, giver {option} {than} det",
    en="for {party} the best choice that looks at no result is {blind} ({metric} {mean} on "
    "average); to wait for it and follow the best threshold, {level}, brings {option} {than} that",
)
_REPORTS = Words(
    da="at skalere, hvor alt, der er rapporteret til den tid, giver {party} grund til ikke at "
    "vente tab ved det, giver i gennemsnit {mean} i {metric} og skalerer i {often} af 100 forløb",
    en="to scale where all that is reported by then leads {party} to expect no loss from it brings "
    "{mean} on average in {metric} and scales in {often} of 100 simulations",
)
_BOTH = Words(
    da="at skalere kun, hvor ingen af de to har grund til at vente tab ved det, sker i {often} af "
    "100 forløb og giver i gennemsnit {values}",
    en="to scale only where neither of the two has to expect a loss from it happens in {often} of "
    "100 simulations and brings {values} on average",
)
_SIZE = Words(
    da="af de første hold, der er prøvet ({tried} personer), er {people} bedst for {party} med "
    "den bedste grænse, {level}: i gennemsnit {mean} i {metric}{errs}{alike}",
    en="of the first cohorts that were tried ({tried} people) {people} is best for {party} with "
    "the best threshold, {level}: {mean} on average in {metric}{errs}{alike}",
)
_ALIKE = Words(
    da="; {others} kan disse trækninger ikke skelne fra det",
    en="; these draws cannot tell {others} from it",
)
_GOOD_STOPPED = Words(
    da="; en god indsats stoppes i {often} af 100 forløb",
    en="; a good programme is stopped in {often} of 100 simulations",
)
_BAD_SCALED = Words(
    da="; en dårlig skaleres i {often} af 100 forløb",
    en="; a bad one is scaled in {often} of 100 simulations",
)
_COSTS = Words(
    da="når det første hold bliver større eller mindre, følger udgifterne det, de regnes pr. i "
    "casen: pr. person med personerne, pr. år slet ikke; kapital, lofter og datoer er uændrede",
    en="as the first cohort grows or shrinks, costs follow what the case counts them by: per "
    "person with people, per year not at all; capital, limits and dates stay",
)
_TRUTH = Words(
    da="om det kan betale sig at skalere, afgøres af det, der er sandt, og ikke af det, der er "
    "målt: gevinsten i gennemsnit over {times} forløb med samme parametre og andet held; i "
    "{unsure} af 100 forløb ligger den inden for to fejl fra 0, så dens fortegn er usikkert",
    en="whether it is worth scaling goes by what is true and not by what is measured: the gain on "
    "average over {times} simulations with the same parameters and other luck; in {unsure} of 100 "
    "simulations it lies within two errors of 0, so that its sign is unsure",
)
_ERRORS = Words(
    da="tallet efter ± er én Monte Carlo-fejl, her over {draws} trækninger; de bedste grænser er "
    "valgt i de samme trækninger, som de er vurderet i, og er derfor lidt for pæne",
    en="the number after ± is one Monte Carlo error, here over {draws} draws; the best thresholds "
    "are chosen in the draws in which they are judged and so look a little too good",
)
_OTHERS = Words(
    da="kontraktens andre rettigheder til at ophøre før tid gælder ved hvert valg",
    en="the contract's other rights to end early stay in force under every choice",
)
_NOBODY = Words(
    da="i {share} af 100 forløb er ingen i det første hold med i opgørelsen; der skaleres der, "
    "hvis reglen er en grænse",
    en="in {share} of 100 simulations nobody of the first cohort is in the report; a threshold "
    "scales there",
)


def sentences(found: Staging) -> Iterator[Sentence]:
    """Yield what a staging says.

    Parameters
    ----------
    found
        The staging.
    """
    yield from _decision(found)
    rule = "contract" if found.decision.is_own else f"threshold {found.investor}"
    for party in _parties(found):
        yield _errs(found, rule=rule, party=party)
    yield _worth(found, rule=rule)
    for party in _parties(found):
        yield _option(found, party=party)
    for party in _parties(found):
        yield _reports(found, party=party)
    yield _both(found)
    if found.sized:
        for party in _parties(found):
            yield _size(found, party=party)
        yield Sentence(_COSTS, {})
    yield from _notes(found)


def _parties(found: Staging) -> tuple[str, str]:
    return found.investor, found.municipality


def _party(metric: str) -> Words:
    return PARTY_WORDS[metric.partition("_")[0]]


def _decision(found: Staging) -> Iterator[Sentence]:
    case, decision = found.case, found.decision
    right, timeline = decision.right, case.timeline
    outcomes = {name: design.outcome for name, design in case.measures.items()}
    unit = case.outcomes[outcomes[right.measure]].counted_in
    if decision.is_own:
        titles = {name: case.outcomes[each].title or each for name, each in outcomes.items()}
        units = {name: case.outcomes[each].counted_in for name, each in outcomes.items()}
        yield right.sentence(MeasureWords(payer="", titles=titles, units=units))
    else:
        yield Sentence(
            _ADDED,
            {
                "of": of_words(right.of, unit=unit),
                "outcome": outcome_words(case, outcomes[right.measure]),
                "months": str(right.at_months),
            },
        )
    yield Sentence(
        _WHEN,
        {
            "people": _people(found),
            "all": in_both(f"{decision.all_people:,.0f}"),
            "known": day_words(day_at(timeline, decision.known)),
            "next": day_words(day_at(timeline, decision.next_start)),
        },
    )


def _people(found: Staging) -> Words:
    return in_both(f"{found.decision.first_people:,.0f}")


def _errs(found: Staging, *, rule: str, party: str) -> Sentence:
    often = chances(found.courses, found.rules[rule])
    stop, scale = often[f"p_stop_good.{party}"], often[f"p_scale_bad.{party}"]
    pattern = _ERRS
    if np.isnan(scale.value):
        pattern = _NO_BAD
    elif np.isnan(stop.value):
        pattern = _NO_GOOD
    values = {
        "people": _people(found),
        "rule": _rule(found, rule),
        "party": _party(party),
        "stop": _of_hundred(stop),
        "scale": _of_hundred(scale),
    }
    return Sentence(pattern, values)


def _worth(found: Staging, *, rule: str) -> Sentence:
    said = []
    for party in _parties(found):
        gain = found.weighed(rule, party).against_scaling
        amount, who = _amount(found.case, gain, size=True), _party(party)
        metric = metric_words(party)
        verb = Words(da="{amount} værd for {who}", en="is worth {amount} to {who}")
        if gain.value < 0:
            verb = Words(da="en udgift på {amount} for {who}", en="costs {who} {amount}")
        said.append(
            Words(
                da=(verb.da or "").format(amount=amount.da, who=who.da) + f" ({metric.da})",
                en=(verb.en or "").format(amount=amount.en, who=who.en) + f" ({metric.en})",
            )
        )
    return Sentence(_WORTH, {"rule": _rule(found, rule), "worth": listing(said)})


def _option(found: Staging, *, party: str) -> Sentence:
    choices = {
        "scale always": Words(da="altid at skalere", en="always to scale"),
        "stop always": Words(
            da="altid at stoppe efter det første hold", en="always to stop after the first cohort"
        ),
        NOTHING: Words(da="at lade være", en="to do nothing"),
    }
    means = {name: found.weighed(name, party).mean for name in choices}
    best = max(means, key=lambda name: means[name].value)
    option = found.weighed(f"threshold {party}", party).option
    than = Words(da="mere end", en="more than")
    if option.value < 0:
        than = Words(da="mindre end", en="less than")
    values = {
        "party": _party(party),
        "metric": metric_words(party),
        "blind": choices[best],
        "mean": rounded(0.0, currency=found.case.head.currency)
        if best == NOTHING
        else _amount(found.case, means[best]),
        "level": _level(found, found.best_threshold(party)),
        "option": _amount(found.case, option, size=True),
        "than": than,
    }
    return Sentence(_OPTION, values)


def _reports(found: Staging, *, party: str) -> Sentence:
    rule = f"reports {party}"
    values = {
        "party": _party(party),
        "metric": metric_words(party),
        "mean": _amount(found.case, found.weighed(rule, party).mean),
        "often": _of_hundred(chances(found.courses, found.rules[rule])["p_scale"]),
    }
    return Sentence(_REPORTS, values)


def _both(found: Staging) -> Sentence:
    rule, said = "reports both", []
    for party in _parties(found):
        amount, metric = _amount(found.case, found.weighed(rule, party).mean), metric_words(party)
        said.append(Words(da=f"{amount.da} i {metric.da}", en=f"{amount.en} in {metric.en}"))
    often = _of_hundred(chances(found.courses, found.rules[rule])["p_scale"])
    return Sentence(_BOTH, {"often": often, "values": listing(said)})


def _size(found: Staging, *, party: str) -> Sentence:
    best = found.best_size(party)
    tried = listing([f"{people}" for people in dict.fromkeys(each.people for each in found.sized)])
    values: dict[str, Words | str] = {
        "tried": tried,
        "people": str(best.people),
        "party": _party(party),
        "level": _level(found, best.threshold if best.threshold is not None else ABOVE_ALL),
        "mean": _amount(found.case, best.mean),
        "metric": metric_words(party),
        "alike": _alike(found, party=party),
        "errs": _when_told((_GOOD_STOPPED, best.p_stop_good), (_BAD_SCALED, best.p_scale_bad)),
    }
    return Sentence(_SIZE, values)


def _alike(found: Staging, *, party: str) -> Words:
    """Return the sizes whose mean lies within two errors of the best, if there are any."""
    best, others = found.best_size(party), list[Words | str]()
    for each in found.sized:
        if (each.rule, each.party) == (best.rule, party) and each.people != best.people:
            below = mean_of(best.metric - each.metric)
            if below.value < TOLD_APART_ERRORS * below.mc_error:
                others.append(str(each.people))
    said = listing(others) if others else Words(da="", en="")
    return Words(
        da=(_ALIKE.da or "").format(others=said.da) if others else "",
        en=(_ALIKE.en or "").format(others=said.en) if others else "",
    )


def _when_told(*told: tuple[Words, Estimate]) -> Words:
    """Return chances one after the other, without those of programmes that there are none of."""
    said = [(pattern, _of_hundred(often)) for pattern, often in told if not np.isnan(often.value)]
    return Words(
        da="".join((pattern.da or "").format(often=often.da) for pattern, often in said),
        en="".join((pattern.en or "").format(often=often.en) for pattern, often in said),
    )


def _notes(found: Staging) -> Iterator[Sentence]:
    unsure = [(party, HUNDRED * truth.unsure) for party, truth in found.courses.truth.items()]
    said = listing(
        [
            Words(
                da=f"{share:.0f} (for {_party(party).da})",
                en=f"{share:.0f} (for {_party(party).en})",
            )
            for party, share in unsure
        ]
    )
    yield Sentence(_TRUTH, {"times": str(found.replications), "unsure": said})
    if found.decision.other_rights(found.case):
        yield Sentence(_OTHERS, {})
    nobody = float((found.courses.people == 0).mean())
    if nobody:
        yield Sentence(_NOBODY, {"share": in_both(f"{HUNDRED * nobody:.1f}")})
    yield Sentence(_ERRORS, {"draws": in_both(f"{found.draws:,}")})


def _rule(found: Staging, rule: str) -> Words:
    """Return a rule with a threshold in words."""
    if rule == "contract":
        level = _level(found, found.decision.right.below)
        return Words(da=f"kontraktens grænse, {level.da},", en=f"the contract's level, {level.en},")
    level = _level(found, found.best_threshold(rule.removeprefix("threshold ")))
    who = _party(rule.removeprefix("threshold "))
    return Words(
        da=f"den bedste grænse for {who.da}, {level.da},",
        en=f"the best threshold for {who.en}, {level.en},",
    )


def _level(found: Staging, level: float) -> Words:
    """Return a threshold in words."""
    if np.isinf(level):
        return Words(da="over alle resultater", en="above all results")
    right = found.decision.right
    unit = found.case.outcomes[found.case.measures[right.measure].outcome].counted_in
    return level_words(round(level, LEVEL_DIGITS), of=right.of, unit=unit)


LEVEL_DIGITS = 3
"""Digits after the point of a threshold before it is written in per cent."""


def _of_hundred(often: Estimate) -> Words:
    """Return a chance as a number of simulations in a hundred, with its error."""
    return in_both(f"{HUNDRED * often.value:.0f} (± {HUNDRED * often.mc_error:.1f})")


def _amount(case: Case, found: Estimate, *, size: bool = False) -> Words:
    """Return an amount with its error; `size`: without its sign."""
    currency = case.head.currency
    amount = rounded(abs(found.value) if size else found.value, currency=currency)
    error = rounded(found.mc_error, currency=currency)
    return Words(da=f"{amount.da} (± {error.da})", en=f"{amount.en} (± {error.en})")
