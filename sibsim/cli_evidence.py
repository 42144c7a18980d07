"""The command that shows the evidence that ships: evidence."""

from __future__ import annotations

from collections.abc import Iterator
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

NOUNS = {"study": ("study", "studies"), "meta_analysis": ("meta-analysis", "meta-analyses")}
"""What one row of each kind is called, and several."""

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
        _list(console)
        return
    from sibsim.evidence.shipped import findings

    rows = findings(name)
    for each in rows:
        _say_finding(console, each)
    together = tuple(_together(rows, name=name))
    for studies in together:
        console.print()
        _say_studies(console, studies, lang=spoken)
    if not together:
        console.print()
        say(console, NONE[spoken])


def _list(console: Console) -> None:
    from sibsim.evidence.shipped import findings, list_evidence

    for name, rows in list_evidence().groupby("name", sort=False):
        console.print(str(name), style="bold")
        for each in dict.fromkeys(found.intervention for found in findings(str(name))):
            say(console, f"  {each}")
        for row in rows.to_dict("records"):
            noun = NOUNS[row["kind"]][row["studies"] > 1]
            alone = row["without_interval"]
            said = f", {alone} without an interval" if alone else ""
            scale = _plain(row["scale"])
            say(console, f"  - {row['outcome']}, {scale}: {row['studies']} {noun}{said}")


def _say_finding(console: Console, found: Finding) -> None:
    kind, _ = NOUNS[found.kind]
    console.print(found.study, style="bold")
    say(console, f"  {found.intervention}; {kind}, {found.country}, {_plain(found.design)}")
    months = found.measured_at_months
    at = "" if months is None else f", at {months:g} months"
    figures = "; ".join(_figures(found))
    say(console, f"  {found.outcome}, {_plain(found.scale)}: {figures}{at} ({found.status})")
    say(console, f"  {found.note}")
    say(console, f"  {found.source_title}")
    console.print(f"    {found.source_url}", soft_wrap=True)


def _figures(found: Finding) -> Iterator[str]:
    """Yield the figures of a finding as they ship."""
    if found.estimate is not None:
        limits = f" ({found.lower:g} to {found.upper:g})" if found.lower is not None else ""
        error = "" if found.standard_error is None else f", standard error {found.standard_error:g}"
        alone = "" if found.says_how_sure else ", without an interval"
        yield f"{found.estimate:g}{limits}{error}{alone}"
    if found.has_counts:
        treated = f"{found.events:g} of {found.people:g}"
        yield f"{treated} against {found.comparison_events:g} of {found.comparison_people:g}"


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
    for note in found.notes[len(studies.notes) :]:
        say(console, f"- {note}")
    if studies.number < FEWEST_TO_LEAVE_OUT:
        return
    without = leave_one_out(studies)
    print_frame(console, TITLES["without"][lang], _shown_without(without, lang=lang))
    console.print()
    say(console, without.sentence(lang))
    for note in without.notes:
        say(console, f"- {note}")


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
    weights = [f"{each:.1%}" for each in found.weights]
    shown[TITLES["weight"][lang]] = weights + [""] * (len(table) - len(weights))
    return shown.rename(index={name: TITLES[name][lang] for name in ("mean", "next place")})


def _shown_without(found: LeaveOneOut, *, lang: Language) -> pd.DataFrame:
    """Return the mean effect without each study, and the share of variation between places."""
    table = found.table()
    shown = _with_intervals(table, scale=found.whole.scale, lang=lang)
    shown["I²"] = [f"{each:.1%}" for each in table["i2"]]
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
