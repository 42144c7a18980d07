"""What a description is made of: frozen pydantic models, strict numbers, open families.

A *spec* describes one part of a case. Its fields are its parameters; each has a docstring with
meaning, unit and range. Numbers are strict (no text, no booleans, no NaN); unknown keys are faults.
"""

from __future__ import annotations

import datetime as dt
import difflib
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args

from annotated_types import Ge, Gt, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
    core_schema,
)
from pydantic_core.core_schema import ErrorType

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number."""

Money = Annotated[Number, Ge(0)]
"""An amount of money in the case's currency; never negative, the sign is in who pays whom."""

Probability = Annotated[Number, Ge(0), Le(1)]
"""A share or probability in [0, 1]."""

PER_CENT = 100
"""Hundredths in a whole."""

Positive = Annotated[Number, Gt(0)]
"""A number above zero."""


def _check_rate(rate: float) -> float:
    if rate > 1:
        kind = "rate"
        message = "got {rate}; it is a share a year: write {share}"
        context = {"rate": f"{rate:g}", "share": f"{rate / PER_CENT:g}"}
        raise PydanticCustomError(kind, message, context)
    return rate


def as_share(value: float) -> str:
    """Return `; it is a share: write 0.35` for 35, or nothing for what is no percentage."""
    if not 1 < abs(value) <= PER_CENT:
        return ""
    return f"; it is a share: write {value / PER_CENT:g}"


Rate = Annotated[Number, AfterValidator(_check_rate)]
"""A share a year, such as 0.055, at most 1: whoever writes more means per cent."""

Months = Annotated[int, Field(strict=True, ge=0)]
"""A whole number of months."""

Date = Annotated[dt.date, Field(strict=True)]
"""A date; no text, no number of seconds, no time of day."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false; no number and no word for it."""


class Spec(BaseModel):  # noqa: PLW1641 - pydantic hashes what is frozen
    """Base of every description: frozen, no unknown keys, documented fields."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, arbitrary_types_allowed=True
    )

    def __eq__(self, other: object) -> bool:
        """Compare field by field: what a spec has worked out and kept is no part of it."""
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def fields_stated(self) -> Iterator[tuple[str, object]]:
        """Yield its parts by name, in order; what `walk` goes through."""
        return ((name, getattr(self, name)) for name in type(self).model_fields)

    @model_validator(mode="wrap")
    @classmethod
    def _name_the_nearest_key(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Say of an unknown key which known one is nearest; pass on every other fault."""
        try:
            return handler(value)
        except ValidationError as error:
            details = [_with_nearest(cls, each) for each in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, details) from None


def under(error: ValidationError, *, step: str) -> ValidationError:
    """Return the same faults one step further down: `p10` becomes `between_people.p10`."""
    moved: list[InitErrorDetails] = [
        {**each, "loc": (step, *each.get("loc", ()))} for each in details_of(error)
    ]
    return ValidationError.from_exception_data(error.title, moved)


def details_of(error: ValidationError) -> list[InitErrorDetails]:
    """Return the faults of an error, from which another one can be made."""
    return [_with_nearest(Spec, each) for each in error.errors(include_url=False)]


def _with_nearest(model: type[BaseModel], detail: ErrorDetails) -> InitErrorDetails:
    message = detail["msg"]
    if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
        name = str(detail["loc"][0])
        known = sorted(
            field.alias or key for key, field in model.model_fields.items() if not field.exclude
        )
        message = f"is not known here{nearest(name, known) or '; known are ' + ', '.join(known)}"
    elif detail["type"] in get_args(ErrorType):
        return {
            "type": detail["type"],
            "loc": detail["loc"],
            "input": detail["input"],
            "ctx": detail.get("ctx", {}),
        }
    kind = PydanticCustomError("fault", "{text}", {"text": message})
    return {"type": kind, "loc": detail["loc"], "input": detail["input"]}


CLOSE = 0.6
"""Least likeness of a name, in [0, 1], for it to be suggested: `cohorts` is not `floor`."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known name, or nothing."""
    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=CLOSE)
    return f"; did you mean {found[0]!r}?" if found else ""


