"""How far a partnership has come: the three phases, what is missing, what is only assumed.

The phases are those of a development partnership with Den Sociale Investeringsfond: problem, target
group and intervention; business case, result goals and payment model; evaluation design and
contract.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.casefile import load_case, shipped_cases
from sibsim.core.spec import Sourced, walk
from sibsim.core.validation import listing_of
from sibsim.core.wording import (
    Language,
    MeasureWords,
    designs_words,
    language,
    party_words,
    together,
)
from sibsim.core.words import Words
from sibsim.payments.base import PaymentModel
from sibsim.payments.payers import shares_of
from sibsim.remarks import NEEDED_TO_RUN, remarks

if TYPE_CHECKING:
    import pandas as pd

PHASES: Mapping[str, tuple[str, ...]] = {
    "1 problem, target group, intervention": ("problem", "target_group", "delivery", "costs"),
    "2 business case, result goals, payment model": ("outcomes", "payments", "budget"),
    "3 evaluation design and contract": ("measures", "contract", "capital", "valuation"),
}
"""The phases of a partnership and the sections each of them fills."""

_NOBODY_YET = Words(da="betaleren", en="the payer")


@dataclass(frozen=True)
class Report:
    """What `Case.check()` says."""

    case: Case
    """The case."""

    missing: Mapping[str, tuple[str, ...]]
    """Missing sections by phase; none: the phase is complete."""

    published: tuple[str, ...]
    """Paths of the figures that were read in a source."""

    assumed: tuple[str, ...]
    """Paths of the figures that are assumptions."""

    unexplained: tuple[str, ...]
    """Paths of assumptions that give no reason."""

    remarks: tuple[str, ...]
    """What a careful reader would ask about."""

    @property
    def complete(self) -> bool:
        """Whether all three phases are complete."""
        return not any(self.missing.values())

    def __str__(self) -> str:
        """Return the report as text, one finding a line."""
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> list[str]:
        """Return the report line by line."""
        story = self.case.head.story
        lines = [repr(self.case)[1:-1]]
        lines += [line for line in (story.in_language("en") if story else "").splitlines() if line]
        for phase, missing in self.missing.items():
            state = "complete" if not missing else f"missing: {', '.join(missing)}"
            lines.append(f"phase {phase}: {state}")
        figures = len(self.published) + len(self.assumed)
        lines.append(
            f"figures: {figures}, of which {len(self.published)} published and "
            f"{len(self.assumed)} assumed"
        )
        if self.unexplained:
            lines.append(f"no reason given for: {listing_of(list(self.unexplained))}")
        return [*lines, *(f"note: {remark}" for remark in self.remarks)]

    def _repr_html_(self) -> str:
        first, *rest = map(html.escape, self.lines())
        return f"<b>{first}</b><ul>{''.join(f'<li>{line}</li>' for line in rest)}</ul>"


def report(case: Case) -> Report:
    """Return which phases are complete, what is missing and how much is only assumed.

    Only what stands in the file counts as a figure: no default, and nothing that is derived.
    """
    sourced = {
        path: each
        for name, section in case.sections.items()
        for path, each in walk(section, Sourced, path=name)
        if _stands_in(case.read, path)
    }
    assumed = {path: each for path, each in sourced.items() if each.status == "assumption"}
    return Report(
        case=case,
        missing=_missing(case),
        published=tuple(path for path in sourced if path not in assumed),
        assumed=tuple(assumed),
        unexplained=tuple(
            path
            for path, each in assumed.items()
            if not each.note and not _explained_by_its_line(path, sourced=sourced)
        ),
        remarks=tuple(remarks(case)),
    )


def _missing(case: Case) -> dict[str, tuple[str, ...]]:
    """Return the missing sections by phase."""
    return {
        phase: tuple(name for name in names if not case.sections[name])
        for phase, names in PHASES.items()
    }


def _explained_by_its_line(path: str, *, sourced: Mapping[str, Sourced]) -> bool:
    """Tell whether a figure stands in a list of a line whose own note gives the reason."""
    parts = path.split(".")
    line = sourced.get(".".join(parts[:-2]))
    return parts[-1].isdigit() and line is not None and bool(line.note)


def _stands_in(document: object, path: str) -> bool:
    """Tell whether a dotted path leads to something that the file states."""
    here = document
    for step in path.split("."):
        if isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, list | tuple) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return False
    return True


def list_cases() -> pd.DataFrame:
    """Return the cases that ship with sibsim.

    Returns
    -------
    DataFrame
        One row per case, by the name `load_case` takes: municipality, title, phases of the
        partnership that are complete, participants, and years from start to end.
    """
    import pandas as pd

    rows = {}
    for name in shipped_cases():
        case = load_case(name)
        missing = _missing(case)
        rows[name] = {
            "municipality": case.problem.municipality if case.problem else None,
            "title": case.head.title.in_language("en"),
            "phases": sum(not each for each in missing.values()),
            "people": case.target_group.size.base_value if case.target_group else None,
            "years": f"{case.head.start.year}-{case.head.end.year}",
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "name"
    return frame


def missing_to_run(case: Case) -> tuple[str, ...]:
    """Return the sections that a run needs and the case lacks."""
    return tuple(name for name in NEEDED_TO_RUN if not case.sections[name])


def contract_sentences(case: Case, *, lang: Language) -> pd.DataFrame:
    """Return every payment rule, limits, the right to end early, and the capital as sentences.

    Parameters
    ----------
    case
        The case.
    lang
        `da` or `en`.

    Returns
    -------
    DataFrame
        One row per payment line by its name, then `limits`, `termination 1` and on, and the
        sentences of the capital, `capital 1` and on; each in the column `rule`.

    Raises
    ------
    ArgumentError
        If the language is neither.
    """
    import pandas as pd

    lang = language(lang)
    rules = {name: _sentence(case, name=name, lang=lang) for name in case.contract.payments}
    rules |= dict(_terms(case, lang=lang))
    frame = pd.DataFrame({"rule": rules})
    frame.index.name = "part"
    return frame


def _terms(case: Case, *, lang: Language) -> Iterator[tuple[str, str]]:
    """Yield what of a contract is no payment line, with its name."""
    terms, capital, currency = case.contract.terms, case.contract.capital, case.head.currency
    if terms is not None and (limits := terms.limit.sentence(currency=currency)):
        yield "limits", limits.say(lang)
    words = MeasureWords(payer="", titles=_titles(case), units=_units(case))
    for number, right in enumerate(terms.termination if terms else (), start=1):
        yield f"termination {number}", right.sentence(words).say(lang)
    if capital is not None:
        parties: dict[str, Words | str] = dict(case.problem.investors) if case.problem else {}
        if case.problem and case.problem.municipality:
            parties[case.problem.authority] = case.problem.municipality
        said_so = capital.describe(lang, currency=currency, parties=parties)
        yield from ((f"capital {number}", each) for number, each in enumerate(said_so, start=1))


def _titles(case: Case) -> dict[str, Words | str]:
    """Return the title of the outcome of every measure."""
    return {
        measure: case.outcomes[design.outcome].title or design.outcome
        for measure, design in case.measures.items()
    }


def _units(case: Case) -> dict[str, str]:
    """Return what a result is a number of, by measure; empty where it is yes or no."""
    return {
        name: case.outcomes[design.outcome].counted_in for name, design in case.measures.items()
    }


def _sentence(case: Case, *, name: str, lang: Language) -> str:
    line = case.contract.payments[name]
    titles = _titles(case)
    words = MeasureWords(
        payer=_payer(case, line),
        currency=case.head.currency,
        titles=titles,
        units=_units(case),
    )
    read = list(dict.fromkeys(reading.measure for reading in line.readings))
    if read:
        designs = {name: case.measures[name].words(compared=line.needs_comparison) for name in read}
        words = replace(
            words,
            outcome=titles[read[0]],
            design=designs_words([(titles[name], design) for name, design in designs.items()]),
            follow_up_months=case.outcomes[case.measures[read[0]].outcome].follow_up_months,
        )
    return line.describe(lang, words=words)


def _payer(case: Case, line: PaymentModel) -> Words | str:
    """Return who pays a line, by name where the case gives it; several with their shares."""
    terms = case.contract.terms
    if line.payer is None and terms is None:
        return _NOBODY_YET
    payers = shares_of(line.payer) if line.payer else terms.payers if terms else {}
    return together(payers, parties={name: _party(case, name) for name in payers})


def _party(case: Case, payer: str) -> Words | str:
    if case.problem and case.problem.municipality and payer == case.problem.authority:
        return case.problem.municipality
    return party_words(payer)


def summary_line(case: Case) -> str:
    """Return name, title, size and years of a case on one line."""
    title = case.head.title.in_language("en")
    size = f", {case.target_group.size.base_value:,.0f} people" if case.target_group else ""
    years = f"{case.head.start.year}-{case.head.end.year}"
    return f"<Case {case.name}: {title}{size}, {years}, {case.head.currency}>"
