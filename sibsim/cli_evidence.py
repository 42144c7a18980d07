"""The command that shows the evidence that ships: evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import console_of_terminal, plainly, print_frame, say

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sibsim.core.wording import Language
    from sibsim.evidence.influence import LeaveOneOut
    from sibsim.evidence.meta import MetaAnalysis
    from sibsim.evidence.shipped import Finding
    from sibsim.evidence.studies import Studies, StudyScale

TITLES = {
    "studies": {"da": "studier og samlet effekt", "en": "studies, and what they say together"},
    "without": {"da": "uden et studie ad gangen", "en": "without each study in turn"},
    "mean": {"da": "gennemsnit over steder", "en": "mean over places"},
    "next place": {"da": "det næste sted", "en": "next place"},
    "interval": {"da": "interval", "en": "interval"},
    "weight": {"da": "vægt", "en": "weight"},
}
"""Titles of the tables and what stands in them, in either language."""

ONE = {
    "da": "1 studie: {effect}; et enkelt studie siger intet om, hvor meget steder er forskellige.",
    "en": "1 study: {effect}; one study says nothing of how much places differ.",
}
"""What is said of a single study."""

NONE = {
    "da": "Ingen studier her kan sættes sammen: de står uden interval, eller det er "
    "offentliggjorte metaanalyser, som ofte deler studier.",
    "en": "No studies here can be put together: they stand without an interval, or are published "
    "meta-analyses, which often share trials.",
}
"""What is said of a table without a study that says how sure it is."""

NOUNS = {
    "study": {"da": ("studie", "studier"), "en": ("study", "studies")},
    "meta_analysis": {
        "da": ("metaanalyse", "metaanalyser"),
        "en": ("meta-analysis", "meta-analyses"),
    },
}
"""What one row of each kind is called, and several, in either language."""

WORDS = {
    "randomised": "randomiseret",
    "quasi experimental": "kvasieksperimentel",
    "mixed": "blandet",
    "published": "offentliggjort",
    "assumption": "antagelse",
    "without an interval": "uden interval",
    "standard error": "standardfejl",
    "against": "mod",
    "months": "måneder",
    "at": "efter",
    "of": "ud af",
    "to": "til",
}
"""Danish for the words between figures; names, notes and sources stay as they are."""

IN_ENGLISH = {"da": "Bemærkninger, på engelsk:", "en": ""}
"""What stands above notes, which are in English only."""

app = typer.Typer()


@app.command()
@plainly
def evidence(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Name of a table of evidence.")
    ] = None,
    *,
    lang: Annotated[
        str, typer.Option("--lang", help="Language of titles and sentences: da or en.")
    ] = "en",
) -> None:
    """List the evidence that ships, or show what one table of it says together.

    Of a table: every study with its figures and source; then, for each outcome of several studies,
    their mean effect, what the next place may see, and the same without each study in turn.
    """
    from sibsim.core.wording import language

    spoken, console = language(lang), console_of_terminal()
    if name is None:
        _list(console, lang=spoken)
        return
    from sibsim.evidence.shipped import findings

    rows = findings(name)
    for each in rows:
        _say_finding(console, each, lang=spoken)
    together = tuple(_together(rows, name=name))
    for studies in together:
        console.print()
        _say_studies(console, studies, lang=spoken)
    if not together:
        console.print()
        say(console, NONE[spoken])


def _list(console: Console, *, lang: Language) -> None:
    """Say what each table has: what was done, and below it what was measured of that."""
    from sibsim.evidence.shipped import list_evidence

    for name, table in list_evidence().groupby("name", sort=False):
        console.print(str(name), style="bold")
        for done, rows in table.groupby("intervention", sort=False):
            say(console, f"  {done}")
            for row in rows.to_dict("records"):
                noun = NOUNS[row["kind"]][lang][row["studies"] > 1]
                alone = row["without_interval"]
                said = f", {alone} {_in('without an interval', lang)}" if alone else ""
                scale = _scale(row["scale"], lang)
                say(console, f"  - {row['outcome']}, {scale}: {row['studies']} {noun}{said}")


def _say_finding(console: Console, found: Finding, *, lang: Language) -> None:
    console.print(found.study, style="bold")
    kind, _ = NOUNS[found.kind][lang]
    design = _in(_plain(found.design), lang)
    say(console, f"  {found.intervention}; {kind}, {found.country}, {design}")
    months = found.measured_at_months
    at, unit = (_in(each, lang) for each in ("at", "months"))
    when = "" if months is None else f", {at} {_number(months, lang)} {unit}"
    figures = "; ".join(_figures(found, lang=lang))
    status = _in(found.status, lang)
    say(console, f"  {found.outcome}, {_scale(found.scale, lang)}: {figures}{when} ({status})")
    say(console, f"  {found.note}")
    say(console, f"  {found.source_title}")
    console.print(f"    {found.source_url}", soft_wrap=True)


def _figures(found: Finding, *, lang: Language) -> Iterator[str]:
    """Yield the figures of a finding as they ship."""

    def number(value: float | None) -> str:
        return "" if value is None else _number(value, lang)

    to, of, against = (_in(each, lang) for each in ("to", "of", "against"))
    if found.estimate is not None:
        limits = (
            f" ({number(found.lower)} {to} {number(found.upper)})"
            if found.lower is not None
            else ""
        )
        error = ""
        if found.standard_error is not None:
            error = f", {_in('standard error', lang)} {number(found.standard_error)}"
        alone = "" if found.says_how_sure else f", {_in('without an interval', lang)}"
        yield f"{number(found.estimate)}{limits}{error}{alone}"
    if found.has_counts:
        treated = f"{number(found.events)} {of} {number(found.people)}"
        compared = f"{number(found.comparison_events)} {of} {number(found.comparison_people)}"
        yield f"{treated} {against} {compared}"


def _together(rows: tuple[Finding, ...], *, name: str) -> Iterator[Studies]:
    """Yield the studies of each outcome that say how sure they are."""
    from sibsim.evidence.shipped import load_evidence

    sure = [each for each in rows if each.kind == "study" and each.says_how_sure]
    for outcome in dict.fromkeys(each.outcome for each in sure):
        yield load_evidence(name, outcome=outcome)


def _say_studies(console: Console, studies: Studies, *, lang: Language) -> None:
    from sibsim.evidence.influence import FEWEST_STUDIES as FEWEST_TO_LEAVE_OUT
    from sibsim.evidence.influence import leave_one_out
    from sibsim.evidence.meta import FEWEST_STUDIES, meta_analysis

    console.print(studies.outcome or "", style="bold")
    if studies.number < FEWEST_STUDIES:
        say(console, ONE[lang].format(effect=_effect_of_one(studies, lang=lang)))
        return
    found = meta_analysis(studies)
    print_frame(console, TITLES["studies"][lang], _shown(found, lang=lang))
    console.print()
    say(console, found.sentence(lang))
    _say_notes(console, found.notes[len(studies.notes) :], lang=lang)
    if studies.number < FEWEST_TO_LEAVE_OUT:
        return
    without = leave_one_out(studies)
    print_frame(console, TITLES["without"][lang], _shown_without(without, lang=lang))
    console.print()
    say(console, without.sentence(lang))
    _say_notes(console, without.notes, lang=lang)


def _effect_of_one(studies: Studies, *, lang: Language) -> str:
    """Return the effect of the only study with its normal interval, in words."""
    from scipy.special import ndtri

    from sibsim.evidence.estimates import LEVEL, Estimated

    estimate, error = float(studies.estimate[0]), float(studies.variance[0]) ** 0.5
    reach = float(ndtri((1.0 + LEVEL) / 2.0)) * error
    found = Estimated(
        scale=studies.scale,
        level=LEVEL,
        estimate=estimate,
        standard_error=error,
        low=estimate - reach,
        high=estimate + reach,
    )
    return found.words.in_language(lang)


def _shown(found: MetaAnalysis, *, lang: Language) -> pd.DataFrame:
    """Return studies, mean and next place as text."""
    table = found.table()
    shown = _with_intervals(table, scale=found.scale, lang=lang)
    weights = [_share(each, lang) for each in found.weights]
    shown[TITLES["weight"][lang]] = weights + [""] * (len(table) - len(weights))
    return shown.rename(index={name: TITLES[name][lang] for name in ("mean", "next place")})


def _shown_without(found: LeaveOneOut, *, lang: Language) -> pd.DataFrame:
    """Return the mean effect without each study, and the share of variation between places."""
    table = found.table()
    shown = _with_intervals(table, scale=found.whole.scale, lang=lang)
    shown["I²"] = [_share(each, lang) for each in table["i2"]]
    return shown


def _with_intervals(table: pd.DataFrame, *, scale: StudyScale, lang: Language) -> pd.DataFrame:
    """Return estimates and their intervals as text."""
    import pandas as pd

    from sibsim.evidence.estimates import SCALE_WORDS, figure

    ends = [
        [figure(each).in_language(lang) for each in row]
        for row in table[["estimate", "low", "high"]].to_numpy(dtype=float)
    ]
    to = {"da": "til", "en": "to"}[lang]
    columns = {
        SCALE_WORDS[scale].in_language(lang): [estimate for estimate, *_ in ends],
        TITLES["interval"][lang]: [f"{low} {to} {high}" for _, low, high in ends],
    }
    return pd.DataFrame(columns, index=table.index)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _in(words: str, lang: Language) -> str:
    """Return words between figures in a language."""
    return WORDS[words] if lang == "da" else words


def _scale(name: str, lang: Language) -> str:
    """Return what a scale is called."""
    from sibsim.evidence.estimates import SCALE_WORDS

    words = {str(scale): each for scale, each in SCALE_WORDS.items()}
    return words[name].in_language(lang)


def _number(value: float, lang: Language) -> str:
    """Return a figure as it ships, with the decimal mark of a language."""
    return f"{value:g}".replace(".", "," if lang == "da" else ".")


def _say_notes(console: Console, notes: Iterable[str], *, lang: Language) -> None:
    """Say what a reader must know of a result, and in which language."""
    listed = list(notes)
    if listed and IN_ENGLISH[lang]:
        say(console, IN_ENGLISH[lang])
    for note in listed:
        say(console, f"- {note}")


def _share(value: float, lang: Language) -> str:
    return f"{100 * value:.1f} %".replace(".", ",") if lang == "da" else f"{value:.1%}"
