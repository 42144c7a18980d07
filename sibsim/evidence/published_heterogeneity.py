"""How much effects differed between studies in thousands of published meta-analyses.

Where few studies speak of a programme, tau may be taken from what others found: tau^2 of log odds
ratios is log-normal, by what was measured and what was compared, fitted to the binary outcomes of
the Cochrane Database of Systematic Reviews.

Source: Turner, Jackson, Wei, Thompson and Higgins 2015, Predictive distributions for
between-study heterogeneity and simple methods for their application in Bayesian meta-analysis,
Statistics in Medicine 34(6):984-998, Table IV, and page 993 for all settings together, from 14,886
meta-analyses. The figures were read in `TurnerEtAlParameters` and `TurnerEtAlPrior` of the R
package bayesmeta (Röver): https://github.com/cran/bayesmeta/blob/master/R/bayesmeta.R.
Assumption: social programmes differ between places as much as treatments in health that are no
medicines; the table has no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.heterogeneity_priors import LogNormalVariance

Comparison = Literal["control", "other_programme"]
"""What a programme that is no medicine was compared with: placebo or control (`control`), or
another such programme."""

ALL_SETTINGS = LogNormalVariance(log_mean=-2.56, log_sd=1.74)
"""tau^2 of log odds ratios whatever was measured and compared; the median of tau is 0.278."""

_NO_MEDICINE: Mapping[str, Mapping[Comparison, tuple[float, float]]] = MappingProxyType(
    {
        "all_cause_mortality": {"control": (-4.17, 1.55), "other_programme": (-3.50, 1.26)},
        "resource_use": {"control": (-2.56, 1.91), "other_programme": (-1.90, 1.68)},
        "withdrawals": {"control": (-3.21, 1.91), "other_programme": (-2.55, 1.68)},
        "general_physical_health": {"control": (-2.51, 1.72), "other_programme": (-1.85, 1.46)},
        "adverse_events": {"control": (-2.10, 1.71), "other_programme": (-1.43, 1.45)},
        "quality_of_life": {"control": (-2.77, 1.73), "other_programme": (-2.10, 1.47)},
        "mental_health": {"control": (-2.34, 1.72), "other_programme": (-1.67, 1.47)},
        "subjective": {"control": (-2.92, 1.71), "other_programme": (-2.26, 1.45)},
    }
)
"""Mean and standard deviation of ln tau^2 for treatments that are no medicines: all-cause
mortality; resource use, hospital stay, process; withdrawals, drop-outs; general physical health
indicators; adverse events; quality of life, functioning (dichotomised); mental health indicators;
subjective outcomes (various)."""


def published_tau(
    *, outcome: str | None = None, comparison: Comparison = "control"
) -> LogNormalVariance:
    """Return what published meta-analyses lead one to expect of tau for log odds ratios.

    Parameters
    ----------
    outcome
        What was measured, one of `all_cause_mortality`, `resource_use`, `withdrawals`,
        `general_physical_health`, `adverse_events`, `quality_of_life`, `mental_health`,
        `subjective`; None: all settings together, medicines included.
    comparison
        What it was compared with; not read where `outcome` is None.

    Raises
    ------
    UnknownNameError
        If the outcome is not in the table.
    ArgumentError
        If the comparison is not.
    """
    if outcome is None:
        return ALL_SETTINGS
    if outcome not in _NO_MEDICINE:
        known = tuple(_NO_MEDICINE)
        message = f"outcome: got {outcome!r}; the table has {', '.join(known)}" + (
            nearest(outcome, known) or "; leave it out for all settings together"
        )
        raise UnknownNameError(message)
    by_comparison = _NO_MEDICINE[outcome]
    if comparison not in by_comparison:
        message = f"comparison: got {comparison!r}; it is {' or '.join(by_comparison)}; choose one"
        raise ArgumentError(message)
    log_mean, log_sd = by_comparison[comparison]
    return LogNormalVariance(log_mean=log_mean, log_sd=log_sd)
