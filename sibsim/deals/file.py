"""Files of published contracts: TOML in; every fault of its parts at once, then of how they fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sibsim.capital.spec import Capital
from sibsim.core import catalogue
from sibsim.core.documents import check_bounds, read_document
from sibsim.core.prices import Index
from sibsim.core.spec import Frozen, Sourced, nearest, walk
from sibsim.core.validation import known_or_fault, validated
from sibsim.deals.deal import Deal
from sibsim.deals.spec import About, DealMeasure, DealReport, Published, Run
from sibsim.errors import CaseError, Fault
from sibsim.payments.levels import Counted, stated_levels
from sibsim.payments.reading import Reading
from sibsim.sections import SECTIONS, Contract, ContractTerms, Head, Source

if TYPE_CHECKING:
    import pandas as pd

_PARTS: Mapping[str, Any] = {
    "about": About,
    "measures": Frozen[DealMeasure],
    "payments": SECTIONS["payments"],
    "contract": ContractTerms,
    "capital": Capital,
    "indices": Frozen[Index],
    "starts": tuple[date, ...],
    "runs": Frozen[Run],
    "published": tuple[Published, ...],
    "sources": Frozen[Source],
}
"""The sections of a deal file beside its first lines, in order, with what each is."""

_MAY_BE_LEFT_OUT: Mapping[str, Any] = {
    "capital": None,
    "indices": Frozen(),
    "starts": (),
    "published": (),
}
"""Sections that a deal need not have."""


def list_deals() -> pd.DataFrame:
    """Return the published contracts that ship with sibsim.

    Returns
    -------
    DataFrame
        One row per deal, by the name `load_deal` takes: title, place, years, grade, runs and
        published figures.
    """
    import pandas as pd

    rows = {}
    for name in shipped_deals():
        deal = load_deal(name)
        rows[name] = {
            "title": deal.head.title.in_language("en"),
            "place": deal.about.place,
            "years": f"{deal.head.start.year}-{deal.head.end.year}",
            "grade": deal.about.grade,
            "runs": len(deal.runs),
            "published": len(deal.published),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "name"
    return frame


def shipped_deals() -> tuple[str, ...]:
    """Return the names of the deals that ship with sibsim."""
    return catalogue.names("deals")


def load_deal(source: str) -> Deal:
    """Load a published contract by the name of one that ships, or from a TOML file.

    Parameters
    ----------
    source
        Name of a shipped deal (`"newpin"`) or path to a `.toml` file.

    Raises
    ------
    FileError
        If the file cannot be read.
    CaseError
        If its content is no valid deal; holds every fault.
    UnknownNameError
        If no deal of that name ships; names the nearest one.
    """
    document, where = read_document(source, folder="deals", what="deal")
    return build_deal(document, where=where)


def build_deal(document: Mapping[str, Any], *, where: str = "deal") -> Deal:
    """Return the deal that a document describes.

    Parameters
    ----------
    document
        Plain tables, lists, numbers, texts and dates, as TOML gives them.
    where
        Name of the file for messages.

    Raises
    ------
    CaseError
        If the document is no valid deal; holds every fault.
    """
    check_bounds(document, where=where)
    fields = {field.alias or key for key, field in Head.model_fields.items()}
    known = fields | set(_PARTS)
    faults = [
        Fault(str(key), f"is not known here{nearest(str(key), known)}")
        for key in document
        if key not in known
    ]
    head, found = validated({k: v for k, v in document.items() if k in fields}, Head, path="")
    faults += found
    parts: dict[str, Any] = {}
    for name, kind in _PARTS.items():
        if name not in document and name in _MAY_BE_LEFT_OUT:
            parts[name] = _MAY_BE_LEFT_OUT[name]
            continue
        parts[name], found = validated(document.get(name, {}), kind, path=name)
        faults += found
    if faults:
        raise CaseError(tuple(faults), where=where)
    contract = Contract(
        terms=parts.pop("contract"), payments=parts.pop("payments"), capital=parts.pop("capital")
    )
    starts = parts.pop("starts") or (head.start,)
    deal = Deal(head=head, contract=contract, starts=starts, **parts)
    faults = list(_misfits(deal))
    if faults:
        raise CaseError(tuple(faults), where=where)
    return deal


def _misfits(deal: Deal) -> Iterator[Fault]:
    """Yield what one part of a deal names and another does not hold."""
    for section, items in (("payments", deal.contract.payments), ("runs", deal.runs)):
        if not items:
            yield Fault(section, "is empty; a deal has one at least; add one")
    for name, line in deal.contract.payments.items():
        for reading in line.all_readings:
            yield from _reading_misfits(deal, reading, path=f"payments.{name}.{reading.field}")
    yield from _level_misfits(deal)
    for name, run in deal.runs.items():
        yield from _run_misfits(deal, run, path=f"runs.{name}")
    for index, figure in enumerate(deal.published):
        path = f"published.{index}"
        yield from known_or_fault(f"{path}.source", figure.source, deal.sources, what="a source")
        if figure.run is not None:
            yield from known_or_fault(f"{path}.run", figure.run, deal.runs, what="a run")
    for name in deal.about.parties:
        yield from known_or_fault("about.parties", name, deal.parties, what="a party")
    yield from _source_misfits(deal)


def _source_misfits(deal: Deal) -> Iterator[Fault]:
    contract = deal.contract
    agreed = {
        "payments": contract.payments,
        "contract": contract.terms,
        "capital": contract.capital,
    }
    for path, part in walk(agreed, Sourced):
        if part.source is not None:
            here = f"{path}.source"
            yield from known_or_fault(here, part.source, deal.sources, what="a source")


def _run_misfits(deal: Deal, run: Run, *, path: str) -> Iterator[Fault]:
    for line in run.lines or ():
        yield from known_or_fault(f"{path}.lines", line, deal.contract.payments, what="a payment")
    for index, report in enumerate(run.reported):
        here = f"{path}.reported.{index}"
        yield from _report_misfits(deal, report, path=here)
        whole = report.achieved.is_integer() and report.people.is_integer()
        if run.by_person and (not whole or report.achieved > report.people):
            problem = f"got {report.achieved:g} of {report.people:g}; with by_person = true "
            yield Fault(f"{here}.achieved", f"{problem}whole persons of the people are counted")
    for index, cost in enumerate(run.costs):
        if not deal.head.start <= cost.on <= deal.head.end:
            problem = f"got {cost.on}; the contract runs from {deal.head.start} to "
            yield Fault(f"{path}.costs.{index}.on", f"{problem}{deal.head.end}; move one")


def _reading_misfits(deal: Deal, reading: Reading, *, path: str) -> Iterator[Fault]:
    faults = known_or_fault(path, reading.measure, deal.measures, what="a measure")
    yield from faults
    if faults:
        return
    measure = deal.measures[reading.measure]
    if reading.of != "rate" and not measure.compared:
        yield Fault(path, f"reads {reading.of}; measures.{reading.measure} has no comparison")
    unknown = set(reading.at_months or ()) - set(measure.follow_up_months)
    if unknown:
        yield Fault(path, f"reads follow-ups at {sorted(unknown)} months, which it does not have")


def _level_misfits(deal: Deal) -> Iterator[Fault]:
    """Yield the levels that no report can be near; how high a number can be is not known."""
    counted = {
        name: Counted(each.counted_in, 0.0, math.inf if each.counted_in else 1.0)
        for name, each in deal.measures.items()
    }
    for stated in stated_levels(deal.contract.payments, rights=deal.terms.termination):
        if all(reading.measure in counted for reading in stated.readings):
            problem = stated.problem([counted[reading.measure] for reading in stated.readings])
            if problem:
                yield Fault(stated.path, problem)


def _report_misfits(deal: Deal, report: DealReport, *, path: str) -> Iterator[Fault]:
    faults = known_or_fault(f"{path}.measure", report.measure, deal.measures, what="a measure")
    yield from faults
    if report.source is not None:
        yield from known_or_fault(f"{path}.source", report.source, deal.sources, what="a source")
    if report.cohort > len(deal.starts):
        problem = f"got {report.cohort}; `starts` holds {len(deal.starts)}; add its start"
        yield Fault(f"{path}.cohort", problem)
    if faults:
        return
    measure = deal.measures[report.measure]
    if report.at_months not in measure.follow_up_months:
        problem = f"got {report.at_months}; it is one of {list(measure.follow_up_months)}"
        yield Fault(f"{path}.at_months", problem)
    if measure.compared != (report.comparison_people is not None):
        problem = "is missing" if measure.compared else "is given, but nothing is compared"
        yield Fault(f"{path}.comparison_people", problem)
