"""Micro-simulation: people made under a stated truth, and the real estimator run on them.

A design of `sibsim.evaluation` states by a formula how far its estimate lies from the truth. Here
people (with their clusters, periods and scores) are made one by one, the analysis that an evaluator
would do is done on them, many times, and its estimates show whether the formula holds. `trial` is
the way in, `stated` reads what it is given and `designs` says how each design is simulated; `truth`
says what happens to people, `individuals` (with `selection`), `panels` and `series` make them,
`estimators`, `adjusted` and `serial` analyse them.

An analysis of one's own goes in the same place. It takes the people of one replicate, a data frame
with the columns that `people_of` lists by design, and returns estimate, standard error and, where
the test is a t test, degrees of freedom:

>>> from sibsim import micro
>>> def pooled_variance(people):
...     of_arm = people.groupby("treated")["outcome"]
...     mean, number = of_arm.mean(), of_arm.count()
...     variance = (of_arm.var() * (number - 1)).sum() / (number.sum() - 2)
...     error = (variance * (1 / number).sum()) ** 0.5
...     return mean[1] - mean[0], error, number.sum() - 2
>>> trial = {"design": "randomised", "controls_per_participant": 1}
>>> truth = {"people": 200, "counterfactual": 0.3, "effect": 0.1}
>>> micro.people_of(trial, **truth, rng=1).columns.tolist()
['person', 'assigned', 'treated', 'outcome']
>>> found = micro.simulate_evaluation(
...     trial, **truth, estimator=pooled_variance, replicates=400, rng=1
... )
>>> print(found.table().round(3))
                     value  mc_error
mean                 0.103     0.002
bias                 0.003     0.002
sd                   0.049     0.002
mean_standard_error  0.047     0.000
coverage             0.945     0.012
power                0.588     0.024
undefined            0.000     0.003
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
