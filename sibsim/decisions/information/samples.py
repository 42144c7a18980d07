"""Draws that somebody brings: read, checked, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

    Samples = Mapping[str, Any] | pd.DataFrame
    """A column of draws by name."""

LEAST_DRAWS = 1_000
"""Draws without which no relation is fitted: fifty terms at twenty draws each."""

LEAST_OPTIONS = 2
"""Options without which there is nothing to choose."""

LEAST_REPEATS = 2
"""Draws without which no error can be told."""


def read_samples(
    net_benefit: Samples, *, known: Samples | None = None, called: str = "parameters"
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return the net benefit of every option and the known quantities, (D,) each.

    Parameters
    ----------
    net_benefit
        Net benefit of each option in every draw.
    known
        Quantities on which something is fitted; None: nothing is.
    called
        What the argument with the quantities is called.

    Raises
    ------
    ArgumentError
        If a column is no list of finite numbers, the columns differ in length, there are fewer
        than two options, no known quantity, or too few draws.
    """
    faults: list[str] = []
    options = _columns(net_benefit, path="net_benefit", faults=faults)
    quantities = {} if known is None else _columns(known, path=called, faults=faults)
    if not faults and len(options) < LEAST_OPTIONS:
        faults.append(
            f"net_benefit: got {len(options)} option(s); knowledge is worth something where there "
            "is a choice; give at least two, such as {'invest': npv, 'stay out': 0 * npv}"
        )
    if not faults and known is not None and not quantities:
        faults.append(f"{called}: got none; name at least one, such as {{'effect': draws}}")
    lengths = {name: values.size for name, values in (options | quantities).items()}
    if not faults and len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {size}" for name, size in lengths.items())
        faults.append(f"got columns of different length ({listed}); one number per draw in each")
    least = LEAST_REPEATS if known is None else LEAST_DRAWS
    if not faults and min(lengths.values()) < least:
        why = "an error takes" if known is None else "a relation can be fitted on"
        faults.append(f"got {min(lengths.values()):,} draws; {why} at least {least:,}; draw more")
    if faults:
        raise ArgumentError("\n  ".join(faults))
    return options, quantities


def _columns(samples: object, *, path: str, faults: list[str]) -> dict[str, FloatArray]:
    if hasattr(samples, "columns") and hasattr(samples, "items"):
        samples = dict(samples.items())
    if not isinstance(samples, Mapping):
        faults.append(f"{path}: got {shown(samples)}; give a table of draws by name, or a frame")
        return {}
    found = {}
    for name, column in samples.items():
        try:
            values = np.asarray(column, dtype=np.float64)
        except (TypeError, ValueError):
            faults.append(f"{path}.{name}: got {shown(column)}; it is one number per draw")
            continue
        if values.ndim != 1:
            faults.append(
                f"{path}.{name}: got an array of shape {values.shape}; it is one number per draw"
            )
        elif not np.isfinite(values).all():
            bad = int((~np.isfinite(values)).sum())
            faults.append(
                f"{path}.{name}: {bad} of {values.size} draws are missing or infinite; every "
                "option has a value in every draw; leave those draws out of all columns"
            )
        else:
            found[str(name)] = values
    return found
