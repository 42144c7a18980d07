"""What a model of an open family is and which keys it has, as its class says it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, get_args, get_origin

from pydantic_core import PydanticUndefined

from sibsim.core.parameters import Provenance, Quantity
from sibsim.core.spec import Spec, family_names, load_family_member, nearest
from sibsim.core.words import Words
from sibsim.errors import UnknownNameError
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.base import OutcomeModel
from sibsim.payments.base import PaymentModel

Family = Literal["payments", "outcomes", "evaluation"]
"""An open family of models by its room, such as `sibsim.payments`."""

_KINDS: Mapping[Family, str] = {
    "payments": "payment model",
    "outcomes": "outcome model",
    "evaluation": "evaluation design",
}

_COMMON: Mapping[Family, type[Spec]] = {
    "payments": PaymentModel,
    "outcomes": OutcomeModel,
    "evaluation": EvaluationDesign,
}
"""What every model of a family has."""


REQUIRED = "required"
"""Stands for the default of a key that has none."""


class Key(NamedTuple):
    """One key of a model."""

    name: str
    """Its path inside the table, such as `conditions.at_least`."""

    meaning: str
    """Meaning, unit and range."""

    default: str
    """Its default, `none`, `required`, or `required with it` inside a table that is not."""


def models_of(family: Family) -> tuple[str, ...]:
    """Return the names of all models of a family, shipped and registered."""
    return family_names(f"sibsim.{family}", f"sibsim.{family}")


def model_of(family: Family, *, name: str) -> type[Spec]:
    """Return the class of a model, shipped or registered.

    Parameters
    ----------
    family
        Its family.
    name
        Name of the model.

    Raises
    ------
    UnknownNameError
        If there is no such model; names the nearest one.
    """
    known = models_of(family)
    if name not in known:
        kind, listed = _KINDS[family], ", ".join(known)
        message = f"no {kind} {name!r}{nearest(name, known)}; known are {listed}"
        raise UnknownNameError(message)
    found = load_family_member(f"sibsim.{family}", f"sibsim.{family}", name)
    assert found is not None  # noqa: S101 - its name is known
    return found


def about(model: type[Spec]) -> str:
    """Return what a model is, in short first, as its class says it."""
    text = inspect.getdoc(model) or ""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def keys_of(family: Family, *, model: type[Spec]) -> tuple[Key, ...]:
    """Return the keys of a model beside those that every model of its family has.

    Inner tables stand by their path.
    """
    common = _COMMON[family].model_fields
    own = (key for key in _keys(model, path="") if key.name.partition(".")[0] not in common)
    return tuple(own)


def _keys(spec: type[Spec], *, path: str, optional: bool = False) -> Iterator[Key]:
    # The forms of a quantity are said once, for all of them.
    known = Quantity.model_fields if issubclass(spec, Quantity) else {}
    for name, field in spec.model_fields.items():
        if name in known or field.exclude:
            continue
        here = f"{path}{field.alias or name}"
        default = _default(field.default)
        needed = "required with it" if optional and default == REQUIRED else default
        meaning = " ".join((field.description or "").split())
        choices = [each for each in _choices(field.annotation) if f"`{each}`" not in meaning]
        if len(choices) > 1:
            meaning += f" One of {', '.join(f'`{each}`' for each in choices)}."
        yield Key(here, meaning, needed)
        for inner in dict.fromkeys(_specs_in(field.annotation)):
            # A design inside another is any of its family, which the page of the family shows.
            if inner is not Words and inner not in _COMMON.values():
                yield from _keys(inner, path=f"{here}.", optional=optional or default != REQUIRED)


def _default(default: object) -> str:
    if default is PydanticUndefined:
        return REQUIRED
    if default in (None, (), {}):
        return "none"
    if isinstance(default, Quantity):
        return str(default.table())
    if isinstance(default, Spec):
        stated = default.model_dump(exclude=set(Provenance.model_fields))
        return ", ".join(f"{name} = {value:g}" for name, value in stated.items())
    return str(default)


def _choices(annotation: object) -> Iterator[str]:
    """Yield the texts that an annotation allows."""
    if get_origin(annotation) is Literal:
        yield from (each for each in get_args(annotation) if isinstance(each, str))
        return
    for inner in get_args(annotation):
        yield from _choices(inner)


def _specs_in(annotation: object) -> Iterator[type[Spec]]:
    """Yield the specs that an annotation holds."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for inner in get_args(annotation):
        yield from _specs_in(inner)
