"""People for designs that look at each person once: one row per person.

Everybody with a treatment comes first. Columns that are the same in every replicate are (N,), the
others (R, N). A result that the evaluator does not get is missing (NaN).

Matching: what decides who takes part is a confounder z on [-1, 1], spread as exp(a z) among
participants and exp(-a z) among the others, so that the log odds of taking part are 2 a z and a
logit of z is the true model. It explains the share `confounding` of a participant's variance. What
it does not explain and participants differ in makes the residual bias.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.errors import ArgumentError
from sibsim.evaluation.controls import controls_of
from sibsim.micro.truth import Truth

Fields = Mapping[str, Any]
"""Fields of a design, as in a case file."""

Columns = dict[str, FloatArray]
"""Columns of people, (N,) or (R, N)."""

Maker = Callable[[Fields, Truth, np.random.Generator, int], Columns]
"""Makes the people of a number of replicates: fields, truth, randomness, replicates."""

TILT = 0.5
"""a: how strongly the confounder decides; at its ends the odds of taking part are e or 1 / e times
those in the middle, so that everybody has someone alike."""

POOL = 8
"""People to choose from for each one to be matched: at z = 1, where participants are 2.7 times as
dense as the others, three are left for each."""


def verification(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return participants with what is achieved and what is reported."""
    achieved = truth.of_participants(rng, replicates=replicates)
    claimed_falsely = 0.0
    if fields["misreporting"] is not None:
        claimed_falsely = fields["misreporting"]["share"] * (1 - fields["misreporting"]["audited"])
    outcome = achieved
    errors = (fields["sensitivity"], fields["specificity"], 1.0 - claimed_falsely)
    if errors != (1.0, 1.0, 1.0):
        recognised = rng.random(achieved.shape) < fields["sensitivity"]
        claimed = rng.random(achieved.shape) < claimed_falsely
        mistaken = rng.random(achieved.shape) >= fields["specificity"]
        outcome = np.where(achieved == 1, recognised, claimed | mistaken).astype(np.float64)
    if fields["missing"] is not None:
        lost = rng.random(achieved.shape) < fields["missing"]["share"]
        counted = {
            "excluded": np.nan,
            "counts_as_achieved": 1.0,
            "counts_as_not_achieved": 0.0,
        }[fields["missing"]["rule"]]
        outcome = np.where(lost, counted, outcome)
    return {
        **_arms(truth, others=0),
        "achieved": achieved,
        "comparison": np.zeros(truth.people),
        "outcome": outcome,
    }


