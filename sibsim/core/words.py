"""A text of a case in Danish, in English or in both."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import model_validator
from pydantic_core import PydanticCustomError

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
        if isinstance(value, str):
            return {"da": value, "en": value}
        if isinstance(value, Mapping | Words):
            return value
        kind = "words"
        message = "got {value}; it must be text in quotes, or { da = '...', en = '...' }"
        raise PydanticCustomError(kind, message, {"value": str(value)})

    def in_language(self, lang: str) -> str:
        """Return the text in `lang` (`da` or `en`), else in the other language."""
        first, second = (self.da, self.en) if lang == "da" else (self.en, self.da)
        return first or second or ""
