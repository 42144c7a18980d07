"""An outcome in one segment of the target group: the same but for what the segment states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError, model_serializer
from pydantic_core import InitErrorDetails

from sibsim.core.distributions import fault
from sibsim.core.parameters import Quantity
from sibsim.core.spec import Spec, details_of, walk

COURSE = "profile"
"""Field that may differ beside the quantities: the course of an effect."""


class Variant(Spec):
    """An outcome as it is in one segment of the target group."""

    model: Spec
    """The whole outcome, with the segment's values."""

    stated: tuple[str, ...]
    """Names of the fields that the segment states; the others are as for all."""

    @model_serializer(mode="plain")
    def table(self) -> dict[str, object]:
        """Return the table of other values."""
        whole = self.model.model_dump()
        return {name: whole[name] for name in self.stated}

    def fields_stated(self) -> Iterator[tuple[str, object]]:
        """Yield what the segment states; the rest is a part of the outcome itself."""
        return ((name, getattr(self.model, name)) for name in self.stated)


def variants(
    segments: Mapping[object, object], *, common: Mapping[str, object], model: type[Spec]
) -> dict[str, Variant]:
    """Return the variant that each segment's table of other values stands for.

    A fault of the outcome itself is left to be found there; the variant is then missing. What is
    faulty only with the values of a segment is a fault of the segment, wherever it shows.

    Parameters
    ----------
    segments
        The table of each segment by its name.
    common
        The outcome as stated for all.
    model
        Class of the outcome.

    Raises
    ------
    ValidationError
        If tables are faulty; holds every fault.
    """
    found: dict[str, Variant] = {}
    faults: list[InitErrorDetails] = []
    for name, stated in segments.items():
        path = ("segments", str(name))
        if not isinstance(stated, Mapping):
            message = f"got {stated!r}; a segment is a table of the outcome's fields"
            faults.append({"type": fault(message), "loc": path, "input": stated})
            continue
        try:
            whole = model.model_validate({**common, **stated})
        except ValidationError as error:
            own = [
                each
                for each in details_of(error)
                if not each.get("loc") or each.get("loc", ())[0] in stated
            ]
            if not own and _is_valid(common, model=model):
                own = details_of(error)
            faults += [{**each, "loc": (*path, *each.get("loc", ()))} for each in own]
        else:
            found[str(name)] = Variant(model=whole, stated=tuple(stated))
            for field in stated:
                if field != COURSE and not any(walk(getattr(whole, field), Quantity)):
                    message = (
                        f"got {field}; only quantities, such as rates and effects, and the profile "
                        "can differ between segments; leave it out here"
                    )
                    faults.append({"type": fault(message), "loc": path, "input": stated})
    if faults:
        raise ValidationError.from_exception_data(model.__name__, faults)
    return found


def _is_valid(stated: Mapping[str, object], *, model: type[Spec]) -> bool:
    """Tell whether an outcome is valid as stated for all."""
    try:
        model.model_validate(dict(stated))
    except ValidationError:
        return False
    return True
