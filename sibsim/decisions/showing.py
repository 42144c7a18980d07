"""How answers show themselves: as sentences, as text, and in a notebook with nothing as markup."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from sibsim.core.wording import Language, Sentence, language

if TYPE_CHECKING:
    import pandas as pd


def paragraphs(sentences: Iterable[str]) -> str:
    """Return sentences as paragraphs of HTML; nothing in them is markup."""
    return "".join(f"<p>{escape(each)}</p>" for each in sentences)


class Answer(ABC):
    """An answer that says itself in sentences and shows a table."""

    @abstractmethod
    def _said(self) -> Iterable[Sentence]:
        """Return what it says: what was found first, then what is assumed."""

    @abstractmethod
    def _shown(self) -> pd.DataFrame:
        """Return the table as it is shown, figures as text."""

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what was found and what is assumed, one sentence each.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        lang = language(lang)
        return [each.say(lang) for each in self._said()]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        return "\n".join([*self.sentences(), self._shown().to_string()])

    def _repr_html_(self) -> str:
        return f"{paragraphs(self.sentences())}{self._shown().to_html(border=0)}"
