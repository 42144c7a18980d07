"""What the units of a case are called in Danish.

Units are text of the case file, in English in the cases that ship with sibsim: `DKK per
person-month, 2024 level`. A unit is translated phrase by phrase, the longest first; one that holds
a word that is not known here stands as it is written, as does a unit that is Danish already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sibsim.core.words import Words

DANISH: Mapping[str, str] = {
    "a month": "pr. måned",
    "a year": "pr. år",
    "and month": "og måned",
    "and year": "og år",
    "children": "børn",
    "correlation from one follow-up to the next": "korrelation fra én opfølgning til den næste",
    "days": "dage",
    "days with / days without": "dage med / dage uden",
    "DKK": "kr.",
    "families": "familier",
    "fewer": "færre",
    "hazard ratio": "hazardratio",
    "hours": "timer",
    "hours a month fewer": "timer færre pr. måned",
    "in the state": "i tilstanden",
    "in the street or in shelter": "på gaden eller på herberg",
    "in three years": "på tre år",
    "level": "niveau",
    "months": "måneder",
    "months after the last follow-up": "måneder efter den sidste opfølgning",
    "odds ratio": "oddsratio",
    "of 40": "af 40",
    "of 100": "af 100",
    "of 200": "af 200",
    "of absence": "med fravær",
    "of pay": "i løn",
    "of taxable income": "i skattepligtig indkomst",
    "people": "personer",
    "per cent of a family's goals": "procent af en families mål",
    "per cent of the level before": "procent af niveauet før",
    "per child": "pr. barn",
    "per child-month": "pr. barn pr. måned",
    "per child-year": "pr. barn pr. år",
    "per day": "pr. dag",
    "per family": "pr. familie",
    "per family-month": "pr. familie pr. måned",
    "per family-year": "pr. familie pr. år",
    "per half-year": "pr. halvår",
    "per month": "pr. måned",
    "per person": "pr. person",
    "per person who starts": "pr. person, der starter",
    "per person-day": "pr. person pr. dag",
    "per person-month": "pr. person pr. måned",
    "per person-week": "pr. person pr. uge",
    "per person-year": "pr. person pr. år",
    "per quarter": "pr. kvartal",
    "percentage point": "procentpoint",
    "points": "point",
    "prices": "priser",
    "probability": "sandsynlighed",
    "probability per follow-up": "sandsynlighed pr. opfølgning",
    "pupils": "elever",
    "rate ratio": "rateratio",
    "risk difference": "risikodifferens",
    "risk ratio": "risikoratio",
    "reached / planned families": "nåede / planlagte familier",
    "reached / planned participants": "nåede / planlagte deltagere",
    "share": "andel",
    "share of families": "andel af familierne",
    "share of people": "andel af personerne",
    "share of taxable income": "andel af den skattepligtige indkomst",
    "share of the benefit": "andel af ydelsen",
    "share of the effect": "andel af effekten",
    "share of the expenditure": "andel af udgiften",
    "share of the gain in tax": "andel af skattegevinsten",
    "share of the log hazard ratio": "andel af ln(hazardratio)",
    "share of the log odds ratio": "andel af ln(oddsratio)",
    "share of the log rate ratio": "andel af ln(rateratio)",
    "share of the saving": "andel af besparelsen",
    "share of those referred": "andel af de henviste",
    "share of those who start": "andel af dem, der starter",
    "standard deviations": "standardafvigelser",
    "steps": "trin",
    "success rate": "succesrate",
    "weeks": "uger",
    "weeks on benefit before the start": "uger på ydelse før start",
}
"""Phrases of units."""

_YEAR = re.compile(r"(\d{4}) (level|prices)\b")
"""A price level, which Danish writes as one word: `2024-niveau`."""

_PHRASES = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(re.escape(each) for each in sorted(DANISH, key=len, reverse=True))
    + r")(?![\w-])"
)
_LEFT = re.compile(r"[\s,:/]*")
"""What may stand between the phrases of a unit."""


def unit_words(unit: Words | str) -> Words:
    """Return a unit of a case in both languages.

    Parameters
    ----------
    unit
        The unit as the case file has it; one that it has in both languages stands as it is.
    """
    if isinstance(unit, Words):
        return unit
    dated = _YEAR.sub(lambda found: f"\0{found[1]}-{DANISH[found[2]]}\0", unit)
    parts = dated.split("\0")
    # Every second part is a price level, which is Danish already.
    unknown = [part for part in parts[::2] if not _LEFT.fullmatch(_PHRASES.sub("", part))]
    if unknown:
        return Words(da=unit, en=unit)
    parts[::2] = [_PHRASES.sub(lambda found: DANISH[found[0]], part) for part in parts[::2]]
    return Words(da="".join(parts), en=unit)
