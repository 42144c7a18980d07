"""What stands over the columns of the sheet of payments, and how each is made."""

from __future__ import annotations

from sibsim.core.words import Words


def of(pattern: Words, *names: Words | str) -> Words:
    """Return a title with names of lines, payers or numbers filled in.

    Parameters
    ----------
    pattern
        The title; `{}` stands for a name.
    names
        The names, in order.
    """
    danish = [name if isinstance(name, str) else name.in_language("da") for name in names]
    english = [name if isinstance(name, str) else name.in_language("en") for name in names]
    return Words(
        da=pattern.in_language("da").format(*danish), en=pattern.in_language("en").format(*english)
    )


SHEET = Words(da="Betaling", en="Payments")
HEADING = Words(
    da="Hvad linjerne udløser, og hvad der betales", en="What lines owe, and what is paid"
)
COHORT = Words(da="hold {}", en="cohort {}")
COHORT_AT = Words(da="hold {}, {} mdr.", en="cohort {}, {} months")
MONTHS_AT = Words(da="efter {} mdr.", en="after {} months")
ALL_COHORTS = Words(da="alle hold under ét", en="all cohorts together")
CONDITION = Words(da="betingelse {}: {} mdr.", en="condition {}: {} months")
COMPONENT = Words(da="del {}: {} mdr.", en="component {}: {} months")
POINT = Words(da="punkt {}", en="point {}")
DATE = Words(da="dato {}", en="date {}")
TEST = Words(da="prøve", en="test")
VALUE = Words(da="værdi", en="value")

HEADING_NOTE = Words(
    da="Måneder regnes fra casens start. Et krav forfalder, når fristerne efter målingen er gået, "
    "og betales ved slutningen af den periode, det falder i.",
    en="Months count from the start of the case. A claim is owed when the lags after its "
    "measurement have passed, and paid at the end of the period that it falls in.",
)
AGREED = Words(da="Frister i kontrakten", en="Terms of payment")
LAG = Words(da="måneder fra måling til betaling", en="months from measurement to payment")
LAST = Words(da="sidste betalingsdag, måned", en="last day of payment, month")
END = Words(da="casen slutter, måned", en="end of the case, month")

COUNTS = Words(da="tæller (1 = ja)", en="counts (1 = yes)")
COUNTS_NOTE = Words(
    da="1, hvis holdet gennemføres, linjen betaler for det, og det viser, hvad det skal",
    en="1 if the cohort is served, the line pays for it, and what has to be shown first is shown",
)
MEASURED_AT = Words(da="målt, måned", en="measured, month")
LATEST = Words(da="målt, hvis holdet gennemføres", en="measured, if the cohort is served")
LATEST_NOTE = Words(
    da="et stort negativt tal for hold, der ikke gennemføres",
    en="a large negative number for cohorts that are not served",
)
REPORTED = Words(da="rapporterede resultater", en="reported results")
PEOPLE = Words(da="personer i rapporten", en="people reported")
ANYWAY = Words(da="forventet alligevel", en="expected anyway")
ADDITIONAL = Words(da="ekstra, som rapporteret", en="additional, as reported")
ADDITIONAL_NOTE = Words(da="rapporteret - forventet alligevel", en="reported - expected anyway")
NUMBER = Words(da="talt", en="counted")
BASE = Words(da="ud af", en="out of")
RESULT = Words(da="resultat", en="result")
RESULT_NOTE = Words(da="talt / ud af", en="counted / out of")
PASSES = Words(da="viser, hvad det skal (1 = ja)", en="shown what it has to (1 = yes)")
REACHED = Words(da="når niveauet (1 = ja)", en="reaches the level (1 = yes)")
REACHED_TIER = Words(da="når niveau {} (1 = ja)", en="reaches level {} (1 = yes)")
LEVEL = Words(da="niveau", en="level")
LEVEL_TIER = Words(da="niveau {}", en="level {}")
KNOWN = Words(da="målt (1 = ja)", en="measured (1 = yes)")
WEIGHT = Words(da="vægt", en="weight")

AT = Words(da="ved", en="at")
PAYS = Words(da="betaler", en="pays")
UP_TO = Words(da="til", en="up to")
SLOPE = Words(da="stigning herfra", en="slope from here")
SLOPE_NOTE = Words(
    da="(næste beløb - dette) / (næste punkt - dette)",
    en="(next amount - this one) / (next point - this one)",
)
STEP = Words(da="trin op", en="step up")
STEP_NOTE = Words(da="beløb - beløbet i punktet før", en="amount - amount of the point before")
BY_TABLE = Words(da="efter tabellen", en="by the table")
SHARE_OF_PLANNED = Words(da="andel af de planlagte", en="share of those planned")

PRICE = Words(da="pris", en="price")
UNITS = Words(da="enheder, der betales", en="units paid for")
SHARE = Words(da="andel", en="share")
NET = Words(da="før gulv", en="before the floor")
NET_NOTE = Words(da="pris * ekstra", en="price * additional")
BEFORE = Words(da="talt før", en="counted before")
ORDER = Words(da="rækkefølge", en="order")
STEPS = Words(da="trin", en="steps")
MISSING = Words(da="mangler i forhold til garantien", en="missing from what is guaranteed")
LEFT = Words(da="ikke betalt af holdets egen regel", en="not paid by the cohort's own rule")
RATE = Words(da="rente pr. år", en="rate a year")
YEARS = Words(da="år", en="years")
KNOWN_BY = Words(da="kendt til dato {}", en="known by date {}")
LAST_BY = Words(da="sidste kendte til dato {}", en="latest known by date {}")
SCORE = Words(da="samlet score", en="score")
PROTECTED = Words(da="sikret hovedstol", en="protected principal")
BULLET = Words(da="resten efter scoren", en="the rest by the score")

