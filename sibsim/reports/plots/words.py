"""The words of the pictures, in Danish and English."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.capital.postings import ACCOUNT
from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, called, said
from sibsim.core.words import Words
from sibsim.reports.municipal_words import WORDS as MUNICIPAL
from sibsim.reports.plots.style import plain
from sibsim.results import INVESTOR, Results

WORDS: Mapping[str, Words] = {
    "investor": Words(da="investor", en="investor"),
    "money by year": Words(
        da="{party}: penge ind og ud pr. år", en="{party}: money in and out by year"
    ),
    "money in": Words(da="penge ind", en="money in"),
    "money out": Words(da="penge ud", en="money out"),
    "cumulative": Words(da="akkumuleret", en="cumulative"),
    "deepest": Words(da="lavest: {amount} ({year})", en="lowest: {amount} ({year})"),
    "never below": Words(da="aldrig under nul", en="never below zero"),
    "current prices": Words(da="{unit}, løbende priser", en="{unit}, current prices"),
    "means": Words(
        da="gennemsnit af {draws} forløb; linjens dybeste punkt er gennemsnittets",
        en="mean over {draws} simulations; the deepest point is that of the mean",
    ),
    "base case": Words(da="base casen", en="base case"),
    "cumulative cash": Words(da="{party}: akkumuleret pengestrøm", en="{party}: cumulative cash"),
    "at ends": Words(
        da="ved udgangen af hver periode; inden for en periode kan mere være ude",
        en="at the end of each period; within one, more may be out",
    ),
    "of draws": Words(da="{share} af forløbene", en="{share} of simulations"),
    "median": Words(da="median", en="median"),
    "quantile": Words(da="{level}: {value}", en="{level}: {value}"),
    "median is": Words(da="median: {value}", en="median: {value}"),
    "distribution": Words(da="{metric}: fordeling", en="{metric}: distribution"),
    "share at most": Words(
        da="andel af forløb med højst denne værdi", en="share of simulations at or below"
    ),
    "below": Words(
        da="sandsynlighed for under {at}: {chance}", en="chance of less than {at}: {chance}"
    ),
    "hurdle": Words(da="afkastkrav {at}", en="hurdle {at}"),
    "undefined": Words(
        da="{count} af {draws} forløb er ikke defineret og er ikke med",
        en="{count} of {draws} simulations are undefined and left out",
    ),
    "never": Words(
        da="i {count} af {draws} forløb indtræffer det aldrig; de står sidst",
        en="in {count} of {draws} simulations it never comes about; these rank last",
    ),
    "one value": Words(
        da="base casen er én værdi uden tilfældigheder: {value}",
        en="the base case is one value without chance: {value}",
    ),
    "all undefined": Words(da="ikke defineret i noget forløb", en="undefined in every simulation"),
    "who saves": Words(
        da="Hvem vinder, og hvem betaler, år for år", en="Who gains and who pays, year by year"
    ),
    "net of all": Words(da="netto for de viste parter", en="net of the parties shown"),
    "not all parties": Words(
        da="gevinst over nul, tab under; besparelser, som et budget ikke kan frigøre, er ikke med; "
        "andre parter (investor, leverandør m.fl.) er ikke vist",
        en="gains above zero, losses below; savings that no budget can take out are left out; "
        "other parties (investor, provider and others) are not shown",
    ),
    "funnel": Words(da="Fra henvist til betalt", en="From referred to paid"),
    "referred": Words(da="henvist", en="referred"),
    "started": Words(da="startet", en="started"),
    "completed": Words(da="gennemført", en="completed"),
    "achieved": Words(da="opnået", en="achieved"),
    "reported": Words(da="rapporteret", en="reported"),
    "paid": Words(da="betalt", en="paid"),
    "people": Words(da="personer", en="people"),
    "not by result": Words(
        da="ikke et antal: betales på anden vis", en="no number: paid in another way"
    ),
    "at months": Words(da="{title} ({months} mdr.)", en="{title} ({months} months)"),
    "of cohorts": Words(da="{title}, hold {cohorts}", en="{title}, cohorts {cohorts}"),
    "own scale": Words(da="{title}, {unit} (egen skala)", en="{title}, {unit} (own scale)"),
    "own scale goal": Words(da="egen skala", en="own scale"),
    "funnel note": Words(
        da="{averaged}; en person tæller én gang ved hver opfølgning, der betales for",
        en="{averaged}; a person counts once at each follow-up that is paid for",
    ),
    "averaged": Words(da="gennemsnit af {draws} forløb", en="mean over {draws} simulations"),
    "waterfall": Words(
        da="Kapitalen: hvad kommer ind, og hvor går det hen",
        en="The capital: what comes in and where it goes",
    ),
    "drawn": Words(da="indskudt: {tranche}", en="drawn: {tranche}"),
    "payments": Words(da="betalinger for resultater", en="outcome payments"),
    "compensation": Words(da="betaling ved ophør før tid", en="payment at an early end"),
    "guarantee": Words(da="indfriet garanti: {tranche}", en="guarantee called: {tranche}"),
    "costs": Words(da="udgifter", en="costs"),
    "returned": Words(da="betalt tilbage til betalerne", en="paid back to the payers"),
    "principal": Words(da="tilbagebetaling: {tranche}", en="principal: {tranche}"),
    "return": Words(da="afkast: {tranche}", en="return: {tranche}"),
    "fee": Words(da="udskudt honorar: {tranche}", en="deferred fee: {tranche}"),
    "covered": Words(da="garanti udbetalt: {tranche}", en="paid by guarantee: {tranche}"),
    "surplus": Words(da="overskud ud over afkastet", en="surplus beyond the return"),
    "left": Words(da="tilbage på kontoen", en="left in the account"),
    "goals": Words(
        da="Resultatmål: mål (rude), forventet (søjle)",
        en="Result goals: target (diamond), predicted (bar)",
    ),
    "goals seen": Words(
        da="Resultatmål: mål (rude), forventet (søjle), opnået (kryds)",
        en="Result goals: target (diamond), predicted (bar), achieved (cross)",
    ),
    "share who achieve": Words(da="andel, der opnår målet", en="share who achieve it"),
    "goal row": Words(
        da="{months} mdr., mål {target}, median {median}, P = {chance}",
        en="{months} months, target {target}, median {median}, P = {chance}",
    ),
    "goal row of base case": Words(
        da="{months} mdr., mål {target}, base case {median}: {met}",
        en="{months} months, target {target}, base case {median}: {met}",
    ),
    "met": Words(da="nås", en="reached"),
    "missed": Words(da="nås ikke", en="not reached"),
    "goal seen": Words(
        da="opnået {reached} (af {people} personer)", en="achieved {reached} (of {people} people)"
    ),
    "at least": Words(da="mindst {value}", en="at least {value}"),
    "at most": Words(da="højst {value}", en="at most {value}"),
    "no goals": Words(da="casen har ingen resultatmål", en="the case has no result goals"),
    "power": Words(
        da="chancen for at en sand effekt slår igennem",
        en="chance that a true effect shows",
    ),
    "power of rate": Words(
        da="chancen for betaling ved det sande resultat",
        en="chance of payment at the true result",
    ),
    "test passed": Words(da="kontraktens test bestås", en="the contract's test is passed"),
    "usual test passed": Words(
        da="ensidet test på {level} bestås", en="a one-sided test at {level} is passed"
    ),
    "something paid": Words(da="der betales noget", en="something is paid"),
    "true effect": Words(
        da="sand effekt efter {months} mdr., {unit}", en="true effect at {months} months, {unit}"
    ),
    "true rate": Words(da="sand andel efter {months} mdr.", en="true rate at {months} months"),
    "true mean": Words(
        da="sandt gennemsnit efter {months} mdr., {unit}",
        en="true mean at {months} months, {unit}",
    ),
    "points": Words(da="procentpoint", en="percentage points"),
    "chance": Words(da="sandsynlighed", en="chance"),
    "no comparison": Words(
        da="der måles uden sammenligning: kurven viser, om kontrakten betaler, ikke om effekten "
        "opdages",
        en="measured without a comparison: the curve shows whether the contract pays, not whether "
        "the effect is found",
    ),
    "courses": Words(
        da="{courses} simulerede forløb i grupper efter det sande resultat; fra {low} til {high} "
        "som casen holder for muligt; streger er ± to Monte Carlo-standardfejl",
        en="{courses} simulations grouped by the true result; from {low} to {high} as the "
        "case holds possible; bars are ± two Monte Carlo standard errors",
    ),
    "reads no comparison": Words(
        da="betalingen bruger ingen sammenligning: den betaler også for det, der var sket "
        "alligevel",
        en="the payment uses no comparison: it also pays for what would have come about anyway",
    ),
    "false payment": Words(da="betaling uden effekt", en="payment without effect"),
    "participants": Words(da="planlagte deltagere", en="planned participants"),
    "test by luck": Words(
        da="kontraktens test bestås uden effekt",
        en="the contract's test is passed without effect",
    ),
    "usual test by luck": Words(
        da="ensidet test på {level} bestås uden effekt",
        en="a one-sided test at {level} is passed without effect",
    ),
    "paid for nothing": Words(
        da="der betales noget uden effekt", en="something is paid without effect"
    ),
    "own number": Words(da="casen: {people}", en="the case: {people}"),
    "usual power": Words(da="sædvanligt krav: {share}", en="usual requirement: {share}"),
    "usual level": Words(da="sædvanligt niveau: {share}", en="usual level: {share}"),
    "wasted": Words(
        da="i gennemsnit betales {amount} uden effekt med {people} deltagere",
        en="on average {amount} is paid without effect with {people} participants",
    ),
    "tornado": Words(da="Hvad {figure} afhænger mest af", en="What {figure} hangs on"),
    "low end": Words(da="lav ({level})", en="low ({level})"),
    "high end": Words(da="høj ({level})", en="high ({level})"),
    "from to": Words(da="{low} til {high}", en="{low} to {high}"),
    "reference": Words(da="som casen står: {value}", en="as the case stands: {value}"),
    "left out": Words(
        da="størrelser med mindre udslag, som ikke er vist: {count}",
        en="not shown, as they swing less: {count}",
    ),
    "still": Words(
        da="størrelser, som intet ændrer og ikke er vist: {count}",
        en="not shown, as they change nothing: {count}",
    ),
    "undefined ends": Words(
        da="ikke vist, fordi udslaget ikke er defineret: {count}",
        en="not shown, as the swing is undefined: {count}",
    ),
    "mean over places": Words(da="gennemsnit over steder", en="mean over places"),
    "next place": Words(da="næste sted", en="next place"),
    "studies": Words(da="studier", en="studies"),
    "intervals": Words(da="intervaller", en="intervals"),
    "interval head": Words(da="{name}\n({level}-interval)", en="{name}\n({level} interval)"),
    "range head": Words(da="{name}\n(90 %-interval)", en="{name}\n(90 % range)"),
    "weight": Words(da="vægt", en="weight"),
    "interval": Words(da="{estimate} ({low} til {high})", en="{estimate} ({low} to {high})"),
    "range": Words(da="({low} til {high})", en="({low} to {high})"),
    "without": Words(da="uden {name}", en="without {name}"),
    "with all": Words(da="med alle", en="with all"),
    "were places alike": Words(
        da="{level} af studierne, hvis steder var ens", en="{level} of studies, were places alike"
    ),
    "egger": Words(da="Eggers test, p = {p}", en="Egger's test, p = {p}"),
    "standard error": Words(da="standardfejl", en="standard error"),
    "standard error of logarithm": Words(
        da="standardfejl på logaritmen", en="standard error of its logarithm"
    ),
    "is no effect": Words(
        da="{name}; {neutral} er ingen effekt", en="{name}; {neutral} is no effect"
    ),
    "harm": Words(da="skade", en="harm"),
    "rarely": Words(da="under 1 %", en="under 1 %"),
    "value": Words(da="værdi", en="value"),
    "success rate": Words(da="succesrate", en="success rate"),
}
"""What stands on pictures; `{...}` is filled with values."""


ROLES: Mapping[str, Words] = {
    "evaluator": Words(da="evaluator", en="the evaluator"),
    "intermediary": Words(da="mellemleddet", en="the intermediary"),
}
"""Ledger parties that costs may be paid to, in words."""


def word(key: str, lang: Language, **values: Words | str) -> str:
    """Return a text of a picture in `lang`, its pattern filled with values."""
    pattern = WORDS[key].in_language(lang)
    return pattern.format(**{name: said(value, lang) for name, value in values.items()})


def in_capitals(text: str) -> str:
    """Return a text with a capital first."""
    return text[:1].upper() + text[1:]


def party_title(results: Results, party: str, *, lang: Language) -> str:
    """Return what a party is called, by name where the case gives it, with a capital first.

    Parameters
    ----------
    results
        A run.
    party
        A ledger party, or `investor`.
    lang
        `da` or `en`.
    """
    if party == INVESTOR:
        return in_capitals(word("investor", lang))
    problem = results.case.problem
    named: dict[str, Words | str] = {ACCOUNT: MUNICIPAL["contract account"], **ROLES}
    named |= problem.investors if problem else {}
    return in_capitals(plain(said(called(party, parties=named), lang)))


def averaged(results: Results, lang: Language) -> str:
    """Return that amounts are means over draws, or those of the base case."""
    if results.kind != "run":
        return word("base case", lang)
    return word("averaged", lang, draws=counted_draws(results.draws))


def counted_draws(number: int) -> Words:
    """Return a whole number as both languages write it."""
    return in_both(f"{number:,}")
