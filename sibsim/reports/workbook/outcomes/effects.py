"""Columns that carry an effect from where it was found to each follow-up here.

An effect is first carried over (`transport`): ln here = tau ln effect for a ratio, here = tau
effect for a difference. Then it is multiplied by the share of the full effect at the time
(`profile`), and by the effort that people get. What differs between places at random (omega) is 0
in the base case.
Source: docs/model.md, section 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from sibsim.core.effects import TimeProfile
from sibsim.core.words import Words
from sibsim.reports.workbook.formulas import (
    Formula,
    largest,
    lift,
    logarithm,
    power_of_e,
    smallest,
    where,
)
from sibsim.reports.workbook.formulas import cut as cut_to
from sibsim.reports.workbook.outcomes.kinds import Kind

MONTHS_PER_YEAR = 12
"""Months of a year."""

LOG_ODDS_PER_SD = {
    "standardised_difference": math.pi / math.sqrt(3.0),
    "standardised_difference_cox": 1.65,
}
"""Log odds per standardised difference: the logistic distribution's, and Cox's (1970)."""

RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio", "rate_ratio")
"""Scales on which an effect acts as a logarithm."""

IN_STUDY = Words(da="effekt, som angivet", en="effect as stated")
LOG_EFFECT = Words(da="ln(effekt)", en="ln(effect)")
HERE = Words(da="effekt her", en="effect here")
SHARE = Words(da="andel af fuld effekt", en="share of full effect")
AT_STUDY = Words(da="andel, da effekten blev målt", en="share when the effect was measured")
COURSE = Words(da="effektens forløb", en="course of the effect")
MOVED = Words(da="forskydning", en="shift")


def share_of_full(
    profile: TimeProfile,
    months: Formula,
    *,
    cell: Callable[[str, float | None], Formula | None],
) -> Formula:
    """Return the share of the full effect some months after the start of service.

    min(x / x_r, 1) times the floor and what fades, or growth; 0 after the last month.

    Parameters
    ----------
    profile
        The time profile.
    months
        Months from the start of service, x.
    cell
        Returns the cell of a field of the profile, or None where it is not stated.
    """
    ramp = cell("full_after_months", profile.full_after_months)
    hold = cell("hold_months", profile.hold_months)
    found: Formula = lift(1)
    if ramp is not None:
        found = where(ramp > 0, smallest(months / ramp, 1), 1)
    late = largest(months - (ramp or lift(0)) - (hold or lift(0)), 0)
    life = cell("half_life_months", profile.half_life_months)
    growth = cell("growth_per_year", profile.growth_per_year)
    if life is not None:
        floor = cell("floor", profile.floor) or lift(0)
        found = found * (floor + (1 - floor) * lift(2) ** (-(late / life)))
    elif growth is not None:
        found = found * (1 + growth) ** (late / MONTHS_PER_YEAR)
    until = cell("until_months", profile.until_months)
    return found if until is None else where(months > until, 0, found)


def course(
    kind: Kind, profile: TimeProfile | None, *, measured_at: float | None
) -> list[Formula | None]:
    """Write the course of the effect and return it at each follow-up; None: all of it.

    Parameters
    ----------
    kind
        The people.
    profile
        The time profile; None: the effect is the same at every follow-up.
    measured_at
        When the effect was measured, in months from the start of service; None: not stated.
    """
    rows = range(kind.block.rows)
    effort = kind.effort
    if profile is None:
        return [effort for _ in rows]

    def cell(field: str, value: float | None) -> Formula | None:
        return kind.stated(f"profile.{field}", value=value)

    share = kind.block.column(
        kind.titled(SHARE),
        lambda k: share_of_full(profile, kind.months.at(k), cell=cell),
        kind="factor",
        note=Words(
            da="lineær optrapning, fuld effekt i en tid, så aftagende eller voksende",
            en="a linear ramp, full for a time, then fading or growing",
        ),
    )
    if measured_at is None and effort is None:
        return [share.at(k) for k in rows]
    there: Formula | None = None
    if measured_at is not None:
        measured = kind.cell("effect.measured_at_months", otherwise=measured_at)
        column = kind.block.column(
            kind.titled(AT_STUDY),
            lambda _: share_of_full(profile, measured, cell=cell),
            kind="factor",
        )
        there = column.at(0)

    def now(k: int) -> Formula:
        found = share.at(k) if there is None else share.at(k) / there
        return found if effort is None else found * effort

    whole = kind.block.column(
        kind.titled(COURSE),
        now,
        kind="factor",
        note=Words(
            da="andelen nu / andelen, da effekten blev målt (gange indsats pr. person i segmentet)",
            en="the share now / the share when measured (times the effort in the segment)",
        ),
    )
    return [whole.at(k) for k in rows]


def shift(
    kind: Kind,
    *,
    scale: str,
    value: float,
    carried: bool,
    profile: TimeProfile | None,
    measured_at: float | None,
    probability: bool,
) -> list[Formula]:
    """Write the effect as it holds here at each follow-up, on its additive scale.

    Parameters
    ----------
    kind
        The people.
    scale
        Scale of the effect.
    value
        Its base value.
    carried
        Whether a transport is stated.
    profile, measured_at
        As in `course`.
    probability
        Whether it acts on a probability; else on a mean.
    """
    effect = kind.cell("effect", otherwise=value)
    rows = range(kind.block.rows)
    log = scale in RATIOS
    found = kind.block.column(
        kind.titled(LOG_EFFECT if log else IN_STUDY),
        lambda _: logarithm(effect) if log else effect,
        kind="factor",
    )
    if carried:
        tau = kind.cell("transport.tau", otherwise=1.0)
        stated = found
        found = kind.block.column(
            kind.titled(HERE),
            lambda k: tau * stated.at(k),
            kind="factor",
            note=Words(
                da="den del, der kan overføres (tau)", en="the part that carries over (tau)"
            ),
        )
    strength = course(kind, profile, measured_at=measured_at)
    per_sd = LOG_ODDS_PER_SD.get(scale) if probability else None
    if all(each is None for each in strength) and per_sd is None:
        return [found.at(k) for k in rows]

    def moved(k: int) -> Formula:
        here, factor = found.at(k), strength[k]
        if factor is not None:
            here = here * factor
        return here if per_sd is None else here * per_sd

    moves = kind.block.column(
        kind.titled(MOVED),
        moved,
        kind="factor",
        note=Words(
            da="effekten her gange dens forløb, på den skala, hvor den lægges til",
            en="the effect here times its course, on the scale on which it is added",
        ),
    )
    return [moves.at(k) for k in rows]


def raised(chance: Formula, by: Formula, *, scale: str) -> Formula:
    """Return a probability with an effect.

    Odds ratio and standardised differences logit p + b; hazard ratio 1 - (1 - p)^(e^b); risk ratio
    p e^b and difference p + b, both cut to [0, 1].

    Parameters
    ----------
    chance
        The probability without it, p.
    by
        The shift, b.
    scale
        Scale of the effect.
    """
    if scale == "hazard_ratio":
        return 1 - (1 - chance) ** power_of_e(by)
    if scale == "risk_ratio":
        return cut_to(chance * power_of_e(by), low=0, high=1)
    if scale == "risk_difference":
        return cut_to(chance + by, low=0, high=1)
    odds = chance * power_of_e(by)
    return odds / (odds + 1 - chance)
