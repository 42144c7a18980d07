"""The result of a staging: tables, frame and sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sibsim.casefile import build
from sibsim.decisions.stages.prototype import staging
from sibsim.decisions.stages.staged import Staging
from sibsim.errors import ArgumentError
from tests.two_cohorts import RIGHT, two_cohorts

DRAWS, SEED = 600, 5


@pytest.fixture(scope="module")
def found() -> Staging:
    """Return the staging of the case by hand."""
    return staging(two_cohorts(), sizes=[20, 50], investor="investor_profit", draws=DRAWS, rng=SEED)


def test_table_has_every_rule_with_errors(found: Staging) -> None:
    """Rules by figures, chances without a pair, and nothing done is zero."""
    table = found.table()
    rules = set(table.index.get_level_values("rule"))
    parties = ("investor_profit", "municipality_net")
    assert rules == {
        "scale always",
        "stop always",
        "do nothing",
        "contract",
        "reports both",
        *(f"{kind} {party}" for kind in ("threshold", "reports") for party in parties),
    }
    undefined = {figure for rule, figure in table.index[table["value"].isna()]}
    assert undefined == {"p_stop_good.municipality_net"}
    assert (table.xs("do nothing")["value"] == 0).all()
    assert (table.xs("scale always")["against_scaling"].dropna() == 0).all()
    alone = {figure for rule, figure in table.index[table["option"].isna()]}
    assert alone == {figure for _, figure in table.index if figure.startswith("p_")}


def test_rule_for_both_scales_where_both_gain(found: Staging) -> None:
    """The common rule scales nowhere else than each party's own rule."""
    both = found.rules["reports both"]
    for party in (found.investor, found.municipality):
        assert not both[~found.rules[f"reports {party}"]].any()


def test_thresholds_and_frame_hold_the_same(found: Staging) -> None:
    """The long frame is the table of thresholds without the one above all."""
    wide, long = found.thresholds(), found.frame()
    assert list(long.columns) == ["threshold", "figure", "value", "mc_error"]
    assert np.isfinite(long["threshold"]).all()
    profit = long[long["figure"] == "investor_profit"].set_index("threshold")
    pd.testing.assert_series_equal(
        profit["value"], wide["investor_profit"].iloc[:-1], check_names=False
    )
    assert wide["p_scale"].is_monotonic_decreasing


def test_stated_thresholds_are_the_only_ones() -> None:
    """Only the thresholds that are asked for are tried and chosen from."""
    case = two_cohorts()
    asked = staging(case, thresholds=[0.6, 0.3], investor="investor_profit", draws=DRAWS, rng=SEED)
    assert list(asked.thresholds().index) == [0.3, 0.6]
    assert asked.best_threshold("investor_profit") in (0.3, 0.6)


def test_present_size_is_the_staging_itself(found: Staging) -> None:
    """The row of the present size is the rule of the table."""
    row = found.sizes().loc[[(20, "contract", "investor_profit")]].iloc[0]
    contract = found.weighed("contract", "investor_profit")
    assert row["value"] == contract.mean.value
    assert row["option"] == contract.option.value
    assert found.sizes().loc[[(50, "contract", "investor_profit")]].iloc[0]["value"] != row["value"]


def test_total_stays_and_later_cohorts_keep_their_proportions() -> None:
    """With 40 of 100 first, two later cohorts of 3 to 1 share the other 60."""
    from sibsim.decisions.stages.decision import decision_of
    from sibsim.decisions.stages.sizes import with_first

    case = two_cohorts(later=(0.75, 0.25))
    decision = decision_of(case, measure=None, at_months=None)
    delivery = with_first(case, decision, 40).delivery
    assert delivery is not None
    np.testing.assert_allclose(delivery.planned(100), [40, 45, 15])


