"""A document from a run or a base case, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sibsim.core.wording import language
from sibsim.errors import ArgumentError
from sibsim.reports.cash import kept_postings
from sibsim.reports.document.assumptions import assumptions
from sibsim.reports.document.content import problem, solution
from sibsim.reports.document.drivers import drivers_of
from sibsim.reports.document.economy import economy
from sibsim.reports.document.follow_up import follow_up
from sibsim.reports.document.front import box, recommendation
from sibsim.reports.document.material import Material
from sibsim.reports.document.more_words import COLOPHON
from sibsim.reports.document.parts import Block, Document, Section, Table
from sibsim.reports.document.provenance import colophon, footer
from sibsim.reports.document.risk import risk
from sibsim.reports.document.words import FRONT, HEADINGS
from sibsim.results import Results

INVESTOR_METRIC = "investor_irr"
"""What would change the investors' answer is asked of their rate of return."""


def made(results: Results, *, lang: str) -> Document:
    """Return what the memo and the page say.

    Parameters
    ----------
    results
        A run that kept its flows, or a base case.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the language is neither, the run kept metrics only, or the contract was settled on
        reports, which says nothing of budgets and chances.
    """
    spoken = language(lang)
    if results.kind == "settled":
        message = (
            "got a contract settled on reports; a memo and a page are of a run or a base case; "
            "write them of case.simulate(...) or case.base_case()"
        )
        raise ArgumentError(message)
    kept_postings(results)
    material = Material(results, results.base_case() if results.kind == "run" else results, spoken)
    metrics = [*([f"{material.payer}_net"] if material.payer else []), INVESTOR_METRIC]
    drivers = {} if results.facts is not None else drivers_of(results.case, metrics)
    of_net = drivers.get(f"{material.payer}_net")
    parts = {
        "answer": box(material),
        "recommendation": recommendation(material, of_net),
        "problem": problem(material),
        "solution": solution(material),
        "economy": economy(material),
        "risk": risk(material, drivers),
        "follow_up": follow_up(material, of_net),
        "assumptions": assumptions(material),
    }
    blocks, sources = _numbered(material, parts)
    sections = (
        Section(key, title.in_language(spoken), blocks[key]) for key, title in HEADINGS.items()
    )
    subtitle = material.word(FRONT["subtitle"]).format(authority=material.authority)
    return Document(
        lang=spoken,
        title=material.word(results.case.head.title),
        subtitle=subtitle,
        box_title=material.word(FRONT["box"]),
        box=blocks["answer"],
        sections=tuple(sections),
        contents_title=material.word(FRONT["contents"]),
        colophon_title=material.word(COLOPHON["title"]),
        colophon=(*colophon(material), *sources),
        footer=footer(material),
    )


def _numbered(
    material: Material, parts: Mapping[str, tuple[Block, ...]]
) -> tuple[dict[str, tuple[Block, ...]], list[tuple[str, str]]]:
    """Return parts with their tables numbered, and the call behind each table."""
    numbered: dict[str, tuple[Block, ...]] = {}
    sources: list[tuple[str, str]] = []
    number = 0
    for key, blocks in parts.items():
        shown: list[Block] = []
        for block in blocks:
            if isinstance(block, Table):
                number += 1
                name = material.word(COLOPHON["table"]).format(number=number)
                if block.source:
                    sources.append((name, block.source))
                shown.append(replace(block, caption=f"{name}. {block.caption}"))
            else:
                shown.append(block)
        numbered[key] = tuple(shown)
    return numbered, sources
