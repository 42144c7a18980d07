"""Micro-simulation: people made under a stated truth, and the real estimator run on them.

A design of `sibsim.evaluation` states by a formula how far its estimate lies from the truth. Here
people (with their clusters, periods and scores) are made one by one, the analysis that an evaluator
would do is done on them, many times, and its estimates show whether the formula holds. An analysis
of one's own goes in the same place. `trial` is the way in and `designs` says how each design is
simulated; `truth` says what happens to people, `individuals` (with `selection`), `panels` and
`series` make them, `estimators`, `adjusted` and `serial` analyse them.
"""

from __future__ import annotations

from sibsim.micro.adjusted import (
    ancova,
    change_from_before,
    jump_at_cutoff,
    matched_pairs,
    propensity_weighted,
    two_way_fixed_effects,
)
from sibsim.micro.estimators import (
    Estimate,
    adjusted_difference,
    assigned_difference,
    cluster_means,
    clustered_difference,
    complier_effect,
    count_effect,
    difference_in_means,
    log_hazard_ratio,
    logit_effect,
    mean_above_comparison,
)
from sibsim.micro.serial import (
    hussey_hughes,
    mixed_model,
    segmented,
    segmented_estimated,
    synthetic_control,
)
from sibsim.micro.trial import (
    Replicates,
    people_of,
    simulate_evaluation,
)

__all__ = [
    "Estimate",
    "Replicates",
    "adjusted_difference",
    "ancova",
    "assigned_difference",
    "change_from_before",
    "cluster_means",
    "clustered_difference",
    "complier_effect",
    "count_effect",
    "difference_in_means",
    "hussey_hughes",
    "jump_at_cutoff",
    "log_hazard_ratio",
    "logit_effect",
    "matched_pairs",
    "mean_above_comparison",
    "mixed_model",
    "people_of",
    "propensity_weighted",
    "segmented",
    "segmented_estimated",
    "simulate_evaluation",
    "synthetic_control",
    "two_way_fixed_effects",
]
