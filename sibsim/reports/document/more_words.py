"""What a document says of its own, from the risk to the colophon, in Danish and English.

`{name}` stands for a figure or a text of the case.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.words import Words

RISK: Mapping[str, Words] = {
    "no chance": Words(
        da="Base casen har intet tilfældigt og siger derfor intet om, hvor ofte det går galt. "
        "Det gør en simulering.",
        en="The base case leaves nothing to chance and so says nothing about how often things go "
        "wrong. A simulation does.",
    ),
    "wrong": Words(da="Hvad der kan gå galt:", en="What can go wrong:"),
    "p_payer": Words(
        da="Nettoresultatet for {party} er negativt {often} ({share}).",
        en="The net result of {party} is negative {often} ({share}).",
    ),
    "p_investor_loss": Words(
        da="Investorerne taber penge {often} ({share}).",
        en="Investors lose money {often} ({share}).",
    ),
    "p_total_loss": Words(
        da="Investorerne taber alt {often} ({share}).",
        en="Investors lose everything {often} ({share}).",
    ),
    "p_irr_undefined": Words(
        da="Investorernes afkast kan ikke regnes ud {often} ({share}).",
        en="The investors' return cannot be worked out {often} ({share}).",
    ),
    "p_terminated": Words(
        da="Kontrakten ophører før tid {often} ({share}).",
        en="The contract ends early {often} ({share}).",
    ),
    "limit": Words(
        da="Loftet over alle betalinger nås {often} ({share}); det, der er over, betales ikke.",
        en="The ceiling on all payments binds {often} ({share}); what is above is not paid.",
    ),
    "goal": Words(
        da="Målet for »{title}« nås ikke {often} ({share}).",
        en='The goal for "{title}" is missed {often} ({share}).',
    ),
    "worst": Words(
        da="De værste 5 % af forløbene: {party} ender i gennemsnit med {amount}; "
        "investorerne med {profit}.",
        en="The worst 5 % of simulations: {party} ends with {amount} on average; investors "
        "with {profit}.",
    ),
    "worst investor": Words(
        da="De værste 5 % af forløbene: investorerne ender i gennemsnit med {profit}.",
        en="The worst 5 % of simulations: investors end with {profit} on average.",
    ),
    "drivers of": Words(
        da="Hvad der ville ændre svaret: {metric} i base casen er {base}",
        en="What would change the answer: {metric} is {base} in the base case",
    ),
    "drivers note": Words(
        da="Én størrelse ad gangen går fra lav til høj (10 og 90 %); alle andre har deres "
        "base-værdi. De {number}, der betyder mest.",
        en="One quantity at a time goes from low to high (10 and 90 %); all others keep their base "
        "value. The {number} that matter most.",
    ),
    "no drivers": Words(
        da="Hvad der ville ændre svaret, er ikke vist: beregningen bygger på det, der allerede er "
        "sket.",
        en="What would change the answer is not shown: the run rests on what has already happened.",
    ),
    "base": Words(da="base", en="base"),
    "investors": Words(da="investorerne", en="investors"),
    "quantity": Words(da="størrelse", en="quantity"),
    "low": Words(da="lav", en="low"),
    "high": Words(da="høj", en="high"),
    "at low": Words(da="resultat ved lav", en="result at low"),
    "at high": Words(da="resultat ved høj", en="result at high"),
    "s_curve": Words(
        da="Hvor stor en del af forløbene der ender under hvert beløb: nettoresultatet for {party}",
        en="How many of the simulations end below each amount: the net result of {party}",
    ),
    "fan": Words(
        da="Penge ind og ud, lagt sammen over tid: {party}",
        en="Cash in and out, added up over time: {party}",
    ),
}
"""What can go wrong, and what would change the answer."""

FOLLOW_UP: Mapping[str, Words] = {
    "goals": Words(da="Resultater, mål og datoer", en="Outcomes, goals and dates"),
    "outcome": Words(da="resultat", en="outcome"),
    "goal": Words(da="mål", en="goal"),
    "measured by": Words(da="målt ved", en="measured by"),
    "measured": Words(da="måles", en="measured"),
    "paid": Words(da="betales", en="paid"),
    "after": Words(da="{level} efter {months} måneder", en="{level} after {months} months"),
    "from to": Words(da="{first} til {last}", en="{first} to {last}"),
    "no goal": Words(da="intet mål", en="no goal"),
    "at least": Words(da="mindst {level}", en="at least {level}"),
    "at most": Words(da="højst {level}", en="at most {level}"),
    "dates note": Words(
        da="Første og sidste dato over alle hold efter planen; en forsinket start flytter dem.",
        en="First and last date over all cohorts as planned; a late start moves them.",
    ),
    "watch": Words(da="Hvad der skal følges:", en="What to follow:"),
    "watch people": Words(
        da="hvor mange der henvises, starter og gennemfører på hvert hold, mod planen ovenfor;",
        en="how many are referred, start and complete in each cohort, against the plan above;",
    ),
    "watch results": Words(
        da="hvor mange der når hvert mål ved hver opfølgning, og hvor mange der mangler svar fra;",
        en="how many reach each goal at each follow-up, and how many answers are missing;",
    ),
    "watch money": Words(
        da="hvad der er betalt, mod loftet, og hvad der er taget ud af budgettet;",
        en="what has been paid, against the ceiling, and what has been taken out of the budget;",
    ),
    "watch drivers": Words(
        da="de størrelser, der ændrer svaret mest: {quantities}.",
        en="the quantities that change the answer most: {quantities}.",
    ),
    "who": Words(
        da="Hvem: {committee} har kontrakten og betaler for resultater. Besparelser og udgifter "
        "ligger også hos {others}.",
        en="Who: {committee} has the contract and pays for outcomes. Savings and costs lie also "
        "with {others}.",
    ),
    "who one": Words(
        da="Hvem: {committee} har kontrakten, betaler for resultater og har budgetlinjerne.",
        en="Who: {committee} has the contract, pays for outcomes and has the budget lines.",
    ),
    "who some": Words(
        da="Hvem: {committee} har kontrakten og betaler for resultater. Hvilket udvalg der har "
        "hver budgetlinje, står ikke i casen.",
        en="Who: {committee} has the contract and pays for outcomes. Which committee has every "
        "budget line is not stated in the case.",
    ),
    "who open": Words(
        da="Hvem der følger op, står ikke i casen og skal besluttes.",
        en="Who follows up is not stated in the case and has to be decided.",
    ),
    "goals picture": Words(
        da="Mål, og hvad der ventes opnået", en="Goals, and what is expected to be achieved"
    ),
}
"""What is followed up, when and by whom."""

ASSUMPTIONS: Mapping[str, Words] = {
    "table": Words(da="Alle tal, som casen bygger på", en="All figures that the case rests on"),
    "what": Words(da="hvad", en="what"),
    "base": Words(da="base", en="base"),
    "low": Words(da="lav", en="low"),
    "high": Words(da="høj", en="high"),
    "unit": Words(da="enhed", en="unit"),
    "reason": Words(da="kilde eller begrundelse", en="source or reason"),
    "status": Words(da="status", en="status"),
    "published": Words(da="offentliggjort", en="published"),
    "assumption": Words(da="antagelse", en="assumption"),
    "by the file": Words(da="som i casen", en="as in the case"),
    "note": Words(
        da="Lav og høj er 10 og 90 % af det, casen holder for muligt; har et tal ingen, er det "
        "fast. Begrundelser og kilder står, som de er skrevet i casen.",
        en="Low and high are 10 and 90 % of what the case holds possible; a figure without them is "
        "fixed. Reasons and sources stand as they are written in the case.",
    ),
    "remarks": Words(
        da="{number} af antagelserne har ingen begrundelse i casen.",
        en="{number} of the assumptions have no reason in the case.",
    ),
    "sources": Words(da="Kilder:", en="Sources:"),
    "no address": Words(da="uden adresse", en="no address"),
}
"""The assumptions and the sources."""

COLOPHON: Mapping[str, Words] = {
    "title": Words(da="Hvor tallene kommer fra", en="Where the figures come from"),
    "case": Words(da="case", en="case"),
    "hash": Words(da="casens kontrolsum (SHA-256)", en="checksum of the case (SHA-256)"),
    "kind": Words(da="beregning", en="calculation"),
    "run": Words(da="simulering", en="simulation"),
    "base case": Words(da="base case", en="base case"),
    "seed": Words(da="startværdi (seed)", en="seed"),
    "draws": Words(da="forløb", en="simulations"),
    "sampling": Words(da="udtrækning", en="sampling"),
    "random": Words(da="tilfældig", en="random"),
    "lhs": Words(da="latinsk hyperkvadrat (lhs)", en="Latin hypercube (lhs)"),
    "sobol": Words(da="Sobol-følge (sobol)", en="Sobol sequence (sobol)"),
    "version": Words(da="sibsim-version", en="sibsim version"),
    "facts": Words(da="hvad der var sket", en="what had happened"),
    "facts yes": Words(da="indgår i beregningen", en="is part of the run"),
    "table": Words(da="Tabel {number}", en="Table {number}"),
    "page": Words(da="side", en="page"),
}
"""What the figures come from."""
