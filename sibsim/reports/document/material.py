"""What all sections of a document are written from: a run, its base case and their figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sibsim.core.amounts import chance, in_both, in_plain_words
from sibsim.core.wording import Language, called, listing, money, said
from sibsim.core.words import Words
from sibsim.decisions.authority import authority_words
from sibsim.figures import NEVER, figures
from sibsim.metric_words import rate_words, value_words
from sibsim.metrics import PUBLIC_PARTIES
from sibsim.reports.document.names import written
from sibsim.reports.document.parts import Basis, Figure, Piece, Pieces, filled
from sibsim.reports.document.words import FRONT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sibsim.case import Case
    from sibsim.results import Results


@dataclass(frozen=True)
class Material:
    """A run or a base case, in the language of a document."""

    results: Results
    """The run or base case."""

    base: Results
    """Its base case; the same where it is one."""

    lang: Language
    """Language of the document."""

    @property
    def case(self) -> Case:
        """The case."""
        return self.results.case

    @property
    def is_run(self) -> bool:
        """Whether there are draws, and so chances to speak of."""
        return self.results.kind == "run"

    @property
    def results_basis(self) -> Basis:
        """What figures of the results come from."""
        return "run" if self.is_run else "base case"

    @property
    def currency(self) -> str:
        """Currency of the case."""
        return self.case.head.currency

    @cached_property
    def payer(self) -> str | None:
        """The authority where its net is a metric, else None."""
        problem = self.case.problem
        found = problem.authority if problem else ""
        return found if found in PUBLIC_PARTIES else None

    @property
    def authority(self) -> str:
        """What the authority is called."""
        return authority_words(self.case).in_language(self.lang)

    def party(self, name: str) -> str:
        """Return what a ledger party is called: the authority and investors by their names."""
        problem = self.case.problem
        named: dict[str, Words | str] = dict(problem.investors) if problem else {}
        if problem:
            named[problem.authority] = authority_words(self.case)
        return said(called(name, parties=named), self.lang)

    def parties(self, names: Iterable[str]) -> str:
        """Return several parties as `a, b og c`."""
        found = list(dict.fromkeys(self.party(name) for name in names))
        return listing(found).in_language(self.lang) if found else ""

    def say(self, words: Words, **values: Piece) -> Pieces:
        """Return a sentence of the document; plain text among the values is text of the case."""
        return filled(words, self.lang, values)

    def word(self, words: Words) -> str:
        """Return a text of the document in its language."""
        return words.in_language(self.lang)

    def statistics(self, metric: str) -> Mapping[str, float]:
        """Return what the summary of the run says of a metric."""
        return figures(
            self.results.metric(metric),
            metric=metric,
            nets=self.results.in_nets,
            chance=self.is_run,
        )

    def base_value(self, metric: str) -> float:
        """Return a metric of the base case."""
        value = float(self.base.metric(metric)[0])
        return math.inf if math.isnan(value) and metric.endswith(NEVER) else value

    def of_base(self, metric: str) -> Figure:
        """Return a metric of the base case as a figure."""
        text = self.written(self.base_value(metric), metric)
        return Figure(text, f"{metric}, base case", "base case")

    def of_run(self, metric: str, statistic: str) -> Figure:
        """Return a statistic of a metric of the run as a figure."""
        value = self.statistics(metric)[statistic]
        return Figure(self.written(value, metric), f"{metric}, {statistic}", "run")

    def written(self, value: float, metric: str) -> str:
        """Return a value of a metric as it is written; nothing where it has none."""
        if math.isfinite(value) and metric.endswith("irr"):
            return self.word(rate_words(value))
        if math.isfinite(value):
            return self.word(value_words(value, metric=metric, currency=self.currency))
        if math.isinf(value) and metric.endswith(NEVER):
            return self.word(FRONT["never"])
        return self.word(FRONT["none"])

    def share(self, value: float, *, of: str) -> dict[str, Piece]:
        """Return a share of draws in plain words and in per cent."""
        return {
            "often": Figure(self.word(in_plain_words(value)), of, "run"),
            "share": Figure(self.word(chance(value)), of, "run"),
        }

    def stated(self, value: float, path: str) -> Figure:
        """Return an amount of money that stands in the case file."""
        return Figure(self.word(money(value, currency=self.currency)), path, "case")

    def quantity(self, value: float, path: str) -> Figure:
        """Return a value of a quantity of the case."""
        return Figure(self.word(written(value)), path, "case")

    def number(self, value: float, *, digits: int = 0) -> str:
        """Return a number with its thousands marked."""
        return number(value, lang=self.lang, digits=digits)


def number(value: float, *, lang: Language, digits: int = 0) -> str:
    """Return a number with its thousands marked, 1.245 and 1,245; nothing where it is none.

    Parameters
    ----------
    value
        The number.
    lang
        Language.
    digits
        Digits after the point.
    """
    if not math.isfinite(value):
        return ""
    return in_both(f"{round(value, digits) + 0.0:,.{digits}f}").in_language(lang)
