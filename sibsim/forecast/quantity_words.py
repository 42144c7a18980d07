"""What the uncertain quantities of a case are called in sentences, in Danish and English.

The title of an outcome stands for its name. A quantity that has no words here is called by its
path, which is how a case file and every table call it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.case import Case
from sibsim.core.wording import named
from sibsim.core.words import Words

_OUTCOMES, _DRIFTS = "outcomes", "drifts"

_OF_DELIVERY: Mapping[str, Words] = {
    "delivery.volume": Words(da="hvor mange der kommer", en="how many come"),
    "delivery.take_up": Words(
        da="hvor mange af de henviste der starter", en="how many of those referred start"
    ),
    "delivery.completion": Words(da="hvor mange der gennemfører", en="how many complete"),
    "delivery.start_delay": Words(
        da="hvor meget starten er forsinket", en="how late the service starts"
    ),
}

_OF_OUTCOME: Mapping[str, Words] = {
    "counterfactual": Words(da="{title} uden indsatsen", en="{title} without the intervention"),
    "success_rate": Words(da="{title} med indsatsen", en="{title} with the intervention"),
    "with_intervention": Words(da="{title} med indsatsen", en="{title} with the intervention"),
    "effect": Words(da="effekten på {title}", en="the effect on {title}"),
    "uplift": Words(da="effekten på {title}", en="the effect on {title}"),
    "transport.tau": Words(
        da="hvor meget af effekten på {title} der gælder her",
        en="how much of the effect on {title} holds here",
    ),
    "transport.noise": Words(
        da="hvordan effekten på {title} er netop her", en="how the effect on {title} is just here"
    ),
    "transport.omega": Words(
        da="hvor meget effekten på {title} varierer mellem steder",
        en="how much the effect on {title} differs between places",
    ),
    "persistence": Words(
        da="hvor fast resultaterne i {title} ligger fra opfølgning til opfølgning",
        en="how steady results in {title} are from one follow-up to the next",
    ),
}

_OTHER = Words(da="{title}: {part}", en="{title}: {part}")

_DRIFT = Words(da="udviklingen i »{name}«", en='the drift "{name}"')

_DRIFTING: Mapping[str, Words] = {
    "labour_market": Words(da="arbejdsmarkedet", en="labour market"),
}
"""What drifts of shipped cases are called; others by their name, with blanks."""


def outcome_words(case: Case, name: str) -> Words:
    """Return the title of an outcome in quotation marks, its name where it has none.

    Parameters
    ----------
    case
        The case.
    name
        Name of the outcome.
    """
    return quoted(case.outcomes[name].title or Words(da=name, en=name))


def quoted(title: Words) -> Words:
    """Return a title in quotation marks."""
    return Words(da=f"»{title.in_language('da')}«", en=f'"{title.in_language("en")}"')


def quantity_words(case: Case, path: str) -> Words:
    """Return what an uncertain quantity is called.

    Parameters
    ----------
    case
        The case.
    path
        Path of the quantity, or `drifts.<name>` of a whole drift.
    """
    if path in _OF_DELIVERY:
        return _OF_DELIVERY[path]
    section, _, rest = path.partition(".")
    name, _, part = rest.partition(".")
    if section == _OUTCOMES and name in case.outcomes:
        title = outcome_words(case, name)
        pattern = _OF_OUTCOME.get(part, _OTHER)
        return Words(
            da=pattern.in_language("da").format(title=title.da, part=part),
            en=pattern.in_language("en").format(title=title.en, part=part),
        )
    if section == _DRIFTS and not part:
        shown = named(name, _DRIFTING)
        return Words(
            da=_DRIFT.in_language("da").format(name=shown.da),
            en=_DRIFT.in_language("en").format(name=shown.en),
        )
    return Words(da=path, en=path)
