"""The room of evidence: from studies to what a case may assume, and from experts to the same.

Studies are read on one scale (`read_studies`, `load_evidence`), put together (`meta_analysis`,
`mantel_haenszel`, `hierarchical_normal`, `posterior`), and enter a case as a `Prior`. What the next
place may see is wider than the mean over places, and is what a case needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sibsim.core.effect_conversions import convert, d_to_g, from_logarithm, g_to_d, to_logarithm
    from sibsim.core.effect_sizes import (
        EffectSize,
        effect_of_counts,
        hazard_ratio_of_log_rank,
        mean_difference,
        standardised_difference,
    )
    from sibsim.core.standard_errors import (
        design_effect,
        effective_number,
        standard_error_of_limits,
        standard_error_of_p,
    )
    from sibsim.evidence.bayes import posterior
    from sibsim.evidence.common_effect import MantelHaenszel, mantel_haenszel
    from sibsim.evidence.elicitation import elicit_citizens, elicit_quantiles, pool
    from sibsim.evidence.expectation import Expectation
    from sibsim.evidence.heterogeneity_priors import (
        HalfCauchy,
        HalfNormal,
        LogNormalVariance,
        UniformDeviation,
    )
    from sibsim.evidence.influence import LeaveOneOut, leave_one_out
    from sibsim.evidence.meta import MetaAnalysis, meta_analysis
    from sibsim.evidence.posteriors import Posterior
    from sibsim.evidence.prior import Prior
    from sibsim.evidence.prior_mixture import mixture
    from sibsim.evidence.prior_words import said_back
    from sibsim.evidence.published_heterogeneity import published_tau
    from sibsim.evidence.quadrature import HierarchicalNormal, hierarchical_normal
    from sibsim.evidence.reading import read_studies
    from sibsim.evidence.regression import Coefficient, ModeratorTest
    from sibsim.evidence.shipped import list_evidence, load_evidence
    from sibsim.evidence.small_studies import BiasLimited, EggerTest, egger_test, pet_peese
    from sibsim.evidence.studies import Counts, Studies
    from sibsim.evidence.terms import Regression, Term, design_bias, place_difference, practice_loss

_HOMES = {
    "BiasLimited": "sibsim.evidence.small_studies",
    "Coefficient": "sibsim.evidence.regression",
    "Counts": "sibsim.evidence.studies",
    "EffectSize": "sibsim.core.effect_sizes",
    "EggerTest": "sibsim.evidence.small_studies",
    "Expectation": "sibsim.evidence.expectation",
    "HalfCauchy": "sibsim.evidence.heterogeneity_priors",
    "HalfNormal": "sibsim.evidence.heterogeneity_priors",
    "HierarchicalNormal": "sibsim.evidence.quadrature",
    "LeaveOneOut": "sibsim.evidence.influence",
    "LogNormalVariance": "sibsim.evidence.heterogeneity_priors",
    "MantelHaenszel": "sibsim.evidence.common_effect",
    "MetaAnalysis": "sibsim.evidence.meta",
    "ModeratorTest": "sibsim.evidence.regression",
    "Posterior": "sibsim.evidence.posteriors",
    "Prior": "sibsim.evidence.prior",
    "Regression": "sibsim.evidence.terms",
    "Studies": "sibsim.evidence.studies",
    "Term": "sibsim.evidence.terms",
    "UniformDeviation": "sibsim.evidence.heterogeneity_priors",
    "convert": "sibsim.core.effect_conversions",
    "d_to_g": "sibsim.core.effect_conversions",
    "design_bias": "sibsim.evidence.terms",
    "design_effect": "sibsim.core.standard_errors",
    "effect_of_counts": "sibsim.core.effect_sizes",
    "effective_number": "sibsim.core.standard_errors",
    "egger_test": "sibsim.evidence.small_studies",
    "elicit_citizens": "sibsim.evidence.elicitation",
    "elicit_quantiles": "sibsim.evidence.elicitation",
    "from_logarithm": "sibsim.core.effect_conversions",
    "g_to_d": "sibsim.core.effect_conversions",
    "hazard_ratio_of_log_rank": "sibsim.core.effect_sizes",
    "hierarchical_normal": "sibsim.evidence.quadrature",
    "leave_one_out": "sibsim.evidence.influence",
    "list_evidence": "sibsim.evidence.shipped",
    "load_evidence": "sibsim.evidence.shipped",
    "mantel_haenszel": "sibsim.evidence.common_effect",
    "mean_difference": "sibsim.core.effect_sizes",
    "meta_analysis": "sibsim.evidence.meta",
    "mixture": "sibsim.evidence.prior_mixture",
    "pet_peese": "sibsim.evidence.small_studies",
    "place_difference": "sibsim.evidence.terms",
    "pool": "sibsim.evidence.elicitation",
    "posterior": "sibsim.evidence.bayes",
    "practice_loss": "sibsim.evidence.terms",
    "published_tau": "sibsim.evidence.published_heterogeneity",
    "read_studies": "sibsim.evidence.reading",
    "said_back": "sibsim.evidence.prior_words",
    "standard_error_of_limits": "sibsim.core.standard_errors",
    "standard_error_of_p": "sibsim.core.standard_errors",
    "standardised_difference": "sibsim.core.effect_sizes",
    "to_logarithm": "sibsim.core.effect_conversions",
}

__all__ = [
    "BiasLimited",
    "Coefficient",
    "Counts",
    "EffectSize",
    "EggerTest",
    "Expectation",
    "HalfCauchy",
    "HalfNormal",
    "HierarchicalNormal",
    "LeaveOneOut",
    "LogNormalVariance",
    "MantelHaenszel",
    "MetaAnalysis",
    "ModeratorTest",
    "Posterior",
    "Prior",
    "Regression",
    "Studies",
    "Term",
    "UniformDeviation",
    "convert",
    "d_to_g",
    "design_bias",
    "design_effect",
    "effect_of_counts",
    "effective_number",
    "egger_test",
    "elicit_citizens",
    "elicit_quantiles",
    "from_logarithm",
    "g_to_d",
    "hazard_ratio_of_log_rank",
    "hierarchical_normal",
    "leave_one_out",
    "list_evidence",
    "load_evidence",
    "mantel_haenszel",
    "mean_difference",
    "meta_analysis",
    "mixture",
    "pet_peese",
    "place_difference",
    "pool",
    "posterior",
    "practice_loss",
    "published_tau",
    "read_studies",
    "said_back",
    "standard_error_of_limits",
    "standard_error_of_p",
    "standardised_difference",
    "to_logarithm",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]
