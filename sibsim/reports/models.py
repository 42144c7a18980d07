"""What a payment model is and which keys it has, as its class says it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import NamedTuple, get_args

from pydantic_core import PydanticUndefined

from sibsim.core.spec import Spec, family_names, load_family_member, nearest
from sibsim.core.words import Words
from sibsim.errors import UnknownNameError
from sibsim.payments.base import PaymentModel

FAMILY = "sibsim.payments"
"""Package and entry-point group of payment models."""


class Key(NamedTuple):
    """One key of a payment model."""

    name: str
    """Its path inside the line, such as `conditions.at_least`."""

    meaning: str
    """Meaning, unit and range."""

    default: str
    """Its default, `none` or `required`."""


def payment_model(name: str) -> type[Spec]:
    """Return the class of a payment model, shipped or registered.

    Parameters
    ----------
    name
        Name of the model.

    Raises
    ------
    UnknownNameError
        If there is no such model; names the nearest one.
    """
    known = family_names(FAMILY, FAMILY)
    if name not in known:
        message = f"no payment model {name!r}{nearest(name, known)}; known are {', '.join(known)}"
        raise UnknownNameError(message)
    found = load_family_member(FAMILY, FAMILY, name)
    assert found is not None  # noqa: S101 - its name is known
    return found


def about(model: type[Spec]) -> str:
    """Return what a model pays, its rule first, as its class says it."""
    text = inspect.getdoc(model) or ""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def keys_of(model: type[Spec]) -> tuple[Key, ...]:
    """Return the keys of a model beside those of every line, inner tables by their path."""
    return tuple(_keys(model, path=""))


def _keys(spec: type[Spec], *, path: str) -> Iterator[Key]:
    for name, field in spec.model_fields.items():
        if not path and name in PaymentModel.model_fields:
            continue
        default = "required"
        if field.default is not PydanticUndefined:
            default = "none" if field.default is None else str(field.default)
        yield Key(f"{path}{name}", " ".join((field.description or "").split()), default)
        for inner in _specs_in(field.annotation):
            if inner is not Words:
                yield from _keys(inner, path=f"{path}{name}.")


def _specs_in(annotation: object) -> Iterator[type[Spec]]:
    """Yield the specs that an annotation holds."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for inner in get_args(annotation):
        yield from _specs_in(inner)
