"""Bayesian meta-analysis: what studies and stated priors together say of the next place.

A hierarchical model: every study has a true effect of its own, drawn around a mean that may depend
on terms such as the design, practice against research, and the place. Assumes that the places of
the studies are a sample of the places the next one is from, once the terms are accounted for. The
models stand in `models`, priors in `assumptions` and `heterogeneity_priors`, terms in `terms`, the
answer in `posteriors`.

Sources: Higgins, Thompson and Spiegelhalter 2009, A re-evaluation of random-effects meta-analysis,
Journal of the Royal Statistical Society A 172(1); Gelman et al. 2013, Bayesian Data Analysis, third
edition, chapter 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.distributions import Normal
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.assumptions import (
    DEFAULT_BASELINE,
    Assumptions,
    MeanAndSd,
    checked_normal,
    mean_prior,
    tau_prior,
    tau_words,
)
from sibsim.evidence.diagnostics import diagnose, refuse_untrusted
from sibsim.evidence.estimates import LEVEL, check_level
from sibsim.evidence.heterogeneity_priors import HeterogeneityPrior
from sibsim.evidence.posteriors import Model, Posterior
from sibsim.evidence.studies import Counts, Studies, StudyScale
from sibsim.evidence.terms import Regression, Term

DRAWS, WARM_UP, CHAINS = 1_000, 1_000, 4
"""The usual length of a run, which gives 400 effective draws tenfold where a model is easy."""

TARGET_ACCEPTANCE = 0.99
"""Smaller steps than numpyro's 0.8, so that the narrow part of a hierarchical model, tau near zero,
is followed without divergences."""

FEWEST_DRAWS, FEWEST_WARM_UP, FEWEST_CHAINS = 10, 100, 2
"""Halves of chains with a variance; a warm-up in which steps can be tuned; chains to compare."""

FEW_STUDIES = 5
"""Below this tau is hardly known, and hangs on its prior: Bender et al. 2018, Methods for evidence
synthesis in the case of very few studies, Research Synthesis Methods 9(3)."""

LEAST_ACCEPTANCE = 0.5
"""Below this steps are so large that NUTS wanders no further than a random walk."""

SEEDS = 2**63
"""Seeds that jax takes: those of a signed integer of 64 bits."""


@dataclass(frozen=True, slots=True)
class Run:
    """How long and how carefully is sampled."""

    draws: int
    """Draws kept of each chain."""

    warm_up: int
    """Draws of each chain before, in which steps are tuned."""

    chains: int
    """Number of chains."""

    target_acceptance: float
    """Share of steps that tuning aims to accept, in (0, 1): higher takes smaller steps."""

    seed: int
    """Seed, from 0."""


def posterior(
    studies: Studies,
    *,
    model: Model = "normal",
    mu: MeanAndSd | Normal | None = None,
    tau: HeterogeneityPrior | None = None,
    terms: Sequence[Term] = (),
    baseline: MeanAndSd = DEFAULT_BASELINE,
    level: float = LEVEL,
    draws: int = DRAWS,
    warm_up: int = WARM_UP,
    chains: int = CHAINS,
    target_acceptance: float = TARGET_ACCEPTANCE,
    seed: int = 0,
) -> Posterior:
    """Return what studies and priors say together, sampled and checked.

    Unlike `hierarchical_normal`, which integrates the plain normal model exactly, it takes counts
    and terms with priors. It loads jax and numpyro, and compiles for seconds on every call. Double
    precision is on for the call alone, in its own thread; other users of jax do not notice.

    Parameters
    ----------
    studies
        What the studies found, on one scale.
    model
        `normal` reads estimates and variances; `binomial` people and events, zeros included, and
        answers with odds ratios.
    mu
        Normal prior of the mean effect on the additive scale, (mean, standard deviation); None:
        weakly informative for the scale. A mean difference needs one.
    tau
        Prior of the standard deviation between places; None: half-normal, weakly informative for
        the scale. A mean difference needs one.
    terms
        What the effect depends on, with a prior for each coefficient: `design_bias`,
        `practice_loss`, `place_difference` or `Term`.
    baseline
        Normal prior of the log odds in each comparison group; read by the binomial model.
    level
        Probability that intervals hold, in (0, 1).
    draws
        Draws kept of each chain, at least 10.
    warm_up
        Draws of each chain before, at least 100.
    chains
        Number of chains, at least 2.
    target_acceptance
        Share of steps that tuning aims to accept, from 0.5 to below 1.
    seed
        Seed, from 0.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range, the studies lack what the model reads, or terms do not fit.
    SamplingError
        If the draws cannot be trusted: R-hat of 1.01 or more, fewer than 400 effective draws, or a
        divergence.
    """
    run = Run(
        draws=draws,
        warm_up=warm_up,
        chains=chains,
        target_acceptance=target_acceptance,
        seed=seed,
    )
    _check(run, model=model, level=level)
    _check_studies(studies, model=model)
    scale: StudyScale = "odds_ratio" if model == "binomial" else studies.scale
    regression = Regression.of(studies, terms=terms)
    assumptions = Assumptions(
        mu=mean_prior(mu, scale=scale),
        tau=tau_prior(tau, scale=scale),
        coefficients=regression.priors,
        baseline=checked_normal(baseline, name="baseline"),
    )
    # jax takes a second to load, and only what follows needs it.
    from sibsim.evidence.nuts import sampled

    function, data = _stated(studies, model=model)
    sample = sampled(
        function,
        regression.matrix,
        run=run,
        model_arguments={"assumptions": assumptions, **data},
    )
    by_name = {
        "mu": sample.draws["mu"],
        "tau": sample.draws["tau"],
        **_columns(sample.draws.get("beta"), names=regression.names),
        **_columns(sample.draws["effects"], names=studies.names),
    }
    diagnoses = diagnose(by_name)
    refuse_untrusted(diagnoses, divergences=sample.divergences, draws=chains * draws)
    return Posterior(
        studies=studies,
        model=model,
        scale=scale,
        assumptions=assumptions,
        regression=regression,
        level=level,
        chains=chains,
        mu=by_name["mu"].ravel(),
        tau=by_name["tau"].ravel(),
        coefficients={name: by_name[name].ravel() for name in regression.names},
        effects=sample.draws["effects"].reshape(-1, studies.number),
        noise=sample.noise.ravel(),
        diagnoses=diagnoses,
        notes=(
            *studies.notes,
            *_notes(
                studies,
                scale=scale,
                assumptions=assumptions,
                regression=regression,
                not_stated=[name for name, each in (("mu", mu), ("tau", tau)) if each is None],
            ),
        ),
    )


def _stated(
    studies: Studies, *, model: Model
) -> tuple[Callable[..., None], Mapping[str, FloatArray]]:
    """Return the model in numpyro and the data it takes."""
    from sibsim.evidence.models import binomial_model, normal_model

    if model == "normal":
        error = np.sqrt(studies.variance)
        return normal_model, {"estimate": studies.estimate, "standard_error": error}
    counts = _counts(studies)
    return binomial_model, {name: getattr(counts, name) for name in Counts.__dataclass_fields__}


def _columns(draws: FloatArray | None, *, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return draws (chains, draws, n) by name, (chains, draws) each; none of None."""
    return {} if draws is None else {name: draws[..., at] for at, name in enumerate(names)}


