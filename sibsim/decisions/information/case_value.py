"""What it is worth to know more before deciding on a case.

A decision maker can learn parameters and not luck. All parameters are the uncertain quantities of
the case and its drifts; what they are worth is estimated by regression of what each option brings
on them, which averages luck out (`estimators`). The value with luck foreseen too, the mean of the
best option in each draw, stands beside as *perfect foresight*: no knowledge is worth more.

Assumptions: whoever decides looks at expected present value alone; knowledge comes before the
decision and delays nothing; what a study shows is used as well as it can be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import Estimate, mc_error_of_mean, mc_error_of_probability
from sibsim.core.streams import Rng, seed_from
from sibsim.core.wording import listing
from sibsim.core.words import Words
from sibsim.decisions.asking import check_draws
from sibsim.decisions.information.deciding import (
    Drawn,
    check_deciding,
    drawn,
    read_groups,
    uncertain_paths,
)
from sibsim.decisions.information.estimators import enbs, foreseen, known
from sibsim.decisions.information.result import Information, Learned
from sibsim.decisions.information.samples import LEAST_DRAWS
from sibsim.decisions.information.studies import Reported, Study, read_studies, reported
from sibsim.decisions.information.valued import Valued
from sibsim.decisions.worlds import Luck, factors_of
from sibsim.errors import ArgumentError
from sibsim.forecast.quantity_words import quantity_words

FORESIGHT, EVERYTHING = "perfect foresight", "all parameters"
"""What the first two rows are called."""

FIRST_COHORT = "first cohort"
"""What the study is called that is looked at where none is given."""

_ASSUMED = Words(
    da="viden antages at komme før beslutningen og ikke at forsinke den, og der besluttes alene "
    "efter den gennemsnitlige nutidsværdi",
    en="knowledge is assumed to come before the decision and not to delay it, and what is decided "
    "by is the mean present value alone",
)
_FIRST_COHORT = Words(
    da="som studie er set på casens egen evaluering af et første hold, der kommer ud over "
    "kontraktens; hvad det koster, er ikke med",
    en="as a study, the case's own evaluation of a first cohort is looked at, one that comes "
    "before those of the contract; what it costs is left out",
)
_NO_MEASURES = Words(
    da="casen har ingen målinger, så intet studie er set på",
    en="the case has no measures, so that no study is looked at",
)
_PER_COHORT = Words(
    da="størrelser, som hvert hold har sin egen værdi af, kendes ved deres gennemsnit over hold",
    en="quantities of which each cohort has a value of its own are known by their mean over "
    "cohorts",
)


def value_of_information(
    case: Case,
    *,
    for_: str,
    groups: Mapping[str, Sequence[str]] | None = None,
    studies: Mapping[str, Study] | None = None,
    draws: int = 10_000,
    rng: Rng = 0,
) -> Information:
    """Return what it is worth to know more before deciding on a case.

    Parameters
    ----------
    case
        The case.
    for_
        Who decides: `municipality` (the authority: sign the contract, use its own money, do
        nothing) or `investor` (invest or stay out).
    groups
        Groups of quantities that may be learned together: paths by the name of the group, such as
        `{"the effect": ["outcomes.job.effect", "outcomes.job.transport.tau"]}`.
    studies
        Studies whose results may be awaited, by name; None: the case's own evaluation of its first
        cohort.
    draws, rng
        Number of draws, at least 1,000, and seed.

    Raises
    ------
    ArgumentError, CaseError
        If an argument is out of range, a group names what is not uncertain, a study is invalid, or
        the case has no discount rate or is not complete enough to be run.
    """
    check_complete(case)
    for_ = check_deciding(case, for_)
    check_draws(draws, rng, least=LEAST_DRAWS, reason="a relation is fitted on them")
    paths = read_groups(case, groups)
    chosen = _default(case) if studies is None else studies
    found_studies = read_studies(case, chosen)
    _check_names([*paths], [*found_studies], taken=[FORESIGHT, EVERYTHING, *factors_of(case)])
    luck = Luck.of(seed_from(rng))
    found = drawn(case, for_=for_, draws=draws, luck=luck)
    everything = known(found.options, found.values)
    learned = [
        Learned(FORESIGHT, "bound", _FORESIGHT_WORDS, foreseen(found.options)),
        Learned(EVERYTHING, "all", _EVERYTHING_WORDS, everything),
        *_factors(case, found),
        *(
            Learned(name, "group", Words(da=name, en=name), _of(found, each))
            for name, each in paths.items()
        ),
    ]
    nobody: dict[str, int] = {}
    for name, (study, changed) in found_studies.items():
        results = reported(changed, cohorts=study.cohorts, draws=draws, luck=luck)
        learned.append(_study(name, study, found, results, given=studies is not None))
        nobody[name] = results.nobody
    notes = _notes(case, learned, nobody=nobody, given=studies is not None)
    return Information(
        case=case,
        for_=for_,
        draws=draws,
        seed=luck.parameters,
        best=everything.best,
        options={name: _mean(each) for name, each in found.options.items()},
        wrong=_probability(everything),
        learned=tuple(learned),
        notes=notes,
    )


_FORESIGHT_WORDS = Words(da="alt, også tilfældet", en="everything, luck included")
_EVERYTHING_WORDS = Words(da="alt det usikre", en="all that is uncertain")


def _check_names(groups: list[str], studies: list[str], *, taken: list[str]) -> None:
    faults = [
        f"{argument}: got {name!r}, which another row of the table is called; choose another name"
        for argument, names, others in (
            ("groups", groups, taken),
            ("studies", studies, [*taken, *groups]),
        )
        for name in names
        if name in others
    ]
    if faults:
        raise ArgumentError("\n  ".join(faults))


def _default(case: Case) -> dict[str, Study]:
    return {FIRST_COHORT: Study(cohorts=1)} if case.measures else {}


def _of(found: Drawn, paths: Sequence[str]) -> Valued:
    return known(found.options, {path: found.values[path] for path in paths})


def _factors(case: Case, found: Drawn) -> list[Learned]:
    """Return each factor, the most valuable first."""
    uncertain = uncertain_paths(case)
    factors = [
        Learned(label, "factor", _together(case, own), _of(found, own))
        for label, (_, paths) in factors_of(case).items()
        if (own := [path for path in paths if path in uncertain])
    ]
    return sorted(factors, key=lambda each: -each.valued.value)


def _together(case: Case, paths: Sequence[str]) -> Words:
    return listing([quantity_words(case, path) for path in paths])


def _study(name: str, study: Study, found: Drawn, results: Reported, *, given: bool) -> Learned:
    valued = known(found.options, results.summary)
    net = None
    if study.cost is not None:
        counted = enbs(valued, cost=study.cost, decisions=study.decisions)
        net = Estimate(counted.value, mc_error=counted.mc_error, undefined=0.0)
    words = Words(da=f"»{name}«", en=f'"{name}"') if given else _FIRST_COHORT_WORDS
    return Learned(name, "study", words, valued, study.cost, study.decisions, net)


_FIRST_COHORT_WORDS = Words(
    da="evalueringen af et første hold", en="the evaluation of a first cohort"
)


def _mean(values: FloatArray) -> Estimate:
    return Estimate(float(values.mean()), mc_error=mc_error_of_mean(values), undefined=0.0)


def _probability(everything: Valued) -> Estimate:
    happens = np.arange(everything.draws) < round(everything.changes * everything.draws)
    return Estimate(everything.changes, mc_error_of_probability(happens), undefined=0.0)


def _notes(
    case: Case, learned: Sequence[Learned], *, nobody: Mapping[str, int], given: bool
) -> tuple[Words, ...]:
    notes = [_ASSUMED]
    if not given:
        notes.append(_FIRST_COHORT if case.measures else _NO_MEASURES)
    if any(each.per_cohort and not each.is_fixed for each in case.quantities.values()):
        notes.append(_PER_COHORT)
    for each in learned:
        left_out = each.valued.left_out
        if left_out:
            notes.append(
                Words(
                    da=f"for {each.words.da} er {left_out} samspil af to størrelser udeladt, "
                    "fordi der er for få trækninger til dem; flere trækninger kan hæve værdien",
                    en=f"for {each.words.en}, {left_out} interactions of two quantities are left "
                    "out, as there are too few draws for them; more draws may raise its value",
                )
            )
    low = [each for each in learned if each.valued.too_low_by > each.valued.mc_error > 0]
    if low:
        names = listing([each.words for each in low])
        notes.append(
            Words(
                da=f"for {names.da} kan værdien være mere for lav, end Monte Carlo-fejlen siger, "
                "fordi sammenhængen er fundet af disse trækninger (too_low_by i tabellen); flere "
                "trækninger hjælper",
                en=f"for {names.en} the value may be too low by more than the Monte Carlo error, "
                "as the relation is found from these draws (too_low_by in the table); more draws "
                "help",
            )
        )
    notes += [
        Words(
            da=f"i {number} trækninger er der ingen i en af målingerne i {name}; deres resultat er "
            "sat til gennemsnittet",
            en=f"in {number} draws a measure of {name} reports nobody; its result is taken at its "
            "mean",
        )
        for name, number in nobody.items()
        if number
    ]
    return tuple(notes)
