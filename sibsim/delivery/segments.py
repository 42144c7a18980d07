r"""Segments of the target group, and who of them is let in and helped.

Each segment has a share of the target group and a latent difficulty z, in standard deviations from
the group's mean. *Creaming* tilts enrolment: a segment is enrolled in proportion to
share x exp(-creaming z). *Parking* tilts effort: a person gets exp(-parking z) as much as another,
with total effort as planned, so that effort_s = exp(-parking z_s) / sum_r w_r exp(-parking z_r), w
the shares enrolled. Effort multiplies an effect on its additive scale. With both at 0 the segments
come and are helped as they are.

Which segment a person belongs to is chance; with chance off a person belongs to each in part.

Source: Koning and Heinrich, Cream-skimming, parking and other intended and unintended effects of
high-powered, performance-based contracts, Journal of Policy Analysis and Management 32(3), 2013
(doi 10.1002/pam.21695), for the two behaviours; the exponential form is ours.
Assumption: those referred and those who start are tilted alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, get_args

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.luck import count
from sibsim.core.parameters import Quantity, Real
from sibsim.core.spec import Frozen, Name, Number, Probability, Spec
from sibsim.core.stages import Among, Context, Group, Participation
from sibsim.core.streams import sorted_by
from sibsim.core.words import Words
from sibsim.delivery.plan import SHARE_TOLERANCE

AVERAGE = 0.0
"""Difficulty of a segment that states none: as the group's mean."""

NO_TILT = Quantity.fixed(0.0)
"""Creaming and parking that are not stated: nobody is picked, everybody is helped alike."""


class Segment(Spec):
    """A part of the target group with baselines, effects and costs of its own."""

    title: Words | None = None
    """Name of the segment for readers."""

    share: Annotated[Probability, Field(gt=0)]
    """Share of the target group, in (0, 1]; the shares of all segments sum to 1."""

    difficulty: Number = AVERAGE
    """Latent difficulty z in standard deviations from the group's mean; above 0 is harder."""

    note: str | None = None
    """Anything a reader must know."""


class Selection(Spec):
    """Who is let in and helped more than others."""

    creaming: Real = NO_TILT
    """Log of how much rarer people are enrolled per standard deviation of difficulty; 0: none."""

    parking: Real = NO_TILT
    """Log of how much less effort people get per standard deviation of difficulty; 0: none."""

    note: str | None = None
    """Why."""


def _check_names(segments: object) -> object:
    if isinstance(segments, Mapping):
        for name in segments:
            TypeAdapter(Name).validate_python(name)
    return segments


def _check_shares(segments: Frozen[Segment]) -> Frozen[Segment]:
    total = math.fsum(segment.share for segment in segments.values())
    if segments and abs(total - 1) > SHARE_TOLERANCE:
        listed = ", ".join(f"{name} {segment.share:g}" for name, segment in segments.items())
        message = f"got segments whose shares sum to {total:g} ({listed}); they must sum to 1"
        raise fault(message)
    return segments


Segments = Annotated[Frozen[Segment], BeforeValidator(_check_names), AfterValidator(_check_shares)]
"""The segments of a target group by name; their shares sum to 1."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Of which segments the people who come are, and what effort each gets."""

    names: tuple[str, ...]
    """The segments, S of them."""

    shares: FloatArray
    """Share of each among those who come, (S, 1 or D)."""

    effort: FloatArray | None
    """Effort that a person of each gets as a share of the usual, (S, 1 or D); None: all alike."""

    def belong(self, *, people: int, stream: str, context: Context) -> tuple[Indicator, ...]:
        """Return who belongs to each segment, (P, 1 or D); with chance off, in what part.

        One word a person decides, segment by segment in their order, so that more people change no
        earlier person.

        Parameters
        ----------
        people
            Number of persons, P.
        stream
            Name of the stream.
        context
            At the path of the target group.
        """
        if not context.chance.on:
            return tuple(np.broadcast_to(share, (people, len(share))) for share in self.shares)
        words = context.chance.words(stream, rows=people)
        return sorted_by(words, shares=self.shares)


def mix_of(segments: Mapping[str, Segment], *, selection: Selection, context: Context) -> Mix:
    """Return who comes of which segment and what effort they get.

    Parameters
    ----------
    segments
        The segments by name, at least one.
    selection
        Who is let in and helped more.
    context
        At the path of the target group.
    """
    tilt = context.at("selection")
    share = np.array([segment.share for segment in segments.values()])[:, np.newaxis]
    z = np.array([segment.difficulty for segment in segments.values()])[:, np.newaxis]
    enrolled = share * _tilted(tilt.value("creaming")[0], z=z)
    enrolled = enrolled / enrolled.sum(axis=0)
    if selection.parking == NO_TILT:
        return Mix(tuple(segments), enrolled, None)
    effort = _tilted(tilt.value("parking")[0], z=z)
    return Mix(tuple(segments), enrolled, effort / (enrolled * effort).sum(axis=0))


def divided(
    who: Participation,
    *,
    segments: Mapping[str, Segment],
    selection: Selection,
    context: Context,
) -> Participation:
    """Return the same people with the segments that they belong to.

    Parameters
    ----------
    who
        Who comes and stays.
    segments, selection, context
        As in `mix_of`.
    """
    mix = mix_of(segments, selection=selection, context=context)
    cohorts = range(len(who.planned))
    # Who has waited starts with a later wave than the one they were referred with.
    belong = [
        mix.belong(
            people=max(len(who.member(among, cohort=c)) for among in ("referred", "started")),
            stream=context.stream("segments", c),
            context=context,
        )
        for c in cohorts
    ]
    groups = {}
    for position, name in enumerate(mix.names):
        within = tuple(of_cohort[position] for of_cohort in belong)
        here = slice(position, position + 1)
        group = Group(
            within=within,
            people={},
            share=mix.shares[position],
            effort=None if mix.effort is None else mix.effort[here],
        )
        only = replace(who, only=group)
        numbers = {among: _numbers(only, among=among) for among in get_args(Among)}
        groups[name] = replace(group, people=numbers)
    return replace(who, segments=groups)


def _numbers(who: Participation, *, among: Among) -> FloatArray:
    """Return how many people count in each cohort, (C, 1 or D)."""
    rows = [count(who.member(among, cohort=c)) for c in range(len(who.planned))]
    return np.stack(np.broadcast_arrays(*rows))


def _tilted(slope: FloatArray, *, z: FloatArray) -> FloatArray:
    """Return exp(-slope z) up to a factor that all segments share, so that none overflows."""
    exponent = -slope * z
    return np.asarray(np.exp(exponent - exponent.max(axis=0)))
