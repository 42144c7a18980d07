"""Mean result of a person without and with the intervention, one function per outcome model.

Binary outcomes by effect, uplift or success rate, with what another outcome adds to them; counts
and days by their mean; scores by the normal distribution of a change; a threshold of a score. What
depends on a luck that people keep (`persistence`), or on another outcome's result of the same
person (`given`), changes no mean. Source: docs/model.md, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from sibsim.case import Case
from sibsim.core.words import Words
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.count import Count
from sibsim.outcomes.days import Days
from sibsim.outcomes.mean_outcome import MeanOutcome
from sibsim.outcomes.score import Score
from sibsim.outcomes.threshold import SIDES, Threshold
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    cut,
    largest,
    lift,
    logarithm,
    normal,
    power_of_e,
    root,
    where,
)
from sibsim.reports.workbook.outcomes.effects import course, raised, shift
from sibsim.reports.workbook.outcomes.kinds import Kind, Means

WITHOUT = Words(da="uden indsatsen", en="without the intervention")
TREATED = Words(da="med indsatsen", en="with the intervention")
DIRECT = Words(da="med indsatsen, direkte", en="with the intervention, directly")
ADDED = Words(da="bidrag fra det andet resultat", en="what the other outcome adds")
LEAST = Words(da="lavest mulige", en="lowest possible")
MOST = Words(da="højest mulige", en="highest possible")
CHANGE_WITHOUT = Words(da="ændring uden indsatsen", en="change without the intervention")
CHANGE_TREATED = Words(da="ændring med indsatsen", en="change with the intervention")
SD_TRUE = Words(da="spredning, sand ændring", en="sd of the true change")
SEEN_WITHOUT = Words(da="uden, som målt", en="without, as measured")
SEEN_TREATED = Words(da="med, som målt", en="with, as measured")


@singledispatch
def why_fixed(spec: OutcomeModel, *, case: Case) -> Words | None:
    """Return why the means of an outcome follow no input; None where they do.

    Parameters
    ----------
    spec
        The outcome.
    case
        The case.
    """
    del case
    return Words(
        da=f"Middelværdierne i en model af typen {spec.model} er faste tal fra programmet.",
        en=f"The means of a model of type {spec.model} are fixed numbers of the program.",
    )


@why_fixed.register(Binary)
@why_fixed.register(Count)
@why_fixed.register(Days)
@why_fixed.register(Score)
def _live(spec: OutcomeModel, *, case: Case) -> Words | None:
    del spec, case
    return None


@why_fixed.register
def _of_level(spec: Threshold, *, case: Case) -> Words | None:
    other = case.outcomes[spec.of]
    if isinstance(other, Score) and not other.levels:
        return None
    return Words(
        da="Andelen over eller under grænsen følger af hele fordelingen, som intet regneark har en "
        "formel for; den er et fast tal og følger ikke input.",
        en="The share beyond the level follows from a whole distribution for which no workbook has "
        "a formula; it is a fixed number and follows no input.",
    )


@singledispatch
def write_means(spec: OutcomeModel, *, kind: Kind) -> Means:
    """Write the columns of a person's mean result and return it at each follow-up.

    Parameters
    ----------
    spec
        The outcome as stated for the people.
    kind
        The people.
    """
    del kind
    message = f"no formulas for {spec.model}; `why_fixed` says so"
    raise NotImplementedError(message)


@write_means.register
def _binary(spec: Binary, *, kind: Kind) -> Means:
    rows = range(kind.block.rows)
    base = kind.follow_ups("counterfactual")
    without = kind.block.column(kind.titled(WITHOUT), base, kind="share")
    p0 = [without.at(k) for k in rows]
    found, note = _directly(spec, kind=kind, p0=p0)
    title = TREATED if spec.mediation is None else DIRECT
    treated = kind.block.column(kind.titled(title), found, kind="share", note=note)
    if spec.mediation is not None:
        treated = _carried_on(spec, kind=kind, direct=[treated.at(k) for k in rows])
    return Means(without=p0, treated=[treated.at(k) for k in rows])


def _directly(spec: Binary, *, kind: Kind, p0: list[Formula]) -> tuple[list[Formula], Words]:
    """Return the probability with the effect that the outcome itself states, and it in words."""
    effort = kind.effort or lift(1)
    if spec.uplift is not None:
        more = kind.follow_ups("uplift")
        share = more if kind.effort is None else [each * effort for each in more]
        note = Words(da="uden + uplift, mellem 0 og 1", en="without + uplift, between 0 and 1")
        return [cut(p + m, low=0, high=1) for p, m in zip(p0, share, strict=True)], note
    if spec.success_rate is not None:
        stated = kind.follow_ups("success_rate")
        note = Words(da="succesraten, som angivet", en="the success rate as stated")
        if kind.effort is None:
            return stated, note
        return [
            cut(p + effort * (rate - p), low=0, high=1) for p, rate in zip(p0, stated, strict=True)
        ], note
    if spec.effect is None:
        return p0, Words(da="som uden indsatsen", en="as without the intervention")
    scale, at = spec.effect.scale, spec.effect.measured_at_months
    if scale == "success_rate":
        goal = kind.cell("effect", otherwise=spec.effect.base_value)
        strength = course(kind, spec.profile, measured_at=at)
        parts = [
            (goal - p) if g is None else g * (goal - p) for p, g in zip(p0, strength, strict=True)
        ]
        note = Words(
            da="uden + forløb * (succesrate - uden)",
            en="without + course * (success rate - without)",
        )
        return [cut(p + part, low=0, high=1) for p, part in zip(p0, parts, strict=True)], note
    by = shift(
        kind,
        scale=scale,
        value=spec.effect.base_value,
        carried=spec.transport is not None,
        profile=spec.profile,
        measured_at=at,
        probability=True,
    )
    return [raised(p, b, scale=scale) for p, b in zip(p0, by, strict=True)], _SAID[scale]


_SAID = {
    "odds_ratio": Words(da="odds uden * e^forskydning", en="odds without * e^shift"),
    "standardised_difference": Words(da="odds uden * e^forskydning", en="odds without * e^shift"),
    "standardised_difference_cox": Words(
        da="odds uden * e^forskydning", en="odds without * e^shift"
    ),
    "hazard_ratio": Words(da="1 - (1 - uden)^(e^forskydning)", en="1 - (1 - without)^(e^shift)"),
    "risk_ratio": Words(da="uden * e^forskydning, højst 1", en="without * e^shift, at most 1"),
    "risk_difference": Words(
        da="uden + forskydning, mellem 0 og 1", en="without + shift, between 0 and 1"
    ),
}


def _carried_on(spec: Binary, *, kind: Kind, direct: list[Formula]) -> Column:
    """Write what another outcome adds and return the probability with it."""
    link = spec.mediation
    assert link is not None  # noqa: S101 - the caller checks
    other = kind.upstream[link.through]
    at = list(kind.upstream_months[link.through]).index(link.at_months)
    ratio = kind.cell(
        "mediation.odds_ratio_per_unit", otherwise=link.odds_ratio_per_unit.base_value
    )
    more = kind.block.column(
        kind.titled(ADDED),
        lambda _: (other.treated[at] - other.without[at]) * logarithm(ratio),
        kind="factor",
        note=Words(
            da="(middel med - middel uden) * ln(oddsratio pr. enhed)",
            en="(mean with - mean without) * ln(odds ratio per unit)",
        ),
    )
    return kind.block.column(
        kind.titled(TREATED),
        lambda k: raised(direct[k], more.at(k), scale="odds_ratio"),
        kind="share",
        note=_SAID["odds_ratio"],
    )


@write_means.register
def _count(spec: Count, *, kind: Kind) -> Means:
    without, moved = _means(spec, kind=kind)
    rows = range(kind.block.rows)
    treated = kind.block.column(
        kind.titled(TREATED),
        lambda k: largest(0, moved[k]),
        kind="number",
        note=_SAID_OF_MEANS,
    )
    return Means(without=without, treated=[treated.at(k) for k in rows])


@write_means.register
def _days(spec: Days, *, kind: Kind) -> Means:
    """Write the means of days; an effect brings nobody below or beyond the window."""
    without, moved = _means(spec, kind=kind)
    rows = range(kind.block.rows)
    least = kind.cell("lowest", otherwise=spec.lowest)
    at_least, at_most = kind.follow_ups("share_lowest"), kind.follow_ups("share_bound")
    window = kind.follow_ups("window_days")
    low = kind.block.column(
        kind.titled(LEAST), lambda k: where(at_least[k] > 0, least, least + 1), kind="number"
    )
    high = kind.block.column(
        kind.titled(MOST), lambda k: where(at_most[k] > 0, window[k], window[k] - 1), kind="number"
    )
    treated = kind.block.column(
        kind.titled(TREATED),
        lambda k: cut(moved[k], low=low.at(k), high=high.at(k)),
        kind="number",
        note=_SAID_OF_MEANS,
    )
    return Means(without=without, treated=[treated.at(k) for k in rows])


_SAID_OF_MEANS = Words(
    da="uden * e^forskydning for et forhold, uden + forskydning for en forskel; inden for det "
    "mulige",
    en="without * e^shift for a ratio, without + shift for a difference; within what is possible",
)


def _means(
    spec: MeanOutcome,
    *,
    kind: Kind,
    title: Words = WITHOUT,
    sd: list[Formula] | None = None,
) -> tuple[list[Formula], list[Formula]]:
    """Write the mean without the intervention; return it and that with it, not yet cut.

    Parameters
    ----------
    spec
        The outcome as stated for the people.
    kind
        The people.
    title
        What stands over the mean without.
    sd
        What a standardised difference counts in, at each follow-up.
    """
    rows = range(kind.block.rows)
    stated = kind.follow_ups("counterfactual")
    column = kind.block.column(kind.titled(title), stated, kind="number")
    without = [column.at(k) for k in rows]
    if spec.effect is None:
        goal = kind.follow_ups("with_intervention")
        effort = kind.effort
        if effort is None:
            return without, goal
        return without, [m + effort * (g - m) for m, g in zip(without, goal, strict=True)]
    scale = spec.effect.scale
    by = shift(
        kind,
        scale=scale,
        value=spec.effect.base_value,
        carried=spec.transport is not None,
        profile=spec.profile,
        measured_at=spec.effect.measured_at_months,
        probability=False,
    )
    if scale == "rate_ratio":
        return without, [m * power_of_e(b) for m, b in zip(without, by, strict=True)]
    if scale == "standardised_difference" and sd is not None:
        by = [b * spread for b, spread in zip(by, sd, strict=True)]
    return without, [m + b for m, b in zip(without, by, strict=True)]


@write_means.register
def _score(spec: Score, *, kind: Kind) -> Means:
    """Write the means of a score: of the true change, and of what the instrument shows."""
    rows = range(kind.block.rows)
    sd = kind.follow_ups("sd")
    without, moved = _means(spec, kind=kind, title=CHANGE_WITHOUT, sd=sd)
    column = kind.block.column(
        kind.titled(CHANGE_TREATED),
        moved,
        kind="number",
        note=Words(
            da="uden + forskydning (gange spredningen for en standardiseret forskel)",
            en="without + shift (times the sd for a standardised difference)",
        ),
    )
    treated = [column.at(k) for k in rows]
    reliability = kind.cell("reliability", otherwise=spec.reliability)
    true = kind.block.column(
        kind.titled(SD_TRUE),
        lambda k: root(reliability) * sd[k],
        kind="number",
        note=Words(da="kvadratrod af pålideligheden * spredning", en="root of reliability * sd"),
    )
    spread = [true.at(k) for k in rows]
    change = (without, treated)
    if not spec.levels:
        return Means(without, treated, change=change, spread=spread)
    least = kind.cell("minimum_important_change", otherwise=spec.minimum_important_change or 0.0)
    steps = len(spec.levels)

    def counted(title: Words, means: list[Formula], sds: list[Formula]) -> list[Formula]:
        column = kind.block.column(
            kind.titled(title),
            lambda k: added([normal((means[k] - least * (j + 1)) / sds[k]) for j in range(steps)]),
            kind="share" if spec.is_indicator else "number",
            note=Words(
                da="sum over trin af normalfordelingen i (ændring - trin * mindste vigtige "
                "ændring) / spredning",
                en="sum over steps of the normal distribution at (change - step * minimum "
                "important change) / sd",
            ),
        )
        return [column.at(k) for k in rows]

    return Means(
        counted(WITHOUT, without, spread),
        counted(TREATED, treated, spread),
        counted(SEEN_WITHOUT, without, sd),
        counted(SEEN_TREATED, treated, sd),
        change=change,
        spread=spread,
    )


@write_means.register
def _threshold(spec: Threshold, *, kind: Kind) -> Means:
    """Write the share of people whose change lies on one side of a level."""
    other = kind.upstream[spec.of]
    assert other.change is not None  # noqa: S101 - `why_fixed` lets only scores through
    at = [list(kind.upstream_months[spec.of]).index(months) for months in spec.follow_up_months]
    side = next(side for side in SIDES if getattr(spec, side) is not None)
    level = kind.cell(side, otherwise=getattr(spec, side))
    upper = side in {"at_least", "above"}

    def beyond(title: Words, means: Sequence[Formula]) -> list[Formula]:
        def share(k: int) -> Formula:
            z = (means[at[k]] - level) / other.spread[at[k]]
            return normal(z if upper else -z)

        column = kind.block.column(
            kind.titled(title),
            share,
            kind="share",
            note=Words(
                da="normalfordelingen i (ændring - grænse) / spredning",
                en="the normal distribution at (change - level) / sd",
            ),
        )
        return [column.at(k) for k in range(kind.block.rows)]

    return Means(beyond(WITHOUT, other.change[0]), beyond(TREATED, other.change[1]))
