"""The case file as its models say it: every section, key, form, range, default and meaning."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import get_args, get_origin

from pydantic_core import PydanticUndefined

from docs._ext.forms import form
from docs._ext.markdown import cell, table
from sibsim.core.parameters import BetweenPeople, Provenance, Quantity
from sibsim.core.spec import Frozen, Spec
from sibsim.core.words import Words
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.variant import Variant
from sibsim.payments.base import PaymentModel
from sibsim.reports.models import (
    REQUIRED,
    Family,
    _specs_in,
    about,
    model_of,
    models_of,
)
from sibsim.sections import SECTIONS, Head

_FAMILIES: Mapping[type[Spec], tuple[Family, str]] = {
    OutcomeModel: ("outcomes", "outcome model"),
    EvaluationDesign: ("evaluation", "evaluation design"),
    PaymentModel: ("payments", "payment model"),
}
"""Open families by what all their members have: name of the family, and what a member is."""

_SAID_ONCE = (Words, Variant, BetweenPeople, *_FAMILIES)
"""Specs whose inner keys are said once for all, on the page of the case file."""

_HEADER = ("Key", "Takes", "Meaning", "Default")


def case_schema() -> str:
    """Return the body of the page as Markdown."""
    parts = ["## First lines", about(Head), _keys_table(Head)]
    for name, kind in SECTIONS.items():
        parts += _section(name, kind=kind)
    return "\n\n".join(parts)


def _section(name: str, *, kind: object) -> Iterator[str]:
    """Yield the heading of a section, what it is, and its keys."""
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, Spec):
        yield f"## `[{name}]`"
        yield about(kind)
        yield _keys_table(kind)
        return
    inner = next(_specs_in(kind))
    yield f"## `[{name}.NAME]`" if origin is Frozen else f"## `[[{name}]]`"
    yield about(inner)
    if inner not in _FAMILIES:
        yield _keys_table(inner)
        return
    family, member = _FAMILIES[inner]
    yield f"Every {member} takes:"
    yield _keys_table(inner)
    for model in models_of(family):
        found = model_of(family, name=model)
        yield f"### `{model}`"
        yield about(found)
        yield _keys_table(found, beside=inner)


def _keys_table(spec: type[Spec], *, beside: type[Spec] = Spec) -> str:
    """Return the table of the keys of a spec, without those that stand elsewhere.

    Parameters
    ----------
    spec
        The spec.
    beside
        The spec whose keys stand elsewhere.
    """
    rows = list(_rows(spec, path="", without=frozenset(beside.model_fields)))
    return table(_HEADER, rows) if rows else "No keys of its own."


def _rows(
    spec: type[Spec], *, path: str, without: frozenset[str], optional: bool = False
) -> Iterator[tuple[str, ...]]:
    """Yield one row for every key, inner tables by their path."""
    said_for_all = frozenset(Quantity.model_fields) if issubclass(spec, Quantity) else frozenset()
    for name, field in spec.model_fields.items():
        if name in without | said_for_all or field.exclude:
            continue
        here = f"{path}{field.alias or name}"
        default = _default(field.default)
        shown = "required with it" if optional and default == REQUIRED else default
        takes = form(field.annotation, metadata=field.metadata)
        yield f"`{here}`", cell(takes), cell(inspect.cleandoc(field.description or "")), shown
        for inner in dict.fromkeys(_specs_in(field.annotation)):
            if inner in _SAID_ONCE:
                continue
            step = f"{here}{_step(field.annotation)}"
            below = optional or default != REQUIRED
            yield from _rows(inner, path=step, without=frozenset(), optional=below)


def _step(annotation: object) -> str:
    """Return what leads from a key to a key inside it: `.`, `.NAME.` or `[].`."""
    if get_origin(annotation) is Frozen:
        return ".NAME."
    if get_origin(annotation) is tuple:
        return "[]."
    inner = [_step(part) for part in get_args(annotation) if part is not Ellipsis]
    return max(inner, key=len, default=".")


def _default(default: object) -> str:
    """Return what stands where a key is left out, as Markdown."""
    if default is PydanticUndefined:
        return REQUIRED
    stated = default
    if isinstance(default, Spec):
        stated = default.model_dump(exclude=set(Provenance.model_fields), exclude_none=True)
    if stated in (None, (), {}, ""):
        return "none"
    if isinstance(stated, dict):
        return f"`{', '.join(f'{name} = {value}' for name, value in stated.items())}`"
    return f"`{str(stated).lower() if isinstance(stated, bool) else stated}`"
