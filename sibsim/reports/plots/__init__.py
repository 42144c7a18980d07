"""Pictures of a run and of a case. Every function takes `ax` and `lang` and returns the axes.

None shows or saves anything. They work in greyscale: series differ in brightness, hatching or line
style, not in hue alone. Amounts are means over the draws, or those of the base case, in current
prices; text of a case is drawn as it stands.
"""

from __future__ import annotations

from sibsim.reports.plots.attainment import goals
from sibsim.reports.plots.cash import cash_flow, cumulative_cash
from sibsim.reports.plots.distribution import s_curve
from sibsim.reports.plots.drivers import tornado
from sibsim.reports.plots.evaluation import false_payment_curve, power_curve
from sibsim.reports.plots.funnel import payment_funnel
from sibsim.reports.plots.parties import who_saves
from sibsim.reports.plots.style import BANDS, DARK, LIGHT, MIDDLE, MILLION
from sibsim.reports.plots.waterfall import tranche_waterfall

__all__ = [
    "BANDS",
    "DARK",
    "LIGHT",
    "MIDDLE",
    "MILLION",
    "cash_flow",
    "cumulative_cash",
    "false_payment_curve",
    "goals",
    "payment_funnel",
    "power_curve",
    "s_curve",
    "tornado",
    "tranche_waterfall",
    "who_saves",
]
