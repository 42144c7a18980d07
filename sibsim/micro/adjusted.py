"""Estimates that adjust: panels, matching, weighting and the discontinuity of a score."""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.micro.estimators import Estimate, People, columns_of, least_squares, mean_of


def change_from_before(people: People) -> Estimate:
    """Return the mean of `outcome` less `before` of the same people."""
    before, outcome = columns_of(people, "before", "outcome")
    return mean_of(outcome - before)


def two_way_fixed_effects(people: People) -> Estimate:
    """Return the effect of being treated at a time, with an effect of each person and period.

    Rows are persons by periods, every person in every period, sorted by person and then period;
    `treated` is 1 in a participant's last period. The within transformation, then least squares
    with errors robust to the clustering of a person's results (CR1).
    """
    from statsmodels.regression.linear_model import OLS

    person, treated, outcome = columns_of(people, "person", "treated", "outcome")
    number = len(np.unique(person))
    panel = (number, len(person) // number)
    x, y = (_within(column.reshape(panel)).ravel() for column in (treated, outcome))
    fit = OLS(y, x).fit(
        cov_type="cluster", cov_kwds={"groups": person.astype(np.int64), "use_correction": False}
    )
    # Two means are estimated between persons: that of participants' changes and of the others'.
    corrected = np.sqrt(number / (number - 2.0))
    return Estimate(float(fit.params[0]), float(fit.bse[0] * corrected), number - 2.0)


def ancova(people: People) -> Estimate:
    """Return the difference at the last period, given the mean of the periods before.

    Rows are persons by periods, as for `two_way_fixed_effects`; `participant` is 1 for those who
    are treated in the last period.
    """
    person, participant, outcome = columns_of(people, "person", "participant", "outcome")
    number = len(np.unique(person))
    panel = (number, len(person) // number)
    results = outcome.reshape(panel)
    return least_squares(
        results[:, -1], participant.reshape(panel)[:, -1], results[:, :-1].mean(axis=1)
    )


def matched_pairs(people: People, *, per_participant: int = 1) -> Estimate:
    """Return the mean difference between participants and their nearest controls on `covariate`.

    Each participant, from the one hardest to match (the highest propensity, hence covariate)
    downwards, takes the nearest controls that are left. The error is that of the mean of the
    differences.

    Parameters
    ----------
    people
        Columns `treated`, `covariate` and `outcome`.
    per_participant
        Controls for each participant.
    """
    treated, covariate, outcome = columns_of(people, "treated", "covariate", "outcome")
    own, pool = treated == 1, treated == 0
    place, results = covariate[pool].copy(), outcome[pool]
    order = np.argsort(-covariate[own])
    gains = np.empty(len(order))
    for row, position in enumerate(order):
        distance = np.abs(place - covariate[own][position])
        if per_participant == 1:
            nearest = np.array([distance.argmin()])
        else:
            nearest = np.argpartition(distance, per_participant)[:per_participant]
        gains[row] = outcome[own][position] - results[nearest].mean()
        place[nearest] = np.inf
    return mean_of(gains)


def propensity_weighted(people: People) -> Estimate:
    """Return the effect on participants by inverse-probability weights from a logit of `covariate`.

    Controls weigh p / (1 - p), p the fitted probability of taking part, participants one. Its error
    takes the weights as known, which is careful (Hirano, Imbens and Ridder 2003, Econometrica
    71(4):1161-1189).
    """
    from statsmodels.discrete.discrete_model import Logit

    treated, covariate, outcome = columns_of(people, "treated", "covariate", "outcome")
    design = np.column_stack([np.ones(len(treated)), covariate])
    fitted = np.asarray(Logit(treated, design).fit(disp=0).predict())
    weights = np.where(treated == 1, 1.0, fitted / (1.0 - fitted))
    return least_squares(outcome, treated, weights=weights)


def jump_at_cutoff(people: People, *, own_slopes: bool = False) -> Estimate:
    """Return the jump of the outcome where `score`, less the cutoff, passes zero.

    Parameters
    ----------
    people
        Columns `treated`, `score` (0 at the cutoff) and `outcome`; those whose `weight` is 0 lie
        outside the bandwidth.
    own_slopes
        Whether the outcome may rise at another slope beyond the cutoff: then the jump is the effect
        at the cutoff even where effects differ with the score.
    """
    treated, score, weight, outcome = columns_of(people, "treated", "score", "weight", "outcome")
    near = weight > 0
    treated, score, outcome = treated[near], score[near], outcome[near]
    if own_slopes:
        return least_squares(outcome, treated, score, score * treated)
    return least_squares(outcome, treated, score)


def _within(panel: FloatArray) -> FloatArray:
    """Return what is left of (N, T) once means of persons and of periods are taken out."""
    found: FloatArray = (
        panel - panel.mean(axis=1, keepdims=True) - panel.mean(axis=0) + panel.mean()
    )
    return found
