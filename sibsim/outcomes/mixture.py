"""People of several segments together: one path of an outcome from the path of each segment.

A person belongs to one segment and has the result of that one. What is expected of a cohort weighs
the segments by the people who really came; the law of a person who has not been seen weighs them by
their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator, added
from sibsim.core.paths import Law, OutcomePath
from sibsim.core.stages import Group
from sibsim.core.streams import Layer, sorted_by
from sibsim.outcomes.occupancy import OfSegments


@dataclass(frozen=True, slots=True)
class Mixture:
    """The law of a person who belongs to each segment with some probability."""

    laws: tuple[Law, ...]
    """Law of each segment."""

    shares: FloatArray
    """Probability of each segment, (S, 1 or D)."""

    @property
    def mean(self) -> FloatArray:
        """Return sum w m, (K, 1 or D)."""
        return self._over([law.mean for law in self.laws])

    @property
    def variance(self) -> FloatArray:
        """Return sum w (v + m^2) - (sum w m)^2, (K, 1 or D)."""
        square = self._over([law.variance + law.mean**2 for law in self.laws])
        return np.maximum(square - self.mean**2, 0.0)

    def at_least(self, level: float) -> FloatArray:
        """Return sum w P(result >= level), (K, 1 or D)."""
        return self._over([law.at_least(level) for law in self.laws])

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return the result of each person, by the law of the segment that is drawn for each."""
        found = [
            law.draw(layer, stream=f"{stream}/{position}", people=people)
            for position, law in enumerate(self.laws)
        ]
        if not layer.on:
            return np.broadcast_to(self.mean, (people, *self.mean.shape))
        words = layer.words(f"{stream}/segments", rows=people)
        return combined(sorted_by(words, shares=self.shares), found)

    def _over(self, each: Sequence[FloatArray]) -> FloatArray:
        return added([share * of for share, of in zip(self.shares, each, strict=True)])


def combined(within: Sequence[Indicator], value: Sequence[Indicator]) -> Indicator:
    """Return of every person the result in the own segment, (P, K, 1 or D).

    Parameters
    ----------
    within
        By segment, who belongs to it, (P, 1 or D).
    value
        By segment, what everybody's result would be there, (P, K, 1 or D).
    """
    parts = [who[:, np.newaxis] * each for who, each in zip(within, value, strict=True)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def together(parts: Mapping[str, OutcomePath], *, groups: Mapping[str, Group]) -> OutcomePath:
    """Return the path of all people from the path of each segment.

    Parameters
    ----------
    parts
        The path of each segment, by its name.
    groups
        Who belongs to each.
    """
    paths = tuple(parts.values())
    first = paths[0]
    # Empty where only numbers of people are drawn.
    cohorts = range(len(first.value))
    people = added([path.people for path in paths], shape=first.people.shape)
    members = [[path.member[c] for path in paths] for c in cohorts]
    shares = np.stack(np.broadcast_arrays(*(groups[name].share for name in parts)))
    laws = [
        [Mixture(tuple(law), shares) for law in zip(*each, strict=True)]
        for each in ([path.treated for path in paths], [path.untreated for path in paths])
    ]
    reported = [path.reported for path in paths if path.reported is not None]
    occupancies = tuple(path.occupancy for path in paths if path.occupancy is not None)
    return OutcomePath(
        follow_up_months=first.follow_up_months,
        when=first.when,
        people=people,
        member=tuple(combined_members(each) for each in members),
        value=tuple(
            combined(
                [groups[name].within[c][: len(path.value[c])] for name, path in parts.items()],
                [path.value[c] for path in paths],
            )
            for c in cohorts
        ),
        achieved=added([path.achieved for path in paths], shape=first.achieved.shape),
        expected=_weighted([path.expected for path in paths], paths=paths, people=people),
        counterfactual=_weighted(
            [path.counterfactual for path in paths], paths=paths, people=people
        ),
        treated=tuple(laws[0]),
        untreated=tuple(laws[1]),
        clipped=added([path.clipped for path in paths]),
        counted=first.counted,
        reported=(
            together(dict(zip(parts, reported, strict=True)), groups=groups) if reported else None
        ),
        parts=parts,
        occupancy=OfSegments(occupancies) if occupancies else None,
    )


def combined_members(members: Sequence[Indicator]) -> Indicator:
    """Return who counts in any segment, (P, 1 or D)."""
    total = members[0]
    for each in members[1:]:
        total = total + each
    return total


def _weighted(
    means: Sequence[FloatArray], *, paths: Sequence[OutcomePath], people: FloatArray
) -> FloatArray:
    """Return the mean over people of all segments, (C, K, 1 or D); 0 where there is nobody."""
    total = added(
        [path.people[:, np.newaxis] * mean for path, mean in zip(paths, means, strict=True)]
    )
    number = people[:, np.newaxis]
    return np.divide(
        total,
        number,
        out=np.zeros(np.broadcast_shapes(total.shape, number.shape)),
        where=number > 0,
    )
