"""The room of planning: how large an evaluation has to be, and what one of a given size can show.

Two ways lead here. `proportions`, `means`, `rates` and `multilevel` are the classical formulas,
each for one test.
`designs` asks any evaluation design for its own bias and error, so that power, people needed,
minimum detectable effect and assurance hold for every design that can be written in a case.
"""

from __future__ import annotations

from sibsim.core.clusters import Clusters
from sibsim.core.standard_errors import design_effect
from sibsim.planning.answers import (
    DesignPower,
)
from sibsim.planning.designs import (
    assurance,
    minimum_detectable_effect,
    people_needed,
    power,
)
from sibsim.planning.means import (
    detectable_anova,
    detectable_mean,
    people_for_anova,
    people_for_means,
    power_of_anova,
    power_of_means,
)
from sibsim.planning.multilevel import (
    MultilevelTrial,
    blocked_cluster_trial,
    blocked_trial,
    cluster_trial,
    individual_trial,
    partially_nested_trial,
    three_level_trial,
)
from sibsim.planning.needed import (
    PeopleNeeded,
)
from sibsim.planning.proportions import (
    cohen_h,
    detectable_arcsine,
    detectable_proportion,
    people_for_arcsine,
    people_for_proportions,
    power_of_arcsine,
    power_of_proportions,
)
from sibsim.planning.rates import (
    detectable_hazard_ratio,
    detectable_rate_ratio,
    events_for_hazard_ratio,
    people_for_hazard_ratio,
    people_for_rate_ratio,
    power_of_hazard_ratio,
    power_of_rate_ratio,
)
from sibsim.planning.samples import (
    diggle_people,
)
from sibsim.planning.setting import (
    Setting,
)
from sibsim.planning.standard import (
    standard_designs,
)
from sibsim.planning.table import (
    design_table,
)
from sibsim.planning.testing import (
    mde_multiplier,
)

__all__ = [
    "Clusters",
    "DesignPower",
    "MultilevelTrial",
    "PeopleNeeded",
    "Setting",
    "assurance",
    "blocked_cluster_trial",
    "blocked_trial",
    "cluster_trial",
    "cohen_h",
    "design_effect",
    "design_table",
    "detectable_anova",
    "detectable_arcsine",
    "detectable_hazard_ratio",
    "detectable_mean",
    "detectable_proportion",
    "detectable_rate_ratio",
    "diggle_people",
    "events_for_hazard_ratio",
    "individual_trial",
    "mde_multiplier",
    "minimum_detectable_effect",
    "partially_nested_trial",
    "people_for_anova",
    "people_for_arcsine",
    "people_for_hazard_ratio",
    "people_for_means",
    "people_for_proportions",
    "people_for_rate_ratio",
    "people_needed",
    "power",
    "power_of_anova",
    "power_of_arcsine",
    "power_of_hazard_ratio",
    "power_of_means",
    "power_of_proportions",
    "power_of_rate_ratio",
    "standard_designs",
    "three_level_trial",
]
