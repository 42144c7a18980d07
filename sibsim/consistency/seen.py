"""What the checks across sections see of a case: what is valid, and the names of what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sibsim.case import Case
from sibsim.core.validation import known_or_fault
from sibsim.errors import Fault
from sibsim.evaluation.base import EvaluationDesign

HEAD = "head"
"""Stands for the first lines of a case file, which have no section of their own."""


@dataclass(frozen=True)
class Unread:
    """What has a fault of its own and is missing from the case that is checked."""

    sections: frozenset[str] = frozenset()
    """Sections that are missing as a whole; `head` for the first lines."""

    items: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of the items that are missing, by section."""

    def hides(self, path: str) -> bool:
        """Tell whether a dotted path leads into what is missing."""
        section, _, rest = path.partition(".")
        return section in self.sections or rest.partition(".")[0] in self.items.get(section, ())


@dataclass(frozen=True)
class Seen:
    """A case and what of it could not be read."""

    case: Case
    unread: Unread

    def unknown(
        self, path: str, name: str, *, section: str, what: str, way_out: str = ""
    ) -> list[Fault]:
        """Return a fault if an item of a section is named that the file does not hold."""
        if section in self.unread.sections:
            return []
        items = self.case.sections[section]
        held = {*(items if isinstance(items, Mapping) else ()), *self.unread.items.get(section, ())}
        return known_or_fault(path, name, held, what=f"{what} in [{section}]", way_out=way_out)

    def design(self, measure: str) -> EvaluationDesign | None:
        """Return the design of a measure, if it could be read."""
        return self.case.measures.get(measure)

    def follow_ups(self, measure: str) -> tuple[int, ...] | None:
        """Return the follow-ups of a measure, if it and its outcome could be read."""
        design = self.design(measure)
        outcome = self.case.outcomes.get(design.outcome) if design else None
        return outcome.follow_up_months if outcome else None

    def by_person(self, outcome: str) -> bool:
        """Return whether the people of an outcome are drawn one by one, as are those it is of."""
        waiting, known = [outcome], {outcome}
        while waiting:
            found = self.case.outcomes.get(waiting.pop())
            if found is not None:
                if not found.by_person:
                    return False
                waiting += set(found.of_people) - known
                known |= set(found.of_people)
        return True

    def names_people(self, measure: str) -> bool:
        """Return whether a report says of each participant what the result is."""
        design = self.design(measure)
        return design is None or (design.names_people and self.by_person(design.outcome))


Check = Callable[[Seen], list[Fault]]
"""A check across sections."""
