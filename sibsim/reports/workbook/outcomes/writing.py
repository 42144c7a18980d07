"""The sheet of outcomes: segments, then two blocks for each outcome, after those that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sibsim.core.words import Words
from sibsim.outcomes.base import OutcomeModel, in_order
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import Formula, added, lift, power_of_e, total
from sibsim.reports.workbook.model import Delivery, Live, Outcome, Periods
from sibsim.reports.workbook.outcomes.chains import Trace
from sibsim.reports.workbook.outcomes.kinds import Kind, Means
from sibsim.reports.workbook.outcomes.people import (
    SEEN_TREATED,
    SEEN_WITHOUT,
    TREATED,
    WITHOUT,
    why_fixed,
    write_means,
)
from sibsim.reports.workbook.sheets import Sheet

SHEET = Words(da="Resultater", en="Outcomes")
ABOUT = Words(
    da="Hvad der opnås, pr. person og i alt", en="What is achieved, per person and in all"
)
SEGMENTS = Words(da="Segmenter af målgruppen", en="Segments of the target group")
PERSON = Words(da="Resultatet for én person", en="The result of one person")
EVERYBODY = Words(da="Resultatet for alle", en="The result of everybody")
FOLLOW_UP = Words(da="opfølgning", en="follow-up")
TITLES = (WITHOUT, TREATED, SEEN_WITHOUT, SEEN_TREATED)
"""Titles of the mean results: as they are, and as an instrument shows them."""

MONTHS = Words(da="måneder efter start", en="months after start")


@dataclass(frozen=True, eq=False)
class SeenOutcome(Outcome):
    """An outcome with what an instrument shows of it, which measures report."""

    seen_without: Sequence[Sequence[Formula]] = ()
    """Mean result of a person without the intervention, as it is shown, by cohort and follow-up."""

    seen_treated: Sequence[Sequence[Formula]] = ()
    """Mean result of a person with it, as it is shown."""

    traces: Mapping[str, Trace] = field(default_factory=dict)
    """Of an outcome of states: who is where after each step, by segment; `""` is everybody."""

    shares: Mapping[str, Formula] = field(default_factory=dict)
    """Share of each segment among those who come; empty without segments."""


@dataclass(frozen=True, eq=False)
class Share:
    """A segment of the target group among those who come."""

    share: Formula
    """Its share of them."""

    effort: Formula
    """Effort that a person of it gets as a share of the usual."""


def write_outcomes(live: Live, periods: Periods, delivery: Delivery) -> dict[str, Outcome]:
    """Write the outcomes and return them by name.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time; outcomes are dated in months and read none of it.
    delivery
        Who comes.
    """
    del periods
    sheet = live.book.sheet(SHEET, about=ABOUT)
    shares = _segments(live, sheet)
    made: dict[str, dict[str, Means]] = {}
    found: dict[str, Outcome] = {}
    for name in in_order(live.case.outcomes):
        spec = live.case.outcomes[name]
        sheet.heading(spec.title or name)
        reason = why_fixed(spec, case=live.case)
        if reason is not None:
            live.fixed[f"outcomes.{name}"] = reason
            sheet.line(reason)
        months, means = _people(live, sheet, name=name, shares=shares, made=made)
        whole = _everybody(live, sheet, name=name, delivery=delivery, months=months, means=means)
        kinds = made.get(name, {})
        traces = {segment: each.trace for segment, each in kinds.items() if each.trace}
        weights = {segment: share.share for segment, share in shares.items()}
        found[name] = replace(whole, traces=traces, shares=weights)
    return {name: found[name] for name in live.case.outcomes}


def _segments(live: Live, sheet: Sheet) -> dict[str, Share]:
    """Write who of which segment comes, share x e^(-creaming z), and what effort they get."""
    group = live.case.target_group
    if group is None or not group.segments:
        return {}
    names = list(group.segments)
    sheet.heading(SEGMENTS)
    block = sheet.block([group.segments[name].title or name for name in names], title="")
    creaming = live.inputs.get("target_group.selection.creaming", 0.0)
    parking = live.inputs.get("target_group.selection.parking", 0.0)

    def stated(row: int, field: str) -> Formula:
        value = getattr(group.segments[names[row]], field)
        return live.inputs.get(f"target_group.segments.{names[row]}.{field}", value)

    tilted = block.column(
        Words(da="andel * e^(-creaming * z)", en="share * e^(-creaming * z)"),
        lambda row: stated(row, "share") * power_of_e(-(creaming * stated(row, "difficulty"))),
        kind="factor",
    )
    share = block.column(
        Words(da="andel af dem, der kommer", en="share of those who come"),
        lambda row: tilted.at(row) / total(tilted.all),
        kind="share",
    )
    helped = block.column(
        Words(da="e^(-parking * z)", en="e^(-parking * z)"),
        lambda row: power_of_e(-(parking * stated(row, "difficulty"))),
        kind="factor",
    )
    usual = block.column(
        Words(da="vægtet", en="weighted"),
        lambda row: share.at(row) * helped.at(row),
        kind="factor",
    )
    effort = block.column(
        Words(da="indsats pr. person", en="effort per person"),
        lambda row: helped.at(row) / total(usual.all),
        kind="factor",
        note=Words(da="e^(-parking z) / det vægtede snit", en="e^(-parking z) / weighted mean"),
    )
    return {name: Share(share.at(row), effort.at(row)) for row, name in enumerate(names)}


def _people(
    live: Live,
    sheet: Sheet,
    *,
    name: str,
    shares: dict[str, Share],
    made: dict[str, dict[str, Means]],
) -> tuple[Column, Means | None]:
    """Write what a person's result is at each follow-up; None: it is a fixed value.

    Parameters
    ----------
    live, sheet
        The workbook, and where it stands.
    name
        Name of the outcome.
    shares
        Segments of the target group, by name.
    made
        By outcome and segment, the means that are written already; this one's are added.
    """
    spec = live.case.outcomes[name]
    labels = [_after(months) for months in spec.follow_up_months]
    block = sheet.block(labels, title=PERSON)
    months = block.column(
        MONTHS,
        lambda k: live.inputs.get(
            f"outcomes.{name}.follow_up_months.{k}", float(spec.follow_up_months[k])
        ),
        kind="count",
    )
    if f"outcomes.{name}" in live.fixed:
        return months, None
    made[name] = {}
    for segment, share in shares.items() or [("", None)]:
        variant = spec.segments.get(segment)
        kind = Kind(
            live=live,
            name=name,
            spec=variant.model if variant else spec,  # type: ignore[arg-type]  # an outcome's variant
            block=block,
            months=months,
            segment=segment,
            own=frozenset(variant.stated) if variant else frozenset(),
            effort=None if share is None else share.effort,
            upstream={each: made[each][segment] for each in spec.reads if each in made},
            upstream_months={
                each: live.case.outcomes[each].follow_up_months for each in spec.reads
            },
        )
        made[name][segment] = write_means(kind.spec, kind=kind)
    if not shares:
        return months, made[name][""]
    return months, _weighted(spec, block=block, parts=made[name], shares=shares)


def _weighted(
    spec: OutcomeModel, *, block: Block, parts: dict[str, Means], shares: dict[str, Share]
) -> Means:
    """Write the mean over segments, weighted by their shares of those who come."""
    lists = [parts[segment].each() for segment in shares]
    weights = [share.share for share in shares.values()]
    shown = any(part.seen_without for part in parts.values())
    rows = range(block.rows)
    whole: list[list[Formula]] = []
    for position, title in enumerate(TITLES if shown else TITLES[:2]):
        cells = [
            added([w * each[position][k] for w, each in zip(weights, lists, strict=True)])
            for k in rows
        ]
        column = block.column(
            Words(da=f"{title.da}, alle", en=f"{title.en}, all"),
            cells,
            kind="share" if spec.is_indicator else "number",
            note=Words(da="vægtet med andelene", en="weighted by the shares"),
        )
        whole.append([column.at(k) for k in rows])
    seen = whole[2:] or [[], []]
    return Means(whole[0], whole[1], seen_without=seen[0], seen_treated=seen[1])


def _after(months: int) -> Words:
    return Words(da=f"efter {months} måneder", en=f"after {months} months")


def _everybody(
    live: Live,
    sheet: Sheet,
    *,
    name: str,
    delivery: Delivery,
    months: Column,
    means: Means | None,
) -> SeenOutcome:
    """Write what the results of everybody come to, one row per cohort and follow-up.

    Parameters
    ----------
    live, sheet
        The workbook, and where it stands.
    name
        Name of the outcome.
    delivery
        Who comes.
    months
        Follow-ups.
    means
        Mean results of a person; None: they are values of the library.
    """
    spec = live.case.outcomes[name]
    follow_ups, cohorts = len(spec.follow_up_months), len(delivery.start)
    cells = [(c, k) for c in range(cohorts) for k in range(follow_ups)]
    labels = [
        Words(
            da=f"hold {c + 1}, {spec.follow_up_months[k]} mdr.",
            en=f"cohort {c + 1}, {spec.follow_up_months[k]} months",
        )
        for c, k in cells
    ]
    block = sheet.block(labels, title=EVERYBODY)
    people = {
        "referred": delivery.referred,
        "started": delivery.started,
        "completed": delivery.completed,
    }[spec.among]
    at = block.column(
        Words(da="tidspunkt (måned i casen)", en="date (month of the case)"),
        (delivery.start[c] + months.at(k) for c, k in cells),
        kind="number",
        note=Words(da="holdets start + opfølgning", en="start of the cohort + follow-up"),
    )
    number = block.column(
        Words(da="personer, der tæller", en="people who count"),
        (people[c] for c, _ in cells),
        kind="number",
    )
    lists = _mean_columns(live, spec, name=name, cells=cells, means=means, block=block)
    without, treated = lists[0], lists[1]
    achieved = block.column(
        Words(da="opnået", en="achieved"),
        (number.at(row) * treated.at(row) for row in range(len(cells))),
        kind="number",
        note=Words(da="personer * resultat med", en="people * result with"),
    )
    anyway = block.column(
        Words(da="ville være opnået alligevel", en="expected without"),
        (number.at(row) * without.at(row) for row in range(len(cells))),
        kind="number",
        note=Words(da="personer * resultat uden", en="people * result without"),
    )
    additional = block.column(
        Words(da="ekstra", en="additional"),
        (achieved.at(row) - anyway.at(row) for row in range(len(cells))),
        kind="number",
        note=Words(da="opnået - alligevel", en="achieved - expected without"),
    )

    def grid(column: Column) -> list[list[Formula]]:
        return [[column.at(c * follow_ups + k) for k in range(follow_ups)] for c in range(cohorts)]

    return SeenOutcome(
        follow_up=[months.at(k) for k in range(follow_ups)],
        at=grid(at),
        people=[number.at(c * follow_ups) for c in range(cohorts)],
        without=grid(without),
        achieved_mean=grid(treated),
        achieved=grid(achieved),
        additional=grid(additional),
        seen_without=grid(lists[2]),
        seen_treated=grid(lists[3]),
    )


def _mean_columns(
    live: Live,
    spec: OutcomeModel,
    *,
    name: str,
    cells: list[tuple[int, int]],
    means: Means | None,
    block: Block,
) -> tuple[Column, Column, Column, Column]:
    """Write a person's mean results by cohort and follow-up: as they are, and as they are shown.

    Where an instrument shows what is, the same columns stand for both.
    """
    if means is not None:
        lists = [means.without, means.treated, means.seen_without, means.seen_treated]
        values = [[each[k] for _, k in cells] if each else [] for each in lists]
    else:
        values = _of_the_library(live, name=name, cells=cells)
    kind: Literal["share", "number"] = "share" if spec.is_indicator else "number"
    columns = [
        block.column(title, each, kind=kind, style="fixed" if means is None else None)
        for title, each in zip(TITLES, values, strict=True)
        if each
    ]
    return columns[0], columns[1], columns[-2], columns[-1]


def _of_the_library(live: Live, *, name: str, cells: list[tuple[int, int]]) -> list[list[Formula]]:
    """Return the mean results of the base case, in the order of the cells."""
    worlds = live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    path = worlds[0].paths[name]
    means = [path.counterfactual, path.expected]
    if path.reported is not None:
        means += [path.reported.counterfactual, path.reported.expected]
    found = [[lift(float(mean[c, k, 0])) for c, k in cells] for mean in means]
    return [*found, *([] for _ in range(len(TITLES) - len(found)))]