def _check(run: Run, *, model: str, level: float) -> None:
    known = get_args(Model)
    if model not in known:
        message = f"model: got {model!r}; it is {' or '.join(known)}{nearest(str(model), known)}"
        raise UnknownNameError(message)
    check_level(level)
    fewest = {"draws": FEWEST_DRAWS, "warm_up": FEWEST_WARM_UP, "chains": FEWEST_CHAINS, "seed": 0}
    for name, least in fewest.items():
        value = getattr(run, name)
        if not isinstance(value, int) or value < least:
            message = (
                f"{name}: got {value!r}; it is a whole number from {least}; write one, or leave it "
                "out"
            )
            raise ArgumentError(message)
    if run.seed >= SEEDS:
        message = f"seed: got {run.seed}; it is below 2^63; take a smaller one"
        raise ArgumentError(message)
    if not LEAST_ACCEPTANCE <= run.target_acceptance < 1.0:
        message = (
            f"target_acceptance: got {run.target_acceptance:g}; it lies from {LEAST_ACCEPTANCE:g} "
            "to below 1; write for example 0.99"
        )
        raise ArgumentError(message)


def _check_studies(studies: Studies, *, model: Model) -> None:
    if not studies.number:
        message = "studies: got none; a posterior needs at least one; read some"
        raise ArgumentError(message)
    if model == "normal":
        checks: dict[str, tuple[BoolArray, str]] = {
            "estimate": (np.isfinite(studies.estimate), "a finite number"),
            "variance": (
                np.isfinite(studies.variance) & (studies.variance > 0),
                "a finite number above 0",
            ),
        }
        source: Studies | Counts = studies
    else:
        source = counts = _counts(studies)
        within = "a whole number from 0 to the people in its group"
        checks = {
            name: (_is_whole(getattr(counts, name), most=most), rule)
            for name, most, rule in (
                ("people", None, "a whole number above 0"),
                ("comparison_people", None, "a whole number above 0"),
                ("events", counts.people, within),
                ("comparison_events", counts.comparison_people, within),
            )
        }
    for name, (valid, rule) in checks.items():
        if not valid.all():
            which = int(np.argmin(valid))
            message = (
                f"studies.{name}: got {getattr(source, name)[which]:g} for "
                f"{studies.names[which]!r}; it is {rule}; correct it or leave the study out"
            )
            raise ArgumentError(message)


