"""Who pays: one party, or several in shares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from sibsim.core.spec import Frozen, Name
from sibsim.payments.clauses import Share

SHARE_TOLERANCE = 1e-9
"""Shares may miss 1 by this much: decimal shares are not exact in binary."""


def _check_shares(payer: str | Frozen[float]) -> str | Frozen[float]:
    if isinstance(payer, str):
        return payer
    total = math.fsum(payer.values())
    if abs(total - 1) > SHARE_TOLERANCE:
        kind, message = "payer", "got shares of the payers that sum to {total}; they sum to 1"
        raise PydanticCustomError(kind, message, {"total": f"{total:g}"})
    return payer


Payer = Annotated[Name | Frozen[Share], AfterValidator(_check_shares)]
"""A party, or the share of each of several; shares sum to 1."""


def shares_of(payer: str | Mapping[str, float]) -> Mapping[str, float]:
    """Return the share of every payer."""
    return {payer: 1.0} if isinstance(payer, str) else payer
