"""Several priors of one quantity, of which one holds: studies here and elsewhere, several experts.

A mixture keeps that they disagree: it is wider than any mean of them.

Source: Genest and Zidek 1986, Combining probability distributions: a critique and an annotated
bibliography, Statistical Science 1(1), where it is the linear opinion pool.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sibsim.core.atoms import SUM_TOLERANCE
from sibsim.errors import ArgumentError
from sibsim.evidence.prior import Prior

_FLAGS = {
    "predictive": "take of = 'mean' for all or 'next_site' for all, or give each its omega by "
    "Prior.transported",
    "carried_over": "carry each of the others over by Prior.transported, or state carried_over for "
    "what is about here",
}
"""What all parts of an effect agree in, and what to do where they do not."""


def mixture(
    parts: Sequence[tuple[float, Prior]],
    *,
    base: float | None = None,
    measured_at_months: float | None = None,
    note: str | None = None,
) -> Prior:
    """Return the prior under which one of several priors holds, each with its probability.

    It is an assumption, whatever its parts are: nobody published the weights. The parts of an
    effect agree in what they are of: all of the next place or all of the mean, all for here or all
    as they were found.

    Parameters
    ----------
    parts
        Weight and prior of each part, all on one scale; the weights sum to 1.
    base
        Value in the base case; None: the median of the mixture.
    measured_at_months
        When the effect was measured; None: as the parts say, which must agree then.
    note
        Why these weights.
    """
    weights, priors = [weight for weight, _ in parts], [prior for _, prior in parts]
    if not parts or min(weights) <= 0 or abs(math.fsum(weights) - 1.0) > SUM_TOLERANCE:
        message = (
            f"parts: got weights {', '.join(f'{weight:g}' for weight in weights) or 'of nothing'}; "
            "each is above 0 and they sum to 1; divide each by their sum"
        )
        raise ArgumentError(message)
    months = measured_at_months
    if months is None:
        months = _same(priors, "measured_at_months", way_out="state measured_at_months")
    flags = {
        name: any(getattr(prior, name) for prior in priors)
        if priors[0].scale is None
        else _same(priors, name, way_out=way_out)
        for name, way_out in _FLAGS.items()
    }
    named = dict.fromkeys(prior.source for prior in priors if prior.source is not None)
    said = [f"weights {', '.join(f'{weight:g}' for weight in weights)}"]
    said += [f"sources {', '.join(named)}"] if len(named) > 1 else []
    said += [note] if note else []
    said += [prior.note for prior in priors if prior.note]
    mixed = Prior(
        scale=_same(priors, "scale", way_out="convert them to one, by Prior.at_baseline"),
        form={
            "dist": "mixture",
            "parts": [{"weight": weight, **prior.form} for weight, prior in parts],
        },
        base=priors[0].quantity.base_value if base is None else base,
        predictive=flags["predictive"],
        carried_over=flags["carried_over"],
        measured_at_months=months,
        better=_same(priors, "better", way_out="give all the same"),
        may_be_negative=any(prior.may_be_negative for prior in priors),
        source=next(iter(named), None),
        sources={name: each for prior in priors for name, each in prior.sources.items()},
        unit=priors[0].unit,
        note="mixture: " + "; ".join(said),
        notes=tuple(dict.fromkeys(text for prior in priors for text in prior.notes)),
    )
    return mixed if base is not None else replace(mixed, base=mixed.quantity.distribution.median)


def _same(priors: Sequence[Prior], name: str, *, way_out: str) -> Any:  # noqa: ANN401 - any field
    """Return what all priors say in a field, refused where they differ."""
    found = list(dict.fromkeys(getattr(prior, name) for prior in priors))
    if len(found) > 1:
        message = (
            f"parts: got {name} = {' and '.join(map(str, found))}; the parts of a mixture agree in "
            f"it; {way_out}"
        )
        raise ArgumentError(message)
    return found[0]
