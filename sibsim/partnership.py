"""How far a partnership has come: the three phases, what is missing, what is only assumed.

The phases are those of a development partnership with Den Sociale Investeringsfond: problem, target
group and intervention; business case, result goals and payment model; evaluation design and
contract.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.spec import Sourced, walk
from sibsim.core.wording import Language, MeasureWords

if TYPE_CHECKING:
    import pandas as pd

LIKELY_HARM = 0.05
"""Above this probability of a negative effect a case must say `may_be_negative = true`."""

PHASES: Mapping[str, tuple[str, ...]] = {
    "1 problem, target group, intervention": ("problem", "target_group", "delivery", "costs"),
    "2 business case, result goals, payment model": ("outcomes", "payments", "budget"),
    "3 evaluation design and contract": ("measures", "contract", "capital", "valuation"),
}
"""The phases of a partnership and the sections each of them fills."""

NEEDED_TO_RUN = (
    "problem",
    "target_group",
    "delivery",
    "outcomes",
    "measures",
    "payments",
    "contract",
    "capital",
)
"""Sections without which there is nothing to run; costs, budget and valuation may be empty."""


@dataclass(frozen=True)
class Report:
    """What `Case.check()` says."""

    case: Case
    """The case."""

    missing: Mapping[str, tuple[str, ...]]
    """Missing sections by phase; none: the phase is complete."""

    published: tuple[str, ...]
    """Paths of the figures that were read in a source."""

    assumed: tuple[str, ...]
    """Paths of the figures that are assumptions."""

    unexplained: tuple[str, ...]
    """Paths of assumptions that give no reason."""

    remarks: tuple[str, ...]
    """What a careful reader would ask about."""

    @property
    def complete(self) -> bool:
        """Whether all three phases are complete."""
        return not any(self.missing.values())

    def __str__(self) -> str:
        """Return the report as text, one finding a line."""
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> list[str]:
        """Return the report line by line."""
        lines = [repr(self.case)[1:-1]]
        for phase, missing in self.missing.items():
            state = "complete" if not missing else f"missing: {', '.join(missing)}"
            lines.append(f"phase {phase}: {state}")
        figures = len(self.published) + len(self.assumed)
        lines.append(
            f"figures: {figures}, of which {len(self.published)} published and "
            f"{len(self.assumed)} assumed ({len(self.unexplained)} of them without a reason)"
        )
        return [*lines, *(f"note: {remark}" for remark in self.remarks)]

    def _repr_html_(self) -> str:
        first, *rest = map(html.escape, self.lines())
        return f"<b>{first}</b><ul>{''.join(f'<li>{line}</li>' for line in rest)}</ul>"


def report(case: Case) -> Report:
    """Return which phases are complete, what is missing and how much is only assumed."""
    sourced = [
        found
        for name, section in case.sections.items()
        for found in walk(section, Sourced, path=name)
    ]
    return Report(
        case=case,
        missing={
            phase: tuple(name for name in names if not case.sections[name])
            for phase, names in PHASES.items()
        },
        published=tuple(path for path, each in sourced if each.status == "published"),
        assumed=tuple(path for path, each in sourced if each.status == "assumption"),
        unexplained=tuple(
            path for path, each in sourced if each.status == "assumption" and not each.note
        ),
        remarks=tuple(_remarks(case)),
    )


def missing_to_run(case: Case) -> tuple[str, ...]:
    """Return the sections that a run needs and the case lacks."""
    return tuple(name for name in NEEDED_TO_RUN if not case.sections[name])


def _remarks(case: Case) -> list[str]:
    remarks = [
        f"outcomes.{name}: {remark}"
        for name, outcome in case.outcomes.items()
        for remark in outcome.remarks()
    ]
    for name, line in case.contract.payments.items():
        if not line.needs_comparison:
            remarks.append(f"payments.{name}: pays also for what would have happened anyway")
    capital = case.contract.capital
    if capital is not None and capital.surplus_at == "as_it_arises":
        remarks.append(
            "capital.surplus_at: released as it arises, it can leave a later drawing unpaid; a "
            "better effect then gives a worse return"
        )
    return remarks


def payment_sentences(case: Case, *, lang: Language) -> pd.DataFrame:
    """Return every payment rule as one sentence.

    Parameters
    ----------
    case
        The case.
    lang
        `da` or `en`.

    Returns
    -------
    DataFrame
        One row per payment line, its sentence in the column `rule`.
    """
    import pandas as pd

    rules = {name: _sentence(case, name=name, lang=lang) for name in case.contract.payments}
    frame = pd.DataFrame({"rule": rules})
    frame.index.name = "payment"
    return frame


def _sentence(case: Case, *, name: str, lang: Language) -> str:
    line = case.contract.payments[name]
    measure = case.measures[line.reads]
    outcome = case.outcomes[measure.outcome]
    terms = case.contract.terms
    payer = terms.payer if terms else ""
    if case.problem and payer == case.problem.authority and case.problem.municipality:
        payer = case.problem.municipality
    words = MeasureWords(
        outcome=outcome.title or measure.outcome,
        design=measure.words(),
        payer=payer,
        currency=case.head.currency,
    )
    return line.describe(lang, words=words)
