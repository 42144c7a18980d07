"""A text of a case in Danish, in English or in both."""

from __future__ import annotations

from pydantic import model_validator

from sibsim.core.spec import Spec


class Words(Spec):
    """A text in Danish, in English or in both; plain text stands for both."""

    da: str | None = None
    """Danish."""

    en: str | None = None
    """English."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"da": value, "en": value} if isinstance(value, str) else value

    def in_language(self, lang: str) -> str:
        """Return the text in `lang` (`da` or `en`), else in the other language."""
        first, second = (self.da, self.en) if lang == "da" else (self.en, self.da)
        return first or second or ""
