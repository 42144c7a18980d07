"""What ships with sibsim, read from `data/`: how much of it is published, and where it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from docs._ext.markdown import cell, link, plain, table
from sibsim.case import Case
from sibsim.casefile import load_case, shipped_cases
from sibsim.core import catalogue
from sibsim.core.priors import priors
from sibsim.deals.file import load_deal, shipped_deals
from sibsim.evidence.shipped import findings
from sibsim.outcomes.state_sets import list_state_sets, load_state_set
from sibsim.presets import new_case

PEOPLE = 100
"""People of the group that a template is shown for; it changes no count."""


class _Read(Protocol):
    """Where a figure was read."""

    @property
    def title(self) -> str: ...

    @property
    def url(self) -> str | None: ...

    @property
    def year(self) -> int: ...


def data_catalogue() -> str:
    """Return the body of the page as Markdown."""
    parts: Mapping[str, Callable[[], Iterator[str]]] = {
        "Cases": _cases,
        "Templates": _templates,
        "Published contracts": _deals,
        "Evidence": _evidence,
        "Danish rules and rates": _rules,
        "Sets of states": _states,
        "Named priors": _priors,
    }
    return "\n\n".join(block for title, part in parts.items() for block in (f"## {title}", *part()))


def _cases() -> Iterator[str]:
    yield (
        "Load one with `sib.load_case(NAME)`. A figure is *published* where its source says it; "
        "every other figure is an assumption, and says so in the file."
    )
    cases = [load_case(name) for name in shipped_cases()]
    yield table(
        ("Name", "Title", "Years", "People", "Published", "Assumed"),
        [(f"`{case.name}`", *_of_case(case)) for case in cases],
    )
    yield "Where their published figures were read:"
    yield "\n".join(f"- `{case.name}`: {_sources(case.sources.values())}" for case in cases)


def _templates() -> Iterator[str]:
    yield (
        "`sibsim new KIND FILE` writes one for a municipality and a number of people; see "
        "[the first tutorial](first-case.md). Counts are of a group of "
        f"{PEOPLE} people."
    )
    kinds = catalogue.names("templates")
    cases = {kind: new_case(kind, municipality="Kommune", size=PEOPLE) for kind in kinds}
    yield table(
        ("Kind", "Title", "Years", "People", "Published", "Assumed"),
        [(f"`{kind}`", *_of_case(case)) for kind, case in cases.items()],
    )
    yield "\n".join(
        f"- `{kind}`: {_sources(case.sources.values())}" for kind, case in cases.items()
    )


def _of_case(case: Case) -> tuple[str, ...]:
    """Return title, years, people, and how many figures are published and assumed."""
    found = case.check()
    people = case.target_group.size.base_value if case.target_group else 0
    title = plain(case.head.title.in_language("en"))
    years = f"{case.head.start.year}-{case.head.end.year}"
    return title, years, f"{people:g}", str(len(found.published)), str(len(found.assumed))


def _deals() -> Iterator[str]:
    yield (
        "Load one with `sib.load_deal(NAME)`; [the page on published contracts](deals.md) says "
        "what the grades mean and what each reproduces."
    )
    deals = [load_deal(name) for name in shipped_deals()]
    yield table(
        ("Name", "Title", "Place", "Years", "Grade", "Published figures compared"),
        [
            (
                f"`{deal.name}`",
                plain(deal.head.title.in_language("en")),
                plain(deal.about.place),
                f"{deal.head.start.year}-{deal.head.end.year}",
                deal.about.grade,
                str(len(deal.published)),
            )
            for deal in deals
        ],
    )
    yield "\n".join(f"- `{deal.name}`: {_sources(deal.sources.values())}" for deal in deals)


def _evidence() -> Iterator[str]:
    yield (
        "`sib.evidence.list_evidence()` lists it and `load_evidence` reads it; see "
        "[the page on evidence](evidence.md). One row of a table is one study, or one published "
        "meta-analysis of several."
    )
    names = catalogue.names("evidence")
    rows = []
    for name in names:
        found = findings(name)
        status = Counter(each.status for each in found)
        years = sorted(each.source_year for each in found)
        outcomes = ", ".join(dict.fromkeys(plain(each.outcome) for each in found))
        counts = (str(len(found)), str(status["published"]), str(status["assumption"]))
        rows.append((f"`{name}`", outcomes, f"{years[0]}-{years[-1]}", *counts))
    yield table(("Name", "Outcomes", "Years", "Rows", "Published", "Worked out by us"), rows)
    yield "\n".join(
        f"- `{name}`: "
        + _linked((each.source_title, each.source_url, each.source_year) for each in findings(name))
        for name in names
    )


def _rules() -> Iterator[str]:
    yield (
        "`sib.rule(NAME, on=DATE)` gives one, `sib.list_rules()` all; see "
        "[the page on Danish rules](danish-rules.md). A row is one value between two dates."
    )
    files = [
        (file, catalogue.rows("rules", country, file))
        for country in catalogue.folders("rules")
        for file in catalogue.names("rules", country)
    ]
    rows = []
    for file, lines in files:
        status = Counter(line["status"] for line in lines)
        names = {line.get("name") or line["rule"] for line in lines}
        years = sorted(line["source_year"] for line in lines)
        counts = (str(len(lines)), str(status["published"]), str(status["assumption"]))
        rows.append((f"`{file}`", str(len(names)), f"{years[0]}-{years[-1]}", *counts))
    yield table(("File", "Rules", "Sources from", "Rows", "Published", "Assumed"), rows)
    yield "\n".join(
        f"- `{file}`: "
        + _linked(
            (line["source_title"], line["source_url"], int(line["source_year"])) for line in lines
        )
        for file, lines in files
    )


def _states() -> Iterator[str]:
    yield (
        "`sib.load_state_set(NAME)` gives one; see [the page on outcomes](outcomes.md). Where a "
        "row of moves is an assumption it is meant to be replaced by your own data."
    )
    sets = [load_state_set(name) for name in list_state_sets()]
    rows = []
    for each in sets:
        status = Counter(row.status for row in each.evidence.values())
        states = ", ".join(f"`{name}`" for name in each.names)
        title = plain(each.title.in_language("en"))
        counts = (str(status["published"]), str(status["assumption"]))
        rows.append((f"`{each.name}`", title, each.step, states, *counts))
    yield table(("Name", "Title", "Step", "States", "Rows published", "Rows assumed"), rows)
    yield "\n".join(f"- `{each.name}`: {_sources(each.sources.values())}" for each in sets)


def _priors() -> Iterator[str]:
    yield (
        'A quantity uses one by its name, such as `volume = { prior = "indigo-volume" }`; none '
        "is used unless a case names it."
    )
    yield table(
        ("Name", "What", "Unit", "Projects", "Status", "Read in", "What is ours"),
        [
            (
                f"`{name}`",
                plain(each.title),
                each.unit,
                str(each.n),
                each.status,
                _linked([(each.source, each.url, each.year)]),
                cell(plain(each.note)),
            )
            for name, each in priors().items()
        ],
    )


def _sources(sources: Iterable[_Read]) -> str:
    """Return sources on one line, each with its address and year."""
    return _linked((each.title, each.url, each.year) for each in sources)


def _linked(sources: Iterable[tuple[str, str | None, int]]) -> str:
    """Return titles that lead to their address, each once, with the year where it is unsaid."""
    found = dict.fromkeys(sources)
    return (
        "; ".join(
            link(title, url=url) + ("" if str(year) in title else f", {year}")
            for title, url, year in found
        )
        or "no source: every figure is an assumption"
    )
