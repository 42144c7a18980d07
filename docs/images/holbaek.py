"""Make the picture of the README: the Holbæk case, 10,000 draws."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

import sibsim as sib
from sibsim.reports import plots

mpl.use("Agg")
results = sib.load_case("holbaek").simulate(draws=10_000, rng=2026)
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.2), layout="constrained")
plots.goals(results, ax=left)
plots.cumulative_cash(results, "investor", ax=middle)
plots.cumulative_cash(results, "municipality", ax=right)
right.set_title("The municipality: cumulative net")
figure.savefig(Path(__file__).with_suffix(".png"), dpi=100)
