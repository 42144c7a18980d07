"""What stands over the columns of the savings, and how each is made."""

from __future__ import annotations

from sibsim.core.words import Words

SHEET = Words(da="Budget", en="Savings")
HEADING = Words(
    da="Besparelser: fra ekstra personer til kroner, linje for linje",
    en="Savings: from additional people to money, line by line",
)
NOTE = Words(
    da="Læs hver linje fra venstre mod højre: tid, brutto, refusion, i kassen, egen andel, "
    "realiserbart.",
    en="Read each line from left to right: time, gross, refund, in cash, own part, released.",
)
PERIOD = Words(da="periode", en="period")
VALUE = Words(da="værdi", en="value")

AMOUNT = Words(da="beløb", en="amount")
INCOME = Words(da="skattepligtig indkomst", en="taxable income")
INSTEAD = Words(da="indkomst, der falder bort", en="income that falls away")
RATE = Words(da="skattesats", en="rate of tax")
PER_MONTH = Words(da="enheder på en personmåned", en="units in a person-month")
PRICE = Words(da="pris pr. personmåned", en="price per person-month")
PRICE_COUNTED = Words(da="pris pr. enhed", en="price per unit")
LAG = Words(da="måneder til kassen", en="months to the cash")
LAG_WHOLE = Words(da="heraf hele perioder", en="of this whole periods")
LAG_REST = Words(da="andel, der falder én periode senere", en="share that falls one period later")
SHARE = Words(da="andel, der kan tages ud", en="share that can be taken out")
BACKFILL = Words(da="andel, som andre fylder", en="share that others fill")
KEPT = Words(da="andel, der kan realiseres", en="share that can be released")
RELEASE_FROM = Words(da="realiseres fra", en="released from")
RETAINED = Words(da="andel, kommunen beholder", en="share that is retained")
REFUND_SHARE = Words(da="statens refusion", en="the state's refund")
UNTIL = Words(da="refusion i måneder efter start", en="refund for months after the start")
WEEKS_A_MONTH = Words(da="uger på en måned", en="weeks in a month")
FROM_MONTHS = Words(da="måneder fra start til første år", en="months from the start to year one")
YEAR_MONTHS = Words(da="måneder på et år", en="months in a year")

PEOPLE = Words(da="Ekstra resultater ved opfølgningerne", en="Additional results at follow-ups")
SINCE = Words(da="forrige opfølgning (måned)", en="follow-up before (month)")
AT = Words(da="opfølgning (måned)", en="follow-up (month)")
ADDITIONAL = Words(da="ekstra", en="additional")
COUNTED = Words(da="tæller i linjen", en="counts in the line")
COUNTED_NOTE = Words(
    da="ekstra * 1, hvis holdet får indsatsen; med modsat fortegn, hvor færre sparer",
    en="additional * 1 if the cohort is served; with the sign turned where fewer save",
)
YEARS = Words(
    da="Besparelse pr. ekstra person, år for år", en="Saving per additional person by year"
)
YEAR_BEGINS = Words(da="begynder (måned)", en="begins (month)")
YEAR = Words(da="år {}", en="year {}")

LADDER = Words(da="Refusionstrappe: {}", en="Refund ladder: {}")
LADDER_STEP = Words(da="trin {}", en="step {}")
FROM_WEEK = Words(da="efter uge", en="after week")
STATE_SHARE = Words(da="statens andel", en="the state's share")
RISE = Words(da="ændring fra trinnet før", en="change from the step before")

