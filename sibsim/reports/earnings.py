"""What the investors earn in each way it is called, which lines it comes from, how bad it gets.

Blocks are realised again from the seed where they were not kept; nothing is averaged that has no
mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.capital.returns import attribution, return_measures
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import expected_shortfall, loss_given_loss, value_at_risk
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.reports.replay import blocks_of
from sibsim.results import Results

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
"""Quantiles that are shown, by column."""


def returns_table(results: Results) -> pd.DataFrame:
    """Return every measure of return, of all investments together and of each tranche.

    Parameters
    ----------
    results
        The run, base case or settlement.
    """
    import pandas as pd

    years = results.case.timeline.periods_per_year
    found = _over_blocks(
        results,
        (
            return_measures(accounts.capital, periods_per_year=years)
            for _, accounts, _ in blocks_of(results)
        ),
    )
    rows = {}
    for name, values in found.items():
        defined = values[~np.isnan(values)]
        quantiles = np.quantile(defined, list(QUANTILES.values())) if len(defined) else np.nan
        rows[_scope(name)] = dict(zip(QUANTILES, np.broadcast_to(quantiles, 3), strict=True)) | {
            "undefined": 1 - len(defined) / len(values)
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(rows, names=["investment", "measure"])
    return frame


def attribution_table(results: Results) -> pd.DataFrame:
    """Return where the receipts of all investments come from, mean over draws, and their share.

    Parameters
    ----------
    results
        The run, base case or settlement.
    """
    import pandas as pd

    found = _over_blocks(
        results,
        (
            attribution(
                accounts.capital,
                accounts.payments.paid,
                tranches=accounts.capital.capital.investments,
            )
            for _, accounts, _ in blocks_of(results)
        ),
    )
    means = {name: float(values.mean()) for name, values in found.items()}
    frame = pd.DataFrame({"received": means})
    total = frame["received"].sum()
    frame["share"] = frame["received"] / total if total else np.nan
    frame.index.name = "source"
    return frame


def risk_table(results: Results) -> pd.DataFrame:
    """Return how bad it gets for the investor and the municipality, with Monte Carlo errors.

    Parameters
    ----------
    results
        The run.
    """
    import pandas as pd

    nets = results.in_nets
    rows = {}
    for name in ("investor_profit", "municipality_net"):
        if name not in results.metrics:
            continue
        values = results.metrics[name]
        found = {
            "value_at_risk": value_at_risk(values, nets=nets),
            "expected_shortfall": expected_shortfall(values, nets=nets),
            "loss_given_loss": loss_given_loss(values, nets=nets),
        }
        rows[name] = {title: each.value for title, each in found.items()} | {
            f"{title}_mc_error": each.mc_error for title, each in found.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _scope(name: str) -> tuple[str, str]:
    """Return whom a measure is of, and which it is: `tranche.dsi.irr` is of dsi."""
    if name.startswith("tranche."):
        tranche, _, figure = name.removeprefix("tranche.").rpartition(".")
        return tranche, figure
    return "all", name.removeprefix("investor_")


def _over_blocks(
    results: Results, blocks: Iterator[dict[str, FloatArray]]
) -> dict[str, FloatArray]:
    """Return figures of blocks one after another, cut to the draws of the run, (D,) each."""
    width = BLOCK_DRAWS if results.kind == "run" else 1
    parts = [
        {name: np.broadcast_to(values, (width,)) for name, values in block.items()}
        for block in blocks
    ]
    return {
        name: np.concatenate([part[name] for part in parts])[: results.draws] for name in parts[0]
    }
