"""The people whom an outcome describes alike, and how a formula finds what is stated for them.

Without segments of the target group they are everybody; with segments, each segment by itself, with
the fields that it states itself and the others as stated for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sibsim.core.words import Words
from sibsim.outcomes.base import OutcomeModel
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import Formula, lift
from sibsim.reports.workbook.model import Live

if TYPE_CHECKING:
    from sibsim.reports.workbook.outcomes.chains import Trace


@dataclass(frozen=True, eq=False)
class Means:
    """Mean result of a person at each follow-up, as it is and as an instrument shows it."""

    without: Sequence[Formula]
    """Without the intervention."""

    treated: Sequence[Formula]
    """With it."""

    seen_without: Sequence[Formula] = ()
    """Without it, as the instrument shows it; empty: as it is."""

    seen_treated: Sequence[Formula] = ()
    """With it, as the instrument shows it; empty: as it is."""

    change: tuple[Sequence[Formula], Sequence[Formula]] | None = None
    """Mean change of a score without and with the intervention, before it is counted."""

    spread: Sequence[Formula] = ()
    """Standard deviation of the true change of a score."""

    trace: Trace | None = None
    """Who is in which state after each step, of an outcome of states."""

    def each(self) -> tuple[Sequence[Formula], ...]:
        """Return the four lists, an instrument without error showing what is."""
        return (
            self.without,
            self.treated,
            self.seen_without or self.without,
            self.seen_treated or self.treated,
        )


@dataclass(frozen=True, eq=False)
class Kind:
    """People who are alike, and the block in which their means are worked out."""

    live: Live
    """The workbook."""

    name: str
    """Name of the outcome."""

    spec: OutcomeModel
    """The outcome as stated for them."""

    block: Block
    """One row per follow-up."""

    months: Column
    """Follow-ups in months from the start of service."""

    segment: str = ""
    """Name of the segment; empty: everybody."""

    own: frozenset[str] = frozenset()
    """Fields that the segment states itself."""

    effort: Formula | None = None
    """Effort that a person gets as a share of the usual; None: as everybody else."""

    upstream: Mapping[str, Means] = field(default_factory=dict)
    """Means of the outcomes that are read, of the same people."""

    upstream_months: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Follow-ups of these outcomes."""

    def path(self, place: str) -> str:
        """Return the path of something that is stated, such as `transport.tau`."""
        stated = place.partition(".")[0]
        if self.segment and stated in self.own:
            return f"outcomes.{self.name}.segments.{self.segment}.{place}"
        return f"outcomes.{self.name}.{place}"

    def cell(self, place: str, *, otherwise: float) -> Formula:
        """Return the cell of something that is stated, or a plain number where no row holds it.

        Parameters
        ----------
        place
            Its path below the outcome.
        otherwise
            The number.
        """
        return self.live.inputs.get(self.path(place), otherwise)

    def stated(self, place: str, *, value: float | None) -> Formula | None:
        """Return the cell of something that may be left out; None where it is.

        Parameters
        ----------
        place
            Its path below the outcome.
        value
            What the outcome says; None or 0: nothing, unless the case file states it.
        """
        if self.path(place) in self.live.inputs:
            return self.live.inputs[self.path(place)]
        return lift(value) if value else None

    def follow_ups(self, place: str) -> list[Formula]:
        """Return a quantity that is stated once or once per follow-up, at each follow-up.

        Parameters
        ----------
        place
            Name of the field.
        """
        stated = getattr(self.spec, place)
        rows = range(self.block.rows)
        if not isinstance(stated, tuple):
            return [self.cell(place, otherwise=_base(stated)) for _ in rows]
        return [self.cell(f"{place}.{k}", otherwise=_base(stated[k])) for k in rows]

    def titled(self, title: Words) -> Words:
        """Return the title of a column, with the segment that it is about."""
        if not self.segment:
            return title
        group = self.live.case.target_group
        known = group.segments[self.segment].title if group else None
        names = [known.in_language(lang) if known else self.segment for lang in ("da", "en")]
        return Words(da=f"{title.da} ({names[0]})", en=f"{title.en} ({names[1]})")


def _base(stated: object) -> float:
    """Return the base value of a quantity, or a plain number."""
    found = getattr(stated, "base_value", stated)
    return float(found)  # type: ignore[arg-type]  # a quantity or a number
