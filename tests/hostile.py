"""A case whose texts try to break every output: markup, formulas, controls, length, mathtext."""

from __future__ import annotations

import tomllib

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;\"'><b>fed</b>"
FORMULA = "=1+1"
TURNED = "\u202eabc\u2066\u200f\u05d0\u05d1"
CONTROLS = "\x00\x07\x0b\x1b\ufffe"
MATHS = "$\\frac{1}{0}$ _x_ {title} {{7*7}} {% raw %}"
LONG = "langt" * 2_000
"""10,000 characters without a blank."""

EVERYTHING = f"{FORMULA} {MARKUP} {TURNED} {CONTROLS} {MATHS}"


def hostile_case() -> sib.Case:
    """Return Holbæk with such texts wherever a reader sees one."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    both = {"da": EVERYTHING, "en": EVERYTHING}
    document["title"] = {"da": f"{EVERYTHING} {LONG}", "en": f"{EVERYTHING} {LONG}"}
    document["story"] = both
    document["problem"] |= {"municipality": EVERYTHING, "investors": {"dsi": MARKUP + TURNED}}
    document["problem"]["text"] = both
    document["target_group"]["description"] = both
    document["target_group"]["size"]["unit"] = EVERYTHING
    document["delivery"]["intervention"] = both
    document["contract"]["committee"] = EVERYTHING
    document["outcomes"]["job"]["title"] = {"da": LONG, "en": LONG}
    document["outcomes"]["wellbeing"]["title"] = both
    document["payments"]["job"]["title"] = both
    document["payments"]["job"]["note"] = LONG
    document["costs"]["team"]["title"] = both
    document["budget"]["benefit"]["title"] = both
    document["budget"]["benefit"]["committee"] = MARKUP
    document["sources"]["bm-2024"] |= {
        "title": EVERYTHING,
        "url": 'https://example.org/"><script>alert(3)</script>',
    }
    return build(document)