class Sourced(Spec):
    """A part of a case whose figures say where they come from."""

    status: Literal["published", "assumption"] = "assumption"
    """`published`: read in `source`; `assumption`: ours, `note` says why."""

    source: str | None = None
    """Key of the source in `[sources]`; required where the status is `published`."""

    note: str | None = None
    """Reasoning, and anything a reader must know."""

    @model_validator(mode="after")
    def _published_names_its_source(self) -> Self:
        if self.status == "published" and self.source is None:
            kind = "source"
            message = "status is 'published' but no source is named; name a key of [sources]"
            raise PydanticCustomError(kind, message)
        return self


Item = TypeVar("Item")


class Frozen(dict[str, Item]):
    """A mapping that refuses to change, equal to a dict with the same items."""

    def _refuse(self, *_: object, **__: object) -> None:
        message = "a part of a case cannot be changed; make a copy with case.with_({...})"
        raise TypeError(message)

    __setitem__ = __delitem__ = _refuse
    clear = update = setdefault = pop = popitem = __ior__ = _refuse  # type: ignore[assignment]

    def __hash__(self) -> int:  # type: ignore[override]
        """Return a hash of the items, so that a spec that holds one can be hashed."""
        return hash(tuple(self.items()))

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from a plain dict when it crosses a process boundary."""
        return Frozen, (dict(self),)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate as `dict[str, Item]`, then freeze."""
        (item,) = source.__args__
        plain = handler(dict[str, item])  # type: ignore[valid-type]
        return core_schema.no_info_after_validator_function(cls, plain)


_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        kind = "name"
        message = (
            "got '{name}'; a name is lower-case letters, digits and underscores, "
            "letter first, such as 'job_12'"
        )
        raise PydanticCustomError(kind, message, {"name": name})
    return name


Name = Annotated[str, AfterValidator(_check_name)]
"""The name of a part of a case: `job`, `fit_for_work`."""


def load_family_member(package: str, group: str, name: str) -> type[Spec] | None:
    """Return the spec class that `name` stands for in an open family, or None.

    Parameters
    ----------
    package
        The room, such as `sibsim.payments`: the module `<package>.<name>` holds `Model`.
    group
        The entry-point group other packages register in, such as `sibsim.payments`.
    """
    # Entry points are looked up last: finding them reads the file of every installed package.
    if name in importlib.import_module(package).MEMBERS:
        return importlib.import_module(f"{package}.{name}").Model  # type: ignore[no-any-return]
    found = tuple(entry_points(group=group, name=name)) if _NAME.fullmatch(name) else ()
    return found[0].load() if found else None


def family_names(package: str, group: str) -> tuple[str, ...]:
    """Return the names of every member of an open family, shipped and registered."""
    members: tuple[str, ...] = importlib.import_module(package).MEMBERS
    return (*members, *sorted(point.name for point in entry_points(group=group)))


def family(package: str, *, key: str) -> BeforeValidator:
    """Return a validator that reads `key` and hands the table to that member of the family."""

    def validate(value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        name = value.get(key)
        member = load_family_member(package, package, name) if isinstance(name, str) else None
        if member is not None:
            return member.model_validate(value)
        kind = "family"
        known = ", ".join(family_names(package, package))
        if not isinstance(name, str):
            message = "has no {key}; it must be one of {known}"
            raise PydanticCustomError(kind, message, {"key": key, "known": known})
        message = "got {key} = '{name}', which is not known; known are {known}{hint}"
        hint = nearest(name, family_names(package, package))
        context = {"key": key, "name": name, "known": known, "hint": hint}
        raise PydanticCustomError(kind, message, context)

    return BeforeValidator(validate)


Found = TypeVar("Found")


def walk(spec: object, kind: type[Found], *, path: str = "") -> Iterator[tuple[str, Found]]:
    """Yield every value of type `kind` inside a spec with its dotted path, in field order.

    Positions in a list are numbered from zero: `outcomes.job.counterfactual.0`.
    """
    if isinstance(spec, kind):
        yield path, spec
    inner: Any
    if isinstance(spec, Spec):
        inner = spec.fields_stated()
    elif isinstance(spec, Mapping):
        inner = spec.items()
    elif isinstance(spec, tuple | list):
        inner = ((str(index), value) for index, value in enumerate(spec))
    else:
        return
    for name, value in inner:
        yield from walk(value, kind, path=f"{path}.{name}" if path else str(name))