def test_same_seed_same_result() -> None:
    """A staging is decided by its seed."""
    once, again = (
        staging(two_cohorts(), investor="investor_profit", draws=DRAWS, rng=SEED).table()
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(once, again)


def test_sentences_say_errors_and_worth(found: Staging) -> None:
    """The figures of the table stand in the sentences, in both languages."""
    english, danish = " ".join(found.sentences("en")), " ".join(found.sentences("da"))
    stop, scale = (
        100 * found.table()["value"].loc[("contract", f"{name}.investor_profit")]
        for name in ("p_stop_good", "p_scale_bad")
    )
    assert f"is stopped in {stop:.0f} (±" in english
    assert f"that is not is scaled in {scale:.0f} (±" in english
    assert f"i {stop:.0f} (±" in danish
    assert "for the municipality it is worth scaling in none of them" in english
    assert "to the investor (the investor's profit)" in english
    assert "first cohort of 20 of 100 people is known on 1 September 2024" in english
    assert "det første hold på 20 af 100 personer er kendt den 1. september 2024" in danish
    assert "Of the first cohorts that were tried (20 and 50 people) 20 is best" in english
    assert "per year not at all" in english
    assert "nan" not in english + danish


def test_sizes_that_draws_cannot_tell_apart_are_said(found: Staging) -> None:
    """A size within two paired errors of the best is named with it, and no other."""
    table = found.sizes().xs("threshold", level="rule")
    told = {}
    for sentence, party in zip(
        [each for each in found.sentences("en") if each.startswith("Of the first cohorts")],
        (found.investor, found.municipality),
        strict=True,
    ):
        rows = table.xs(party, level="party")
        near = rows[rows["below_best"] > -2 * rows["below_best_mc_error"]]
        others = [size for size in near.index if size != found.best_size(party).people]
        assert ("cannot tell" in sentence) == bool(others)
        assert all(f"cannot tell {size} from it" in sentence for size in others)
        told[party] = bool(others)
    assert told == {"investor_profit": True, "municipality_net": False}


def test_an_added_right_is_said() -> None:
    """That the contract has no right of its own, and on which terms one is taken, is said."""
    found = staging(two_cohorts(right=None), investor="investor_profit", draws=DRAWS, rng=SEED)
    first = found.sentences("en")[0]
    assert "has no right to stop" in first
    assert "without notice and with nothing owed" in first
    assert "contract" not in found.rules
    assert "the best threshold for the investor" in found.sentences("en")[2]


def test_other_rights_and_empty_reports_are_said() -> None:
    """What stays in force and where nobody is reported stand among the sentences."""
    document = two_cohorts().document
    other = {"cause": "policy", "on": document["end"]}
    document["contract"]["termination"] = [dict(RIGHT), other]
    document["delivery"]["volume"] = 0.02
    found = staging(build(document), investor="investor_profit", draws=DRAWS, rng=SEED)
    text = " ".join(found.sentences("en"))
    assert "other rights to end early stay in force" in text
    assert "nobody of the first cohort is in the report" in text


def test_representation_and_language(found: Staging) -> None:
    """Text and page hold sentences and table; another language is refused."""
    assert "p_stop_good.investor_profit" in repr(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(ArgumentError, match="lang"):
        found.sentences("de")  # type: ignore[arg-type] # wrong on purpose


def test_names_that_do_not_exist_are_refused(found: Staging) -> None:
    """An unknown rule, metric or party, and sizes that nobody asked for, are refused."""
    with pytest.raises(ArgumentError, match="did you mean 'contract'"):
        found.weighed("contrakt", "investor_profit")
    with pytest.raises(ArgumentError, match="it is one of municipality_net"):
        found.best_threshold("payments_total")
    with pytest.raises(ArgumentError, match="party"):
        found.best_size("public_net")
    plain = staging(two_cohorts(), investor="investor_profit", draws=DRAWS, rng=SEED)
    for ask in (plain.sizes, lambda: plain.best_size("investor_profit")):
        with pytest.raises(ArgumentError, match="no sizes were asked for"):
            ask()