def _counts(studies: Studies) -> Counts:
    if studies.counts is None:
        message = (
            "model: got 'binomial' for studies without counts; it reads events and people of both "
            "groups; read studies with those columns, or take model = 'normal'"
        )
        raise ArgumentError(message)
    return studies.counts


def _is_whole(values: FloatArray, *, most: FloatArray | None) -> BoolArray:
    """Return where numbers of people are whole and from 0 to `most`; above 0 where it is None."""
    whole = np.isfinite(values) & (values == np.round(values))
    if most is None:
        return np.asarray(whole & (values > 0))
    return np.asarray(whole & (values >= 0) & (values <= most))


def _notes(
    studies: Studies,
    *,
    scale: StudyScale,
    assumptions: Assumptions,
    regression: Regression,
    not_stated: Sequence[str],
) -> tuple[str, ...]:
    """Return what a reader must know of the result, in words."""
    notes = []
    mean, sd = assumptions.mu
    words = {"mu": f"mu normal({mean:.3g}, {sd:.3g})", "tau": tau_words(assumptions.tau)}
    if not_stated:
        stated = " and ".join(words[name] for name in not_stated)
        notes.append(f"priors not stated, weakly informative ones taken: {stated}")
    if studies.number < FEW_STUDIES:
        noun = "study says" if studies.number == 1 else "studies say"
        notes.append(
            f"{studies.number} {noun} little of how much places differ: tau hangs on its prior, "
            f"{words['tau']}; try another"
        )
    if scale != studies.scale:
        notes.append(
            f"the binomial model works on the odds ratio; the studies state a "
            f"{studies.scale.replace('_', ' ')}"
        )
    notes.extend(
        f"{name}: no study tells it; its coefficient is its prior" for name in regression.unseen
    )
    notes.extend(
        f"{name}: alike in all studies, which tell it only together with the mean; its prior and "
        "that of mu decide what is which"
        for name in regression.inseparable
    )
    return tuple(notes)
