"""What the metrics of one case are called, with the titles of its outcomes, lines and investors."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.case import Case
from sibsim.core.wording import party_words
from sibsim.core.words import Words
from sibsim.metric_words import METRIC_WORDS, OF_PARTS, metric_words
from sibsim.reports.parameter_words import part_title

SECTIONS: Mapping[str, str] = {
    "achieved": "outcomes",
    "additional": "outcomes",
    "budget_guarantee": "budget",
    "clipped": "outcomes",
    "equalisation": "budget",
    "measured": "measures",
    "measurement_bias": "measures",
    "p_goal": "outcomes",
    "payments": "payments",
    "people": "outcomes",
}
"""Sections of the parts that metrics are of."""

LIMITS: Mapping[str, Words] = {
    "contract": Words(da="hele kontrakten", en="the whole contract"),
    "person": Words(da="pr. person", en="per person"),
    "year": Words(da="pr. år", en="per year"),
}
"""What limits hold for."""


def metric_title(case: Case, metric: str) -> Words:
    """Return what a metric is called in a case: `opnået: Job, uddannelse, efter 12 måneder`.

    Parameters
    ----------
    case
        The case.
    metric
        Name of the metric, such as `achieved.job.12` or `tranche.fund.irr`.
    """
    kind, _, rest = metric.partition(".")
    name, _, last = rest.partition(".")
    if kind == "tranche" and f"investor_{last}" in METRIC_WORDS:
        of_all, shown = METRIC_WORDS[f"investor_{last}"], party_words(name)
        return Words(da=f"{of_all.da}, {shown.da}", en=f"{of_all.en}, {shown.en}")
    if kind == "limit_bound":
        title = LIMITS.get(name) or part_title(case, "payments", last or name)
    elif kind in SECTIONS:
        title = part_title(case, SECTIONS[kind], name)
    else:
        return metric_words(metric)
    words = OF_PARTS[kind]
    months = Words(da=f", efter {last} måneder", en=f", at {last} months")
    if not last.isdigit():
        months = Words(da="", en="")
    return Words(
        da=f"{words.da}: {title.in_language('da')}{months.da}",
        en=f"{words.en}: {title.in_language('en')}{months.en}",
    )
