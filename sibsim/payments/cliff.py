"""A cliff: an amount that is paid in full when several conditions all hold, and else not at all.

Each condition is a level that a result of all cohorts has to reach. A contract may pay a smaller
amount at lower levels: every condition then has as many levels as there are amounts, and an amount
is paid where each condition reaches its level for that amount.

Sources: South Carolina Nurse-Family Partnership, a partial payment from 90 % of the effect that
pays in full: preterm births down 13.5 or 15 %, births within 24 months 18 or 20 %, injuries 23.4 or
26 % (Harvard T.H. Chan, "Pay for success interim results",
https://www.hsph.harvard.edu/sc-nfp-study/the-results/pay-for-success-interim-results/, 2021);
GO Lab, INDIGO (https://golab-indigo-data-store.herokuapp.com, 2025): POJ-0017, Mother Teresa
school, 82 % pays principal and interest, 75 % three quarters of the principal; POJ-0224, Russia,
at least 90 % of every indicator or nothing.

Assumes that the amount is settled when the last of the results is known, and that a condition of
which nothing is measured does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Flag, Money
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, listing, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.reading import Reading
from sibsim.payments.schedule import Level, PooledResult
from sibsim.payments.table_line import holding

_PATTERN = Words(
    da="{payer} betaler for alle hold under ét, når det sidste hold er målt ved {design}: "
    "{amounts}, ellers intet{closing}",
    en="{payer} pays for all cohorts together, once the last cohort is measured by {design}: "
    "{amounts}, otherwise nothing{closing}",
)
_AT_LEAST = {
    True: Words(da="mindst", en="at least"),
    False: Words(da="mere end", en="more than"),
}


def _as_list(value: object) -> object:
    """Read one number as a list of one."""
    return (value,) if isinstance(value, int | float) else value


_ONE_OR_MORE = BeforeValidator(_as_list)


class Condition(PooledResult):
    """A level that a result has to reach, one for each amount."""

    at_least: Annotated[tuple[Level, ...], _ONE_OR_MORE]
    """Level to reach, such as 0.82 for 82 %, or in the outcome's unit: one number, or a list that
    never falls with one level for each amount of `pays`."""

    @property
    def asked(self) -> tuple[float, ...]:
        """The levels, one for each amount."""
        return self.at_least


class Cliff(PaymentModel):
    """A payment that depends on several conditions, all of which have to hold.

    due = the highest amount i for which every condition reaches its level i, else nothing; a level
    is reached at x >= level (x > level where not inclusive), with a tolerance of 1e-9. Differs from
    a step table in that it can read several measures, of which the worst decides.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    model: Literal["cliff"] = "cliff"
    """Name of the payment model."""

    pays: Annotated[tuple[Money, ...], _ONE_OR_MORE]
    """What is paid when all conditions hold, in the case's currency: one amount, or a rising list,
    the partial amounts first."""

    inclusive: Flag
    """Whether a result on a level reaches it: 82 % or more (true), or more than 82 % (false)."""

    conditions: tuple[Condition, ...]
    """The conditions; all of them have to hold."""

    @model_validator(mode="after")
    def _levels_fit_amounts(self) -> Self:
        kind = "cliff"
        if not self.conditions or not self.pays:
            message = (
                "got no conditions or no amount; a cliff needs one at least of each; write "
                "conditions = [{ reads = ..., of = ..., at_months = ..., at_least = ... }]"
            )
            raise PydanticCustomError(kind, message)
        if any(low >= high for low, high in pairwise(self.pays)):
            message = (
                "got pays = {pays}; partial amounts stand first and every next one is more; write "
                "them in rising order"
            )
            raise PydanticCustomError(kind, message, {"pays": str(list(self.pays))})
        for each in self.conditions:
            context = {
                "reads": each.reads,
                "levels": str(list(each.at_least)),
                "amounts": len(self.pays),
            }
            if len(each.at_least) != len(self.pays):
                message = (
                    "got at_least = {levels} for '{reads}' and {amounts} amounts; each condition "
                    "has one level for each amount of pays; add levels or drop amounts"
                )
                raise PydanticCustomError(kind, message, context)
            if any(low > high for low, high in pairwise(each.at_least)):
                message = (
                    "got at_least = {levels} for '{reads}'; a larger amount never asks for less; "
                    "write levels that rise or stay"
                )
                raise PydanticCustomError(kind, message, context)
        return self

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line: monotone unless a condition asks for a fall."""
        return holding(self.declares, readings=self.readings)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The reports of the conditions, in their order."""
        return tuple(each.reading(field="conditions") for each in self.conditions)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        results = [each.result(measured, standing=standing) for each in self.conditions]
        paid: FloatArray = np.zeros(1)
        for level, amount in enumerate(self.pays):
            reached = np.ones(1, dtype=np.bool_)
            for each, result in zip(self.conditions, results, strict=True):
                found = result.reaches(each.at_least[level], inclusive=self.inclusive)
                reached = np.logical_and(reached, found)
            paid = np.where(reached, amount, paid)
        when = results[0].when
        for result in results[1:]:
            when = np.maximum(when, result.when)
        return collect([Claim(paid, when)], terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "design": words.design,
            "amounts": self._amount_words(words),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _amount_words(self, words: MeasureWords) -> Words:
        """Return every amount with its levels, the full one first."""
        at_least = _AT_LEAST[self.inclusive]
        amounts = [money(amount, currency=words.currency) for amount in self.pays]
        asked = []
        for each in self.conditions:
            what, level = each.words(words), each.level_words(each.at_least[-1], words=words)
            asked.append(
                Words(
                    da=f"{what.da} er {at_least.da} {level.da}",
                    en=f"{what.en} is {at_least.en} {level.en}",
                )
            )
        full = listing(asked)
        said = [Words(da=f"{amounts[-1].da}, hvis {full.da}", en=f"{amounts[-1].en} if {full.en}")]
        order = Words(da=" i samme rækkefølge", en=" in the same order")
        if len(self.conditions) == 1:
            order = Words(da="", en="")
        for tier in reversed(range(len(self.pays) - 1)):
            levels = listing(
                [each.level_words(each.at_least[tier], words=words) for each in self.conditions]
            )
            said.append(
                Words(
                    da=f"{amounts[tier].da} ved {at_least.da} {levels.da}{order.da}",
                    en=f"{amounts[tier].en} for {at_least.en} {levels.en}{order.en}",
                )
            )
        return Words(
            da="; ".join(each.da or "" for each in said),
            en="; ".join(each.en or "" for each in said),
        )


Model = Cliff