OWED_AT = Words(da="forfalder, måned", en="owed, month")
OWED_AT_NOTE = Words(da="målt + måneder til betaling", en="measured + months to payment")
PERIOD_PAID = Words(da="betales i periode nr.", en="paid in period no.")
PERIOD_NOTE = Words(
    da="0, hvis kravet bortfalder: efter sidste betalingsdag eller efter casen",
    en="0 where the claim lapses: after the last day of payment or after the case",
)
CLAIM = Words(da="krav", en="claim")
LAPSED = Words(da="bortfaldet", en="lapsed")
REPAID_FROM = Words(
    da="periode nr., hvorefter investorerne har fået deres penge",
    en="period no. after which investors have their money back",
)

BY_PERIOD = Words(da="Periode for periode", en="Period by period")
BY_PERIOD_NOTE = Words(
    da="Lofter gælder i rækkefølge: person, linje, kalenderår, betaler, kontrakt; til sidst "
    "trækkes andre offentlige midler fra. Det, et loft skærer væk, er tabt.",
    en="Limits apply in order: person, line, calendar year, payer, contract; last, other public "
    "money is taken off. What a limit cuts is lost.",
)
PERIOD = Words(da="periode", en="period")
NUMBER_OF_PERIOD = Words(da="nr.", en="no.")
CLAIMED_LINE = Words(da="krav: {}", en="claimed: {}")
INDEXED = Words(da="reguleret: {}", en="indexed: {}")
HELD = Words(da="holdt tilbage: {}", en="held back: {}")
RELEASED = Words(da="frigivet: {}", en="released: {}")
DUE = Words(da="skyldigt: {}", en="owed: {}")
DUE_NOTE = Words(
    da="summen af krav, der betales i perioden", en="sum of the claims that are paid in the period"
)
BACK = Words(da="skyldes tilbage: {}", en="owed back: {}")
BACK_TO = Words(da="skyldes tilbage til {}: {}", en="owed back to {}: {}")
OF_PAYER = Words(da="{}: del af {}", en="{}: part of {}")
CUT_BY_PERSON = Words(da="skåret væk pr. person: {}", en="cut by the limit per person: {}")
AFTER_PERSON = Words(da="efter loft pr. person: {}", en="after the limit per person: {}")
TOGETHER = Words(da="krav under {}", en="claimed under {}")
CUT = Words(da="skåret væk af {}", en="cut by {}")
CUT_NOTE = Words(
    da="det, der hidtil er krævet ud over loftet, dog højst periodens krav",
    en="what has been claimed so far beyond the limit, at most what the period claims",
)
NETTED_NOTE = Words(
    da="det, der er tilbage af andre offentlige midler, dog højst periodens krav",
    en="what is left of other public money, at most what the period claims",
)
KEPT = Words(da="andel tilbage efter {}", en="share left after {}")
AFTER_ALONE = Words(da="efter {}", en="after {}")
AFTER = Words(da="efter {}: {}", en="after {}: {}")
LIMIT_OF_PERSON = Words(da="loft pr. person", en="the limit per person")
LIMIT_OF_LINE = Words(da="linjens loft ({})", en="the line's limit ({})")
LIMIT_OF_YEAR = Words(da="loft pr. kalenderår", en="the limit per calendar year")
LIMIT_OF_PAYER = Words(da="betalerens loft ({})", en="the payer's limit ({})")
LIMIT_OF_CONTRACT = Words(da="kontraktens loft", en="the contract's limit")
NETTING = Words(da="andre offentlige midler", en="other public money")
PAID = Words(da="betalt af {}: {}", en="paid by {}: {}")
TOTAL = Words(da="betalt i alt", en="paid in all")

IN_ALL = Words(da="I alt", en="In all")
IN_ALL_LINE = Words(da="linje", en="line")
ALL_LINES = Words(da="alle linjer", en="all lines")
DUE_IN_ALL = Words(da="skyldigt", en="owed")
PAID_IN_ALL = Words(da="betalt", en="paid")
PAYER = Words(da="betaler", en="payer")
LIMIT = Words(da="loft", en="limit")
BOUND = Words(da="bandt (1 = ja)", en="bound (1 = yes)")
CUT_IN_ALL = Words(da="skåret væk", en="cut")
OWED_BACK = Words(da="skyldes tilbage i alt", en="owed back in all")

FIXED_LINE = Words(
    da="Det, linjen udløser, er faste tal fra programmet og følger ikke input.",
    en="What the line owes are fixed numbers of the program and follow no input.",
)
FIXED_PERSON = Words(
    da="Det, loftet pr. person skærer væk, er faste tal fra programmet og følger ikke input.",
    en="What the limit per person cuts are fixed numbers of the program and follow no input.",
)
FIXED_REPAID = Words(
    da="Perioden, hvorefter investorerne har fået deres penge, er et fast tal fra programmet og "
    "følger ikke input.",
    en="The period after which investors have their money back is a fixed number of the program "
    "and follows no input.",
)