def historical_baseline(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return participants beside the baseline that is fixed, or the people it is counted on."""
    own = truth.of_participants(rng, replicates=replicates)
    baseline = fields["baseline"]
    if not baseline.get("to_be_counted"):
        fixed = baseline["mean"] if baseline["rate"] is None else baseline["rate"]
        return {
            **_arms(truth, others=0),
            "comparison": np.full(truth.people, float(fixed)),
            "outcome": own,
        }
    shape = (replicates, baseline["people"])
    before = truth.results(rng, mean=truth.counterfactual, shape=shape)
    return {**_arms(truth, others=shape[1]), "outcome": np.hstack([own, before])}


def randomised(fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int) -> Columns:
    """Return both arms of a trial.

    No-shows are allotted to the service beside the participants, and crossovers are among controls.
    """
    controls = others_of(fields, truth)
    rules = fields.get("non_compliance") or {"no_shows": 0.0, "crossovers": 0.0}
    shown = rules["no_shows"] / (1.0 - rules["no_shows"])
    absent = int(np.floor(truth.people * shown + 0.5))
    assigned = np.repeat([1.0, 0.0], [truth.people + absent, controls])
    shape = (replicates, len(assigned))
    crosses = (rng.random(shape) < rules["crossovers"]) & (assigned == 0)
    treated = np.where(np.arange(shape[1]) < truth.people, 1.0, crosses.astype(np.float64))
    columns = {"person": np.arange(shape[1], dtype=np.float64), "assigned": assigned}
    columns["treated"] = treated if rules["crossovers"] > 0 else treated[0]
    if truth.kind == "time_to_event":
        columns["time"], columns["event"] = truth.times(rng, treated=treated, shape=shape)
        seen, _ = _followed(fields, assigned, columns["event"], rng)
        columns["time"] = np.where(seen, columns["time"], np.nan)
        return columns
    mean = truth.counterfactual + truth.effect * treated
    share = fields.get("covariates_r2", 0.0)
    if share > 0:
        middle = truth.counterfactual + truth.effect / 2.0
        columns["covariate"] = truth.factor(rng, around=middle, shape=shape)
        outcome = truth.results(
            rng, mean=mean, shape=shape, factor=columns["covariate"], share=share
        )
    else:
        outcome = truth.results(rng, mean=mean, shape=shape)
    if truth.clusters is not None:
        _refuse_beside_clusters(share, absent)
        outcome[:, : truth.people] = truth.of_participants(rng, replicates=replicates)
        cluster = truth.clusters.of_people(truth.people)
        alone = truth.clusters.number + np.arange(controls)
        columns["cluster"] = np.concatenate([cluster, alone]).astype(np.float64)
    seen, lost = _followed(fields, assigned, outcome, rng)
    columns["outcome"] = np.where(seen, outcome, np.nan) if lost else outcome
    return columns


def matched_comparison(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return participants and the people whom they are to be matched with, and the confounder."""
    pool = POOL * others_of(fields, truth)
    arms = _arms(truth, others=pool)
    place = _tilted(rng, np.where(arms["treated"] == 1, TILT, -TILT), replicates=replicates)
    mean_of_z = 1.0 / np.tanh(TILT) - 1.0 / TILT
    sd_of_z = np.sqrt(1.0 / TILT**2 - 1.0 / np.sinh(TILT) ** 2)
    unseen = fields["residual_bias"]
    bias = unseen["mean"] + unseen["sd"] * rng.standard_normal((replicates, 1))
    mean = truth.counterfactual + np.where(arms["treated"] == 1, truth.effect, -bias)
    outcome = truth.results(
        rng,
        mean=mean,
        shape=place.shape,
        factor=(place - mean_of_z) / sd_of_z,
        share=truth.confounding,
    )
    return {**arms, "covariate": place, "outcome": outcome}


def regression_discontinuity(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return people on both sides of the cutoff, those below it being treated.

    The score has sd 1; the result rises with it so that it explains its share of a result's
    variance. The effect goes linearly with the score, so that it differs at the cutoff as stated.
    On each side those nearest the cutoff, as many as the bandwidth says, have weight 1.
    """
    arms = _arms(truth, others=others_of(fields, truth))
    number = len(arms["treated"])
    if fields["assignment"] == "uniform":
        score = np.sqrt(12.0) * rng.random((replicates, number))
    else:
        score = rng.standard_normal((replicates, number))
    score.sort(axis=1)
    cutoff = score[:, truth.people - 1 : truth.people + 1].mean(axis=1, keepdims=True)
    score -= cutoff
    below = score[:, : truth.people]
    typical = below.mean()
    slope = np.sqrt(fields["score_r2"] * truth.variance(truth.counterfactual))
    at_cutoff = fields["local_difference"] * (1.0 - score / typical)
    effect = (truth.effect + at_cutoff) * arms["treated"]
    mean = truth.counterfactual + slope * (score - typical) + effect
    outcome = truth.results(rng, mean=mean, shape=score.shape)
    if truth.kind == "continuous":
        rest = np.sqrt(1.0 - fields["score_r2"])
        outcome = mean + rest * (outcome - mean)
    others = number - truth.people
    rank = np.concatenate([np.arange(truth.people)[::-1] + 1, np.arange(others) + 1])
    side = np.where(arms["treated"] == 1, truth.people, others)
    near = rank <= np.round(fields["bandwidth"] * side)
    return {**arms, "score": score, "weight": near.astype(np.float64), "outcome": outcome}


def before_after(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return participants before and after.

    Results that are numbers: of all people, those below a cutoff before (above it where the change
    is downwards) are the participants; level, spread and cutoff are such that participants have the
    stated spread, correlation and change. Results of yes or no: two of a person's that correlate.
    What nobody knows of the change moves everybody's result before.
    """
    from sibsim.micro.selection import selected_before

    unseen = fields["regression_to_the_mean"]
    mean = truth.counterfactual - unseen["mean"]
    shape, rho = (replicates, truth.people), fields["correlation"]
    sd_after = float(np.sqrt(truth.variance(truth.expected)))
    if truth.kind == "binary":
        before = truth.results(rng, mean=mean, shape=shape)
        slope = rho * sd_after / np.sqrt(mean * (1.0 - mean))
        outcome = truth.results(rng, mean=truth.expected + slope * (before - mean), shape=shape)
    else:
        sd_before = fields["sd_before"]
        slope = rho * sd_after / sd_before
        before = selected_before(
            rng, shape=shape, mean=mean, sd=sd_before, slope=slope, change=unseen["mean"]
        )
        rest = sd_after * np.sqrt(1.0 - rho**2) * rng.standard_normal(shape)
        outcome = truth.expected + slope * (before - mean) + rest
    more = unseen["sd"] * rng.standard_normal((replicates, 1))
    return {**_arms(truth, others=0), "before": before - more, "outcome": outcome}


def others_of(fields: Fields, truth: Truth) -> int:
    """Return how many people participants are compared with."""
    ratio = fields["controls_per_participant"]
    return int(controls_of(np.array([float(truth.people)]), per_participant=ratio)[0])


def _arms(truth: Truth, *, others: int) -> Columns:
    """Return the columns that tell people and arms apart."""
    number = truth.people + others
    person = np.arange(number, dtype=np.float64)
    return {"person": person, "treated": (person < truth.people).astype(np.float64)}


def _followed(
    fields: Fields, assigned: FloatArray, result: FloatArray, rng: np.random.Generator
) -> tuple[BoolArray, bool]:
    """Return whose results the evaluator gets, and whether anybody may be lost."""
    shares = [_shares_lost(fields["attrition"][arm]) for arm in ("treated", "control")]
    (hit, missed), (hit_control, missed_control) = shares
    achieved = np.where(assigned == 1, hit, hit_control)
    failed = np.where(assigned == 1, missed, missed_control)
    lost = np.where(result == 1, achieved, failed)
    if not lost.any():
        return np.ones(result.shape, dtype=np.bool_), False
    return rng.random(result.shape) >= lost, True


def _shares_lost(loss: float | Mapping[str, float]) -> tuple[float, float]:
    if isinstance(loss, Mapping):
        return loss["achieved"], loss["not_achieved"]
    return loss, loss


def _refuse_beside_clusters(share: float, absent: int) -> None:
    if share > 0 or absent > 0:
        message = (
            "got clusters with covariates_r2 or no_shows; people in clusters are made without "
            "either; drop the clusters or what is beside them"
        )
        raise ArgumentError(message)


def _tilted(rng: np.random.Generator, tilt: FloatArray, *, replicates: int) -> FloatArray:
    """Return numbers on [-1, 1] with density proportional to exp(tilt x number), (R, N)."""
    u = rng.random((replicates, len(tilt)))
    found: FloatArray = np.log(np.exp(-tilt) + u * (np.exp(tilt) - np.exp(-tilt))) / tilt
    return found