FACTOR = Words(da="indeks: {}", en="index: {}")
SINCE_START = Words(da="hold {}: måneder siden start", en="cohort {}: months since start")
SINCE_START_NOTE = Words(
    da="ved periodens slutning; 0 før holdet starter",
    en="at the end of the period; 0 before the cohort starts",
)
LASTED = Words(da="hold {}: varer efter sidste opfølgning", en="cohort {}: lasts after the last")
LASTED_NOTE = Words(
    da="måneder pr. person indtil nu: gennemsnit over mennesker af det mindste af varighed og "
    "måneder siden sidste opfølgning",
    en="months per person so far: mean over people of the smaller of duration and months since the "
    "last follow-up",
)
SO_FAR = Words(da="hold {}: personmåneder indtil nu", en="cohort {}: person-months so far")
SO_FAR_NOTE = Words(
    da="rette linjer mellem opfølgningerne: tid * gennemsnitlig højde, og efter den sidste ekstra "
    "personer * måneder, det varer",
    en="straight lines between follow-ups: time * mean height, and after the last additional "
    "people * months that it lasts",
)
EVENTS_SO_FAR = Words(da="hold {}: antal indtil nu", en="cohort {}: number so far")
EVENTS_SO_FAR_NOTE = Words(
    da="jævnt fordelt siden forrige opfølgning, og efter den sidste med dens takt",
    en="evenly since the follow-up before, and after the last at its rate",
)
MONEY_SO_FAR = Words(da="hold {}: beløb indtil nu", en="cohort {}: amount so far")
MONEY_SO_FAR_NOTE = Words(
    da="ekstra personer ved sidste opfølgning * årenes beløb, jævnt fordelt over hvert år",
    en="additional people at the last follow-up * the amounts of the years, evenly in each year",
)
TIME = Words(da="hold {}: personmåneder", en="cohort {}: person-months")
EVENTS = Words(da="hold {}: antal", en="cohort {}: number")
MONEY = Words(da="hold {}: beløb, prisårets priser", en="cohort {}: amount, price year's prices")
TIME_SERVED = Words(da="hold {}: personmåneder, der tæller", en="cohort {}: person-months counted")
TIME_SERVED_NOTE = Words(
    da="personmåneder * 1, hvis holdet får indsatsen",
    en="person-months * 1 if the cohort is served",
)
IN_PERIOD_NOTE = Words(da="indtil nu - indtil sidste periode", en="so far - so far before")
GROSS_OF = Words(da="hold {}: brutto", en="cohort {}: gross")
GROSS_OF_NOTE = Words(da="personmåneder * pris * indeks", en="person-months * price * index")
WEEKS = Words(da="hold {}: uger med refusion", en="cohort {}: weeks refunded")
WEEKS_NOTE = Words(
    da="refunderede uger pr. person, regnet fra personens første uge med ydelse: gennemsnit over "
    "mennesker, trin for trin",
    en="weeks refunded per person since the person's first week on benefit: mean over people, "
    "step by step",
)
SHARE_OF = Words(da="hold {}: statens andel", en="cohort {}: the state's share")
SHARE_OF_NOTE = Words(
    da="refunderede uger i perioden / uger i perioden efter start",
    en="weeks refunded in the period / weeks of the period after the start",
)
FLAT_SHARE_NOTE = Words(
    da="satsen * den del af perioden, den gælder", en="the rate * the part of the period it holds"
)
REFUND_OF = Words(da="hold {}: refusion", en="cohort {}: refund")
REFUND_OF_NOTE = Words(da="brutto * statens andel", en="gross * the state's share")
REFUND_FIXED_NOTE = Words(da="refunderet tid * pris * indeks", en="time refunded * price * index")
REFUNDED_TIME = Words(da="hold {}: refunderet tid", en="cohort {}: time refunded")

GROSS_ARISING = Words(da="brutto, opstår", en="gross, arising")
REFUND_ARISING = Words(da="refusion, opstår", en="refund, arising")
ALL_COHORTS = Words(da="alle hold", en="all cohorts")
GROSS = Words(da="brutto i kassen", en="gross in cash")
REFUND = Words(da="refusion, der falder bort", en="refund lost")
CASH_NOTE = Words(
    da="det, der opstod hele perioder før, og resten af forsinkelsen én periode senere",
    en="what arose whole periods before, the rest of the lag one period later",
)
EQUALISATION = Words(da="udligning", en="equalisation")
EQUALISATION_NOTE = Words(da="(1 - andel, der beholdes) * brutto", en="(1 - retained) * gross")
OWN_BEFORE = Words(da="egen andel før budgetgaranti", en="own part before the guarantee")
ON_LIST = Words(da="på budgetgarantiens liste", en="on the guarantee's list")
GUARANTEE = Words(da="budgetgaranti", en="budget guarantee")
OWN = Words(da="egen andel", en="own part")
OWN_NOTE = Words(
    da="brutto - refusion - udligning - budgetgaranti",
    en="gross - refund - equalisation - guarantee",
)
GAIN = Words(da="gevinst i perioden", en="gain of the period")
OWN_YEAR = Words(da="egen andel i året", en="own part of the year")
GAIN_YEAR = Words(da="gevinster i året", en="gains of the year")
LEFT = Words(da="andel, årets tab levner", en="share that the year's losses leave")
LEFT_NOTE = Words(
    da="det positive af årets egen andel / årets gevinster, i perioder med gevinst",
    en="the year's own part above 0 / the year's gains, in periods with a gain",
)
BOUND = Words(da="andel, der ikke kan tages ud", en="share that cannot be taken out")
BOUND_NOTE = Words(
    da="(1 - realiserbar andel) * andel, årets tab levner; alt før den dag, der realiseres fra",
    en="(1 - share released) * share that losses leave; all of it before the day of release",
)
HELD_BACK = Words(da="ikke realiserbart", en="not released")
HELD_BACK_NOTE = Words(
    da="egen andel over 0 * andel, der ikke kan tages ud",
    en="own part above 0 * share that cannot be taken out",
)
HELD_BACK_STATE_NOTE = Words(
    da="det, staten ville vinde * andel, der ikke kan tages ud: refusionen går videre",
    en="what the state would gain * share that cannot be taken out: the refund goes on",
)
RELEASED_NOTE = Words(da="egen andel - ikke realiserbart", en="own part - not released")
HELD_BACK_STATE = Words(da="statens, ikke realiserbart", en="the state's, not released")
RELEASED = Words(da="realiserbart", en="released")

