"""Scenarios in sentences in Danish and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sibsim.core.amounts import in_both
from sibsim.core.statistics import Estimate
from sibsim.core.wording import Sentence, listing
from sibsim.core.words import Words
from sibsim.decisions.conditions import MEDIAN, Figure
from sibsim.decisions.drivers import words
from sibsim.metric_words import metric_words

if TYPE_CHECKING:
    from sibsim.decisions.drivers.scenario_table import Scenario, Scenarios

_AT_ENDS = {
    "low": Words(
        da="i lavt står hver usikker størrelse ved den ende, p10 eller p90, hvor {metric} er "
        "lavest, alle på én gang",
        en="in low every uncertain quantity stands at the end, p10 or p90, at which {metric} is "
        "lower, all of them at once",
    ),
    "high": Words(
        da="i højt står hver ved den ende, hvor {metric} er højest",
        en="in high each stands at the end at which {metric} is higher",
    ),
}

_COMES_TO = Words(
    da="i scenariet {name} er {metric} {value}; {beyond}",
    en="in the scenario {name}, {metric} is {value}; {beyond}",
)

_BELOW = Words(
    da="så lavt eller lavere er det i {share} af de simulerede trækninger",
    en="as low or lower it is in {share} of simulated draws",
)

_ABOVE = Words(
    da="så højt eller højere er det i {share} af de simulerede trækninger",
    en="as high or higher it is in {share} of simulated draws",
)

_NAMES = {
    "low": Words(da="lavt", en="low"),
    "base": Words(da="forventet", en="base"),
    "high": Words(da="højt", en="high"),
}


def sentences(found: Scenarios) -> Iterator[Sentence]:
    """Yield what the scenarios come to, how likely that is, and what they assume.

    Parameters
    ----------
    found
        The scenarios.
    """
    metric = metric_words(found.named)
    for each in found.scenarios.values():
        yield _of_one(found, each)
    for name, pattern in _AT_ENDS.items():
        if not found.scenarios[name].is_stated:
            yield Sentence(pattern, {"metric": metric})
    if found.unmoved:
        pattern = Words(
            da="i basiscasen flytter dette ikke {metric} og står uændret: {what}",
            en="in the base case this does not move {metric} and stands as it is: {what}",
        )
        what = listing([words.called(found.case, path) for path in found.unmoved])
        yield Sentence(pattern, {"metric": metric, "what": what})
    pattern = Words(
        da="scenarierne er basiscasen med ændringer, uden tilfældigheder; ved siden af står "
        "{draws} simulerede trækninger; ± er én Monte Carlo-standardfejl",
        en="the scenarios are the base case with changes, without chance; beside them stand "
        "{draws} simulated draws; ± is one Monte Carlo standard error",
    )
    yield Sentence(pattern, {"draws": in_both(f"{found.draws:,}")})


def _of_one(found: Scenarios, scenario: Scenario) -> Sentence:
    figure = Figure("quantile", found.named, at=MEDIAN)
    reached = scenario.metrics[found.named]
    above = scenario.name == "high"
    share = _share(found, scenario.at_or_above if above else scenario.at_or_below)
    pattern = _ABOVE if above else _BELOW
    beyond = Words(
        da=pattern.in_language("da").format(share=share.da),
        en=pattern.in_language("en").format(share=share.en),
    )
    quoted = Words(da=f"»{scenario.name}«", en=f'"{scenario.name}"')
    values: dict[str, Words | str] = {
        "name": _NAMES.get(scenario.name, quoted),
        "metric": metric_words(found.named),
        "value": words.value(reached, figure=figure, case=found.case),
        "beyond": beyond,
    }
    return Sentence(_COMES_TO, values)


def _share(found: Scenarios, estimate: Estimate) -> Words:
    figure = Figure("probability", found.named)
    return words.with_error(estimate, figure=figure, case=found.case)
