"""Tables of shares of a variance, wide and long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sibsim.decisions.variance.estimators import Part

if TYPE_CHECKING:
    import pandas as pd

ORDERS = ("first", "total")
"""What a group brings alone, and what it brings alone and with others."""


def wide(parts: Mapping[str, Part], *, index: str) -> pd.DataFrame:
    """Return one row per group: `first`, `total`, their errors, `told_from_zero` of the first.

    Parameters
    ----------
    parts
        What each group brings.
    index
        Name of the index.
    """
    import pandas as pd

    rows = {
        name: {
            "first": part.first.value,
            "first_mc_error": part.first.mc_error,
            "told_from_zero": part.first.told_from_zero,
            "total": part.total.value,
            "total_mc_error": part.total.mc_error,
        }
        for name, part in parts.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index)


def long(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per share: the group, `order`, `share` and `mc_error`.

    Parameters
    ----------
    table
        What `wide` returns.
    """
    import pandas as pd

    parts = [
        pd.DataFrame(
            {
                table.index.name: table.index,
                "order": order,
                "share": table[order].to_numpy(),
                "mc_error": table[f"{order}_mc_error"].to_numpy(),
            }
        )
        for order in ORDERS
    ]
    return pd.concat(parts, ignore_index=True).dropna(subset="share", ignore_index=True)