GAINS = Words(da="Samme gevinst ad flere veje", en="One gain by several routes")
GAINS_NOTE = Words(
    da="Kun den vej, der realiserer mest i alt, tæller.",
    en="Only the route that releases most in all counts.",
)
ROUTE = Words(da="vej: følger {}", en="route: follows {}")
WORTH = Words(da="realiserbart i alt", en="released in all")
BEYOND = Words(da="heraf efter casens slutning", en="of this after the end of the case")
COUNTS = Words(da="tæller", en="counts")
SUM = Words(da="i alt", en="total")
TRUMPED = Words(da="en anden vej tæller (1 = ja)", en="another route counts (1 = yes)")
ELSEWHERE = Words(da="tæller ad en anden vej", en="counted elsewhere")

PEOPLE_SHEET = Words(da="Mennesker", en="People")
PEOPLE_HEADING = Words(
    da="Forskelle mellem mennesker: 1.000 lige sandsynlige",
    en="Differences between people: 1,000 equally likely",
)
PEOPLE_NOTE = Words(
    da="Metalog med nedre grænse 0: ln(værdi) = a1 + (a2 + a3 (u - 1/2)) ln(u / (1 - u)). Kilde: "
    "Keelin 2016, The Metalog Distributions, Decision Analysis 13(4).",
    en="Metalog with lower bound 0: ln(value) = a1 + (a2 + a3 (u - 1/2)) ln(u / (1 - u)). Source: "
    "Keelin 2016, The Metalog Distributions, Decision Analysis 13(4).",
)
QUANTITY = Words(da="størrelse", en="quantity")
PERSON = Words(da="person", en="person")
RANK = Words(da="u = (nr. - 1/2) / 1000", en="u = (number - 1/2) / 1000")
LOG_ODDS = Words(da="ln(u / (1 - u))", en="ln(u / (1 - u))")
LASTS_OF = Words(da="{}: varighed, måneder", en="{}: lasts, months")
WEEKS_OF = Words(da="{}: uger før start", en="{}: weeks before")

WHY_STATES = Words(
    da="Tiden i tilstande er regnet af sibsim med en kæde af tilstande, som dette regneark ikke "
    "gentager; den følger ikke input. Beløb, indeks, forsinkelse og realisering er levende.",
    en="Time in states is worked out by sibsim with a chain of states that this workbook does not "
    "repeat; it does not follow the inputs. Amount, index, lag and release are live.",
)
WHY_THRESHOLDS = Words(
    da="Statens andel over beløbsgrænser er regnet af sibsim og følger ikke input.",
    en="The state's share above thresholds is worked out by sibsim and does not follow the inputs.",
)
WHY_BEYOND = Words(
    da="Hvad der falder efter casens slutning, vejer med, når veje til samme gevinst sammenlignes; "
    "det er regnet af sibsim og følger ikke input.",
    en="What falls after the end of the case weighs in where routes to one gain are compared; it "
    "is worked out by sibsim and does not follow the inputs.",
)


def of(pattern: Words, *names: object) -> Words:
    """Return a title with numbers or names filled in.

    Parameters
    ----------
    pattern
        The title; `{}` stands for a name.
    names
        The names, in order; words are taken in the title's language.
    """
    texts = []
    for lang, text in (("da", pattern.da), ("en", pattern.en)):
        filled = (
            each.in_language(lang) if isinstance(each, Words) else str(each) for each in names
        )
        texts.append((text or "").format(*filled))
    return Words(da=texts[0], en=texts[1])
