"""The forms in which a case file states a distribution, and the mixture, which nests them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import MinLen
from pydantic import model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import SUM_TOLERANCE, Discrete, Empirical, JointEmpirical
from sibsim.core.distributions import (
    Distribution,
    Fixed,
    LogNormal,
    Normal,
    Triangular,
    TruncatedNormal,
    Uniform,
    fault,
    shown,
)
from sibsim.core.metalog import BISECTION_STEPS, Metalog, PiecewiseLinear, TwoQuantiles
from sibsim.core.priors import prior_named
from sibsim.core.spec import Positive, Spec, nearest
from sibsim.core.tabulated import Beta, BetaPERT, Gamma
from sibsim.errors import UnknownNameError


class Part(Spec):
    """One part of a mixture."""

    weight: Positive
    """Probability that the value comes from this part."""

    distribution: Distribution
    """What the value is then."""

    def table(self) -> dict[str, Any]:
        """Return its keys in a case file."""
        return {"weight": self.weight, **self.distribution.table()}


class Mixture(Distribution):
    """Several distributions, each with a probability.

    The quantile function is found by bisection of the distribution function between the lowest
    and highest quantile of the parts, so that it rises and can be correlated.
    """

    needs_base: ClassVar[bool] = True

    dist: Literal["mixture"] = "mixture"
    """Name of the family."""

    parts: Annotated[tuple[Part, ...], MinLen(1)]
    """The parts; their weights sum to one."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        total = math.fsum(part.weight for part in self.parts)
        if abs(total - 1.0) > SUM_TOLERANCE:
            message = (
                f"got weights that sum to {shown(total)}; the weights of a mixture sum to 1; "
                "divide each by their sum"
            )
            raise fault(message)
        return self

    @property
    def support(self) -> tuple[float, float]:
        """The lowest and highest end of the parts."""
        lower, upper = zip(*(part.distribution.support for part in self.parts), strict=True)
        return min(lower), max(upper)

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the lowest values at which the distribution function reaches u."""
        quantiles = np.stack([part.distribution.ppf(u) for part in self.parts])
        low, high = quantiles.min(axis=0), quantiles.max(axis=0)
        for _ in range(BISECTION_STEPS):
            middle = 0.5 * (low + high)
            reached = self.cdf(middle) >= u
            high = np.where(reached, middle, high)
            low = np.where(reached, low, middle)
        return np.asarray(high)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the weighted sum of the distribution functions of the parts."""
        return np.asarray(sum(part.weight * part.distribution.cdf(x) for part in self.parts))

    def table(self) -> dict[str, Any]:
        """Return its keys in a case file."""
        return {"dist": self.dist, "parts": [part.table() for part in self.parts]}


FAMILIES: Mapping[str, type[Distribution]] = {
    "normal": Normal,
    "truncated_normal": TruncatedNormal,
    "lognormal": LogNormal,
    "beta": Beta,
    "pert": BetaPERT,
    "triangular": Triangular,
    "uniform": Uniform,
    "gamma": Gamma,
    "discrete": Discrete,
    "empirical": Empirical,
    "joint": JointEmpirical,
}
"""The distributions that `dist` names; `mixture` beside them."""


def read_distribution(
    form: Mapping[str, Any], *, lower: float = -math.inf, upper: float = math.inf
) -> Distribution:
    """Return the distribution that a table states.

    Parameters
    ----------
    form
        The keys of the distribution alone, without provenance.
    lower, upper
        Bounds of the field, which bound a distribution stated by three quantiles.

    Raises
    ------
    PydanticCustomError, ValidationError
        When no form fits or a value is not allowed.
    """
    if "dist" in form:
        return _read_family(form, lower=lower, upper=upper)
    if "prior" in form:
        return _read_prior(form)
    if "value" in form:
        return Fixed.model_validate(form)
    if {"p10", "p50", "p90"} <= set(form):
        _refuse_others(form, {"p10", "p50", "p90"})
        return Metalog.model_validate({**form, "lower": lower, "upper": upper})
    keys = ", ".join(map(str, form)) or "no key"
    message = (
        f"got {keys}; a quantity is a number, {{value}}, {{p10, p50, p90}}, {{p10, p90, dist}}, "
        "{dist, ...} or {prior}; complete one of them"
    )
    raise fault(message)


def _refuse_others(form: Mapping[str, Any], known: set[str]) -> None:
    for key in form:
        if key not in known:
            named = ", ".join(sorted(known))
            message = f"got {key!r} beside {named}; it is not known there; correct or drop it"
            raise fault(message)


def _read_family(form: Mapping[str, Any], *, lower: float, upper: float) -> Distribution:
    name = form["dist"]
    if name == "mixture":
        return _read_mixture(form, lower=lower, upper=upper)
    if not isinstance(name, str) or name not in FAMILIES:
        known = [*FAMILIES, "mixture"]
        way_out = nearest(str(name), known) or "; choose one of them"
        message = f"got dist = {name!r}; known are {', '.join(known)}{way_out}"
        raise fault(message)
    if not {"p10", "p50", "p90"}.isdisjoint(form):
        if "p50" in form:
            message = (
                "got p50 together with dist; two quantiles determine a two-parameter family, "
                "three a distribution of their own; drop p50 or dist"
            )
            raise fault(message)
        return TwoQuantiles.model_validate(form)
    return FAMILIES[name].model_validate(form)


def _read_mixture(form: Mapping[str, Any], *, lower: float, upper: float) -> Mixture:
    given = form.get("parts")
    if not isinstance(given, list | tuple) or not all(isinstance(part, Mapping) for part in given):
        message = (
            "got a mixture without a list of parts; it is "
            "parts = [{weight = 0.7, dist = ...}, {weight = 0.3, dist = ...}]; add them"
        )
        raise fault(message)
    parts = []
    for part in given:
        inner = {key: value for key, value in part.items() if key != "weight"}
        distribution = read_distribution(inner, lower=lower, upper=upper)
        parts.append({"weight": part.get("weight"), "distribution": distribution})
    return Mixture.model_validate({**form, "parts": tuple(parts)})


def _read_prior(form: Mapping[str, Any]) -> PiecewiseLinear:
    try:
        _refuse_others(form, {"prior"})
        prior = prior_named(str(form["prior"]))
    except UnknownNameError as error:
        raise fault(str(error)) from None
    points = {"levels": prior.levels, "values": prior.values}
    return PiecewiseLinear.model_validate({**form, **points})
