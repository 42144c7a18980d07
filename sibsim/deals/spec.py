"""What the file of a published contract holds beside its terms: reports, runs, figures."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.spec import Date, Flag, Frozen, Money, Months, Number, Spec
from sibsim.core.words import Words

Grade = Literal["A", "A-part", "B", "C"]
"""How much of a contract is public: A terms, outcome and payment, and they agree; A-part the same
for a branch, a year or a component; B a gap or a conflict; C a narrative only."""

Kind = Literal["forward", "boundary", "inverse"]
"""What a published figure tests: forward, terms and outcome give it; boundary, a cap, floor or
threshold gives it; inverse, an outcome was inferred from it, or it was itself entered, so that it
proves nothing."""


class About(Spec):
    """What kind of contract it is, and how much of it is public."""

    place: str
    """Where."""

    summary: Words
    """The contract in a sentence or two."""

    grade: Grade
    """How much of it is public."""

    not_public: tuple[str, ...] = ()
    """What could not be found in public."""

    conflicts: tuple[str, ...] = ()
    """Where sources disagree, both figures."""

    note: str | None = None
    """Anything a reader must know."""

    parties: Frozen[Words] = Frozen()
    """What parties are called in sentences, by ledger name: payers, investors, guarantors and who
    gets the surplus. Who is missing is called as in the ledger. English names take a singular verb:
    `the group of investors`."""


class DealMeasure(Spec):
    """What is reported, in words and dates."""

    title: Words
    """What is measured."""

    design: Words
    """How it is measured, such as `a randomised trial`."""

    compared: Flag = False
    """Whether a comparison is reported."""

    counted_in: str = ""
    """What a person's result is a number of, such as `days` or `events`; without it yes or no."""

    follow_up_months: Annotated[tuple[Months, ...], Field(min_length=1)]
    """Follow-ups in months from the start of the cohort, in order."""


class DealReport(Spec):
    """One report: a measure, of one cohort, at one follow-up; sums may be events or days."""

    measure: str
    """Name of the measure."""

    cohort: Annotated[int, Field(strict=True, ge=1)] = 1
    """Number of the cohort, from 1."""

    at_months: Months
    """Follow-up, in months from the start of the cohort."""

    achieved: Annotated[Number, Field(ge=0)]
    """What is counted of the treated: successes, events, days or steps."""

    people: Annotated[Number, Field(ge=0)]
    """What it is counted over: people, or 100 where a rate per hundred was published."""

    comparison_achieved: Annotated[Number, Field(ge=0)] | None = None
    """The same of the comparison."""

    comparison_people: Annotated[Number, Field(gt=0)] | None = None
    """What it is counted over."""

    source: str | None = None
    """Key of the source in `[sources]`; without it the figure is an assumption."""

    note: str | None = None
    """Where it comes from in the source, or why it is assumed."""

    @model_validator(mode="after")
    def _comparison_is_whole(self) -> Self:
        if (self.comparison_achieved is None) != (self.comparison_people is None):
            kind = "reported"
            message = "got half a comparison; give comparison_achieved and comparison_people"
            raise PydanticCustomError(kind, message)
        return self


class DealCost(Spec):
    """Money that the capital financed."""

    on: Date
    """Day on which it was drawn."""

    amount: Money
    """Amount, in the deal's currency."""


class Run(Spec):
    """One settlement: what was reported, and what the capital financed."""

    title: Words
    """What the run shows."""

    reported: tuple[DealReport, ...]
    """What was measured."""

    costs: tuple[DealCost, ...] = ()
    """What the capital financed."""

    lines: tuple[str, ...] | None = None
    """Payment lines that are settled; without it all."""

    by_person: Flag = False
    """Whether the reports stand for persons, the most successful first: whoever achieves what fewer
    achieve also achieves what more achieve. Needed by limits and lines that look at one person, and
    an assumption wherever there are several. Numbers achieved are then whole."""

    note: str | None = None
    """Anything a reader must know."""


class Published(Spec):
    """A figure that was published, and how near a settlement must come."""

    title: str
    """What the figure is."""

    value: Number
    """The figure as published."""

    run: str | None = None
    """Run that computes it; None: it cannot be reproduced, `note` says why."""

    metric: str | None = None
    """Metric of the run, such as `payments_total`."""

    tolerance: Annotated[Number, Field(ge=0)] = 0.0
    """Largest accepted difference, in the unit of the figure."""

    kind: Kind
    """What the figure tests."""

    grade: Grade
    """How good the figure and what it follows from are."""

    source: str
    """Key of the source in `[sources]`."""

    note: str | None = None
    """Anything a reader must know; why the figure cannot be reproduced."""

    @model_validator(mode="after")
    def _says_how_or_why_not(self) -> Self:
        if (self.run is None) != (self.metric is None):
            message = "got half of run and metric; give both, or none and a note that says why"
        elif self.run is None and self.note is None:
            message = "got a figure that no run computes; say in note why"
        else:
            return self
        kind = "published"
        raise PydanticCustomError(kind, message)
