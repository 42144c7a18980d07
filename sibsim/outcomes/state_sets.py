"""The shipped sets of states: which states people move between, and how often without help.

A set is a list of states, a step of time and the probability of every move in one step. No source
gives these probabilities: the rows are assumptions, most built on a published figure that the row's
evidence names with title, address and year. They are meant to be replaced by a user's own data.

The order of the states, worst to best as a caseworker would order distance from the goal, matters
only for common luck: with the same luck a better law moves nobody to a worse state.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal

from sibsim.core import catalogue
from sibsim.core.spec import Frozen, Name, Probability, Sourced, Spec, nearest
from sibsim.core.timeline import MONTHS_PER_STEP, MONTHS_PER_YEAR, Step
from sibsim.core.wording import Language, Sentence, decimal, listing
from sibsim.core.words import Words
from sibsim.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "states"
"""Folder of the shipped sets."""

STEP_WORDS: Mapping[Step, Words] = {
    "week": Words(da="én uge", en="one week"),
    "month": Words(da="én måned", en="one month"),
    "quarter": Words(da="ét kvartal", en="one quarter"),
    "year": Words(da="ét år", en="one year"),
}
"""One step in words."""

TOLD_IN_YEARS = 24
"""Months from which a stay is told in years, where a year more or less is what matters."""

NO_MOVES: Mapping[str, float] = {}
"""The row of a state that nobody leaves."""

Role = Literal["support", "self_support", "other"]
"""What a state is on the Danish refund ladder: its weeks are counted, it counts as self-support
for starting the count again, or neither."""


class StateInfo(Sourced):
    """One state of a set; `status`, `source` and `note` say where its role comes from."""

    title: Words
    """What it is called, inside a sentence."""

    role: Role
    """What it is on the refund ladder."""


class Reference(Spec):
    """Where a figure was read."""

    title: str
    """Title, with author or publisher."""

    url: str
    """Address."""

    year: int
    """Year of publication, or the year the page gives for its figures."""


class StateSet(Spec):
    """A shipped set of states with its baseline moves."""

    name: str
    """Name of the set, such as `sick-leave`."""

    title: Words
    """What it is about."""

    step: Step
    """Time from one state to the next."""

    note: Words
    """What a user must know before using it."""

    states: Frozen[StateInfo]
    """The states by key, worst to best."""

    transitions: Frozen[Frozen[Probability]]
    """Probability of each move in one step, by state left and state entered; a row sums to at most
    1, and what it lacks is the probability of staying."""

    evidence: Frozen[Sourced]
    """Where each row comes from, by state left."""

    sources: Frozen[Reference]
    """What roles and rows were read in or built on, by key; a note names one as `[key]`."""

    @property
    def names(self) -> tuple[Name, ...]:
        """Keys of the states, worst to best."""
        return tuple(self.states)

    @property
    def months_per_step(self) -> float:
        """Months in one step."""
        return MONTHS_PER_STEP[self.step]

    def stay_in_months(self, name: str) -> float:
        """Return how long a stay in a state lasts on average, in months: L / (1 - p_ii).

        Infinite where nobody leaves. L is the length of a step in months, p_ii the probability of
        staying for one step more.

        Raises
        ------
        UnknownNameError
            If the set has no state of that name; names the nearest one.
        """
        if name not in self.states:
            message = f"got {name!r}; it is a state of {self.name!r}"
            raise UnknownNameError(message + _instead(name, self.names))
        leaving = sum(self.transitions.get(name, NO_MOVES).values())
        return self.months_per_step / leaving if leaving else float("inf")

    def table(self) -> pd.DataFrame:
        """Return the baseline transition matrix of one step.

        Returns
        -------
        DataFrame
            Rows are the state left, columns the state entered, both worst to best; rows sum to 1.
        """
        import pandas as pd

        rows = {name: dict.fromkeys(self.names, 0.0) for name in self.names}
        for name, row in rows.items():
            moves = self.transitions.get(name, NO_MOVES)
            row.update(moves)
            row[name] = 1.0 - sum(moves.values())
        table = pd.DataFrame.from_dict(rows, orient="index", columns=list(self.names))
        return table.rename_axis(index="from", columns="to")

    def sentence(self, lang: Language) -> str:
        """Return how long people stay in each state on average, as one sentence.

        Parameters
        ----------
        lang
            `da` or `en`.
        """
        stays = []
        for name, state in self.states.items():
            length = _length(self.stay_in_months(name))
            da, en = state.title.in_language("da"), state.title.in_language("en")
            stays.append(Words(da=f"{da} {length.da}", en=f"{en} {length.en}"))
        pattern = Words(
            da="{title}, i skridt på {step}; så længe varer et ophold i gennemsnit: {stays}",
            en="{title}, in steps of {step}; how long a stay lasts on average: {stays}",
        )
        values = {"title": self.title, "step": STEP_WORDS[self.step], "stays": listing(stays)}
        return Sentence(pattern, values).say(lang)


def list_state_sets() -> tuple[str, ...]:
    """Return the names of the shipped sets, in order."""
    return catalogue.names(FOLDER)


@cache
def load_state_set(name: str) -> StateSet:
    """Return one shipped set.

    Raises
    ------
    UnknownNameError
        If none has that name; names the nearest one.
    """
    known = list_state_sets()
    if name not in known:
        message = f"got state_set = {name!r}; it is the name of a shipped set of states"
        raise UnknownNameError(message + _instead(name, known))
    return StateSet.model_validate({"name": name, **tomllib.loads(catalogue.text(FOLDER, name))})


def _instead(name: str, known: tuple[str, ...]) -> str:
    return nearest(name, known) or f"; known are {', '.join(known)}"


def _length(months: float) -> Words:
    if months == float("inf"):
        return Words(da="for altid", en="for good")
    if months >= TOLD_IN_YEARS:
        years = decimal(round(months / MONTHS_PER_YEAR, 1))
        return Words(da=f"{years.da} år", en=f"{years.en} years")
    number = decimal(round(months, 1))
    one = number.en == "1"
    return Words(
        da=f"{number.da} {'måned' if one else 'måneder'}",
        en=f"{number.en} {'month' if one else 'months'}",
    )
