"""The sheet of delivery: who is planned, referred, starts and completes, by cohort.

Formulas follow section 4 of the model with chance off, where numbers of people are fractions. A
take-up that is typed in is also the base take-up, so that the number who start is the planned one
times the volume. Who takes part in a trial as a control is not served. What a design of an
analyst's own says of it is taken as a fixed number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch

from sibsim.core.wording import party_words
from sibsim.core.words import Words
from sibsim.evaluation.base import EvaluationDesign
from sibsim.evaluation.combined import Combined
from sibsim.evaluation.randomised import Randomised
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import (
    Formula,
    lift,
    power_of_e,
    smallest,
    sum_product,
    total,
    whole,
)
from sibsim.reports.workbook.model import Delivery, Live, Periods
from sibsim.reports.workbook.sheets import Sheet
from sibsim.reports.workbook.styles import Kind
from sibsim.reports.workbook.waves import Wave, ramp_up

SHEET = Words(da="Levering", en="Delivery")
"""Name of the sheet."""

HALF = 0.5
"""Half a month counts as a whole one."""


@dataclass(frozen=True, eq=False)
class Served(Delivery):
    """Who comes, by cohort, and of which segment they are."""

    turned_away: Column | None = None
    """People who find no place, by cohort; None: there always is one."""

    delay: Formula = field(default_factory=lambda: lift(0))
    """Whole months by which the service starts late."""

    finish_delay: Formula = field(default_factory=lambda: lift(0))
    """Whole months by which it ends late, beyond that."""

    segments: Mapping[str, Formula] = field(default_factory=dict)
    """Share of each segment among those who come, by name; empty: there is only one."""

    effort: Mapping[str, Formula] = field(default_factory=dict)
    """Effort that a person of each segment gets as a share of the usual."""


def write_delivery(live: Live, periods: Periods) -> Served:
    """Write the sheet of delivery and return who comes.

    Parameters
    ----------
    live, periods
        The workbook and its time.
    """
    plan = live.case.delivery
    assert plan is not None  # noqa: S101 - a case that has a base case has one
    sheet = live.book.sheet(SHEET)
    sheet.heading(
        Words(da="Hvem der kommer", en="Who comes"),
        note=Words(
            da="Base casen er uden tilfældighed, så personer kan være brøker.",
            en="The base case is without chance, so that numbers of people can be fractions.",
        ),
    )
    whole_service = _service(live, sheet)
    segments, effort = _segments(live, sheet)
    ramp = ramp_up(live, sheet, plan)
    names = [
        Words(da=f"hold {number}", en=f"cohort {number}")
        for number in range(1, len(plan.cohorts) + 1)
    ]
    block = sheet.block(names, title=Words(da="hold", en="cohort"))
    wave = Wave(live, block, whole_service, periods)
    planned = wave.planned()
    opens, start = wave.starts()
    ramped = planned if ramp is None else wave.ramped(planned, opens=opens, ramp=ramp)
    would, referred = wave.arrivals(ramped)
    started, turned_away = would, None
    if plan.capacity is not None:
        started, turned_away = wave.placed(would, opens=opens, plan=plan)
    completed = wave.completed(started)
    rows = range(len(names))
    return Served(
        start=[start.at(row) for row in rows],
        planned=[planned.at(row) for row in rows],
        referred=[referred.at(row) for row in rows],
        started=[started.at(row) for row in rows],
        completed=[completed.at(row) for row in rows],
        turned_away=turned_away,
        delay=whole_service["delay"],
        finish_delay=whole_service["finish_delay"],
        segments=segments,
        effort=effort,
    )


def _service(live: Live, sheet: Sheet) -> dict[str, Formula]:
    """Write what holds for the service as a whole, a row each."""
    inputs = live.inputs
    rows: list[tuple[str, Words, Formula, Kind]] = [
        (
            "size",
            Words(da="planlagte deltagere", en="planned participants"),
            inputs["target_group.size"],
            "number",
        ),
        (
            "served",
            Words(da="andel, der får indsatsen", en="share who are served"),
            _served_share(live),
            "factor",
        ),
        (
            "volume",
            Words(da="nåede deltagere / planlagte", en="participants reached / planned"),
            inputs["delivery.volume"],
            "number",
        ),
        (
            "take_up",
            Words(da="andel af de henviste, der starter", en="share of those referred who start"),
            inputs["delivery.take_up"],
            "share",
        ),
        (
            "completion",
            Words(da="andel, der gennemfører", en="share who complete"),
            inputs["delivery.completion"],
            "share",
        ),
        (
            "delay",
            Words(da="forsinket start, hele måneder", en="start delay, whole months"),
            whole(inputs["delivery.start_delay"] + HALF),
            "count",
        ),
        (
            "finish_delay",
            Words(da="forsinket slutning, hele måneder", en="finish delay, whole months"),
            whole(inputs["delivery.finish_delay"] + HALF),
            "count",
        ),
    ]
    block = sheet.block(
        [title for _, title, _, _ in rows], title=Words(da="hele indsatsen", en="the service")
    )
    column = block.reserve(Words(da="værdi", en="value"), kind="number")
    found = {}
    for row, (name, _, formula, kind) in enumerate(rows):
        column.kind = kind
        found[name] = column.set(row, formula)
    return found


def _served_share(live: Live) -> Formula:
    """Return the share of those planned who are served: controls of several measures are one."""
    shares = [
        served_share(design, f"measures.{name}", live)
        for name, design in live.case.measures.items()
        if design.served_share < 1
    ]
    return smallest(*shares) if shares else lift(1)


@singledispatch
def served_share(design: EvaluationDesign, path: str, live: Live) -> Formula:
    """Return the share of the people planned to start whom a design serves."""
    if design.served_share < 1:
        live.fixed[path] = Words(
            da="Andelen, der får indsatsen i dette design, følger ikke arkets input.",
            en="The share who are served under this design does not follow the inputs.",
        )
    return lift(design.served_share)


@served_share.register
def _(design: Randomised, path: str, live: Live) -> Formula:
    if design.controls_from == "outside":
        return lift(1)
    return 1 / (1 + live.inputs[f"{path}.controls_per_participant"])


@served_share.register
def _(design: Combined, path: str, live: Live) -> Formula:
    first = served_share(design.first, f"{path}.first", live)
    second = served_share(design.second, f"{path}.second", live)
    return 1 / (1 / first + 1 / second - 1)


def _segments(live: Live, sheet: Sheet) -> tuple[dict[str, Formula], dict[str, Formula]]:
    """Write the share of each segment among those who come, and the effort it gets."""
    target = live.case.target_group
    assert target is not None  # noqa: S101 - a case that has a base case has one
    if not target.segments:
        return {}, {}
    inputs, path = live.inputs, "target_group.segments"
    names = list(target.segments)
    titles = [each.title or party_words(name) for name, each in target.segments.items()]
    block = sheet.block(titles, title=Words(da="segment", en="segment"))
    share = block.column(
        Words(da="andel af målgruppen", en="share of the target group"),
        (inputs[f"{path}.{name}.share"] for name in names),
        kind="share",
    )
    difficulty = block.column(
        Words(da="sværhedsgrad", en="difficulty"),
        (inputs.get(f"{path}.{name}.difficulty", 0.0) for name in names),
        kind="number",
    )
    creaming, parking = (
        inputs[f"target_group.selection.{each}"] for each in ("creaming", "parking")
    )
    tilted = block.column(
        Words(da="andel efter udvælgelse", en="share after selection"),
        lambda row: share.at(row) * power_of_e(-creaming * difficulty.at(row)),
        kind="factor",
    )
    comes = block.column(
        Words(da="andel af dem, der kommer", en="share of those who come"),
        lambda row: tilted.at(row) / total(tilted.all),
        kind="factor",
    )
    tilt = block.column(
        Words(da="indsats før normering", en="effort before scaling"),
        lambda row: power_of_e(-parking * difficulty.at(row)),
        kind="factor",
    )
    effort = block.column(
        Words(da="indsats i forhold til den sædvanlige", en="effort as a share of the usual"),
        lambda row: tilt.at(row) / sum_product(comes.all, tilt.all),
        kind="factor",
    )
    return (
        {name: comes.at(row) for row, name in enumerate(names)},
        {name: effort.at(row) for row, name in enumerate(names)},
    )


def people_of(served: Served, people: Formula, segment: str | None) -> Formula:
    """Return how many of some people are of a segment; all where none is named.

    Parameters
    ----------
    served
        Who comes.
    people
        A number of people.
    segment
        Name of the segment.
    """
    return people if segment is None else people * served.segments[segment]
