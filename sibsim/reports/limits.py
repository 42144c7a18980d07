"""In which periods each limit bound, in how many draws, and what it cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.metrics import ROUNDING
from sibsim.reports.replay import blocks_of
from sibsim.results import Results

if TYPE_CHECKING:
    import pandas as pd


def limits_table(results: Results) -> pd.DataFrame:
    """Return every limit and period in which it bound in any draw.

    Parameters
    ----------
    results
        The run, base case or settlement.
    """
    import pandas as pd

    timeline = results.case.timeline
    bound: dict[str, FloatArray] = {}
    cut: dict[str, FloatArray] = {}
    for _, accounts, draws in blocks_of(results):
        for name, amount in accounts.payments.cut.items():
            here = np.broadcast_to(amount, (timeline.periods, max(draws, amount.shape[1])))
            here = here[:, :draws]
            nothing = np.zeros(timeline.periods)
            bound[name] = bound.get(name, nothing) + (here > ROUNDING).sum(axis=1)
            cut[name] = cut.get(name, nothing) + here.sum(axis=1)
    rows = [
        {
            "limit": name,
            "period": timeline.labels[t],
            "share_of_draws": times[t] / results.draws,
            "mean_cut": cut[name][t] / results.draws,
        }
        for name, times in bound.items()
        for t in np.flatnonzero(times)
    ]
    columns = ["limit", "period", "share_of_draws", "mean_cut"]
    return pd.DataFrame(rows, columns=columns).set_index(["limit", "period"])
