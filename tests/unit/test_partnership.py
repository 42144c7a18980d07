"""The check of a case, and its payment rules in words."""

from __future__ import annotations

from typing import Any

import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.casefile import build, load_case
from sibsim.core.luck import retention
from sibsim.errors import ArgumentError


@pytest.fixture(scope="module")
def case() -> Case:
    """Return the shipped case."""
    return load_case("holbaek")


def remarks(case: Case, about: str) -> str:
    """Return the remarks on one part of a case."""
    return "; ".join(each for each in case.check().remarks if each.startswith(f"{about}:"))


def test_a_complete_case_lacks_nothing(case: Case) -> None:
    """Every phase of the shipped case is complete."""
    assert case.check().complete
    assert all(not missing for missing in case.check().missing.values())


def test_figures_are_those_of_the_file(case: Case) -> None:
    """What stands in the file is counted; defaults and what is drawn are not."""
    found = case.check()
    assert "target_group.size" in found.published
    assert "outcomes.job.counterfactual" in found.assumed
    assert not {"outcomes.job.transport.noise", "outcomes.job.transport.omega"} & set(found.assumed)
    changed = case.with_({"outcomes.job.transport.omega": 0.1}).check()
    assert set(changed.assumed) - set(found.assumed) == {"outcomes.job.transport.omega"}


def test_an_assumption_without_a_reason_is_named(case: Case) -> None:
    """An assumption that gives no note is listed."""
    reason = case.with_({"delivery.take_up.note": None})
    assert "delivery.take_up" in reason.check().unexplained
    assert "delivery.take_up" not in case.check().unexplained


def test_a_list_of_figures_is_explained_by_its_line() -> None:
    """Plain numbers in a list have the reason that stands with their line."""
    line = {
        "follows": "job",
        "kind": "resource",
        "party": "municipality",
        "frame": "service",
        "share": 1.0,
        "per_year": [20_000, 15_000],
        "from_months": 12,
        "index": "none",
    }
    unsaid = load_case("holbaek").with_({"budget.later": line}).check()
    assert set(unsaid.unexplained) >= {"budget.later.per_year.0", "budget.later.per_year.1"}
    said = load_case("holbaek").with_({"budget.later": {**line, "note": "a guess"}}).check()
    assert not [path for path in said.unexplained if "per_year" in path]


def test_likely_harm_asks_for_a_confirmation(case: Case) -> None:
    """P(effect < 0) is always told; above one in twenty it is to be confirmed."""
    assert "P(effect < 0) = 0.2%" in remarks(case, "outcomes.job")
    assert "confirm" not in remarks(case, "outcomes.job")
    path = "outcomes.fit_for_work.uplift.may_be_negative"
    assert "which may_be_negative confirms" in remarks(case, "outcomes.fit_for_work")
    unsaid = case.with_({path: False})
    assert "confirm it with may_be_negative = true" in remarks(unsaid, "outcomes.fit_for_work")


def test_an_effect_that_is_taken_over_in_full_is_named(case: Case) -> None:
    """An effect from elsewhere without transport is pointed out."""
    assert "tau = 1" not in remarks(case, "outcomes.job")
    full = case.with_({"outcomes.job.transport": {}})
    assert "tau = 1, omega = 0" in remarks(full, "outcomes.job")


def test_an_effect_of_a_trial_on_others_than_starters_is_named(case: Case) -> None:
    """An effect from a study that is counted among completers is pointed out."""
    assert "a trial reports" not in remarks(case, "outcomes.job")
    completers = case.with_({"outcomes.job.among": "completed"})
    assert "counts those completed" in remarks(completers, "outcomes.job")


def test_retention_stands_beside_persistence(case: Case) -> None:
    """P(1, 1) / p at p = 0.507 and kappa = 0.8 is 0.8 + 0.2 x 0.507 = 90 %."""
    assert "90% at 18, 90% at 24 months" in remarks(case, "outcomes.job")
    assert "persistence" not in remarks(case, "outcomes.wellbeing")


def test_retention_follows_its_formula() -> None:
    """Kept luck goes on if the chance holds; new luck succeeds with the later chance."""
    assert retention(0.5, then=0.5, persistence=1.0) == 1.0
    assert retention(0.5, then=0.25, persistence=1.0) == 0.5
    assert retention(0.5, then=0.25, persistence=0.0) == 0.25
    assert retention(0.4, then=0.6, persistence=0.5) == pytest.approx(0.5 + 0.5 * 0.6)
    assert retention(0.0, then=0.6, persistence=0.5) == 0.0


@pytest.mark.parametrize(
    ("changes", "about", "says"),
    [
        ({"outcomes.wellbeing.goal": None}, "outcomes.wellbeing", "has no result goal"),
        ({"problem.investors": {"other": "Other"}}, "capital.tranches.dsi", "its investor 'dsi'"),
        ({"capital.surplus_at": "as_it_arises"}, "capital.surplus_at", "better effect"),
        (
            {"sources.idle": {"title": "x", "url": "https://x.dk", "year": 2024}},
            "sources.idle",
            "no figure",
        ),
        (
            {"measures.spare": {"outcome": "job", "design": "verification"}},
            "measures.spare",
            "no payment reads it",
        ),
    ],
)
def test_what_a_careful_reader_would_ask_is_remarked(
    case: Case, changes: dict[str, Any], about: str, says: str
) -> None:
    """Parts that are allowed but odd are pointed out, and only then."""
    assert says not in remarks(case, about)
    assert says in remarks(case.with_(changes), about)


def test_the_check_reads_the_same_everywhere(case: Case) -> None:
    """Text, repr and page hold the same lines."""
    found = case.check()
    assert str(found) == repr(found) == "\n".join(found.lines())
    assert found._repr_html_().count("<li>") == len(found.lines()) - 1
    assert case._repr_html_() == found._repr_html_()


def test_payment_rules_are_said_in_both_languages(case: Case) -> None:
    """Who pays, for what, measured how, how much: one sentence a line."""
    english = case.describe("en")["rule"]
    assert list(english.index) == [
        *case.contract.payments,
        "limits",
        *(f"capital {number}" for number in range(1, 5)),
    ]
    assert english["limits"] == "The contract pays at most DKK 9,000,000 in all."
    fund = "Den Sociale Investeringsfond"
    assert english["capital 2"].startswith(f"Paid as number 1: the principal of {fund}")
    assert english["job"] == (
        'Holbæk Kommune pays for each participant who has achieved "Job, education or '
        'self-sufficiency", without deducting those who would have achieved it anyway, measured by '
        "registers: DKK 16,000 at 12, DKK 22,000 at 18 and DKK 22,000 at 24 months after the start "
        "of service, at most DKK 6,800,000 in total."
    )
    danish = case.describe("da")["rule"]
    assert danish["wellbeing"] == (
        "Holbæk Kommune betaler for hver deltager, der har opnået »Øget trivsel«, uden fradrag for "
        "dem, der havde opnået det alligevel, målt ved opgørelse af hver deltagers resultat, hvor "
        "et manglende resultat tæller som ikke opnået: 6.000 kr. ved 12 måneder "
        "efter indsatsens start."
    )


@pytest.mark.parametrize(
    ("measure", "english", "danish"),
    [
        (None, "contract's baseline of 40 %", "kontraktens baseline på 40 %"),
        (
            {"outcome": "job", "design": "randomised", "controls_per_participant": 0.5},
            "a randomised trial with 0.5 in the control group per participant",
            "et lodtrækningsforsøg med 0,5 i kontrolgruppen pr. deltager",
        ),
    ],
)
def test_a_rule_that_needs_a_comparison_names_it(
    case: Case, measure: dict[str, Any] | None, english: str, danish: str
) -> None:
    """What is additional is said with what it is compared to."""
    changes: dict[str, Any] = {
        "payments.job.pays_for": "additional",
        "payments.job.floor": "cohort",
    }
    changed = case.with_(changes | ({"measures.job": measure} if measure else {}))
    assert english in changed.describe("en")["rule"]["job"]
    assert danish in changed.describe("da")["rule"]["job"]


def test_the_payer_is_named_where_the_case_names_it(case: Case) -> None:
    """Another payer than the authority is said in words."""
    state = case.with_({"contract.payer": "state"})
    assert state.describe("da")["rule"]["job"].startswith("Staten betaler")
    assert state.describe("en")["rule"]["job"].startswith("The state pays")


def test_an_unknown_language_is_refused(case: Case) -> None:
    """Only Danish and English are spoken."""
    with pytest.raises(ArgumentError, match="got 'de'; it is one of da, en"):
        case.describe("de")  # type: ignore[arg-type]  # the wrong type is meant


def test_list_says_what_ships() -> None:
    """One row per shipped case: municipality, phases, people and years."""
    listed = sib.list_cases()
    assert listed.loc["holbaek", "municipality"] == "Holbæk Kommune"
    assert listed.loc["holbaek", "people"] == 180
    assert listed.loc["holbaek", "phases"] == 3
    assert listed.loc["holbaek", "years"] == "2024-2034"


def test_a_rule_on_several_measures_names_the_design_of_each(case: Case) -> None:
    """A cliff on register data and on verification says both, each with its outcome."""
    document = case.document
    document["payments"] = {
        "both": {
            "model": "cliff",
            "inclusive": True,
            "pays": 1_000_000,
            "conditions": [
                {"reads": "job", "of": "rate", "at_months": 24, "at_least": 0.5},
                {"reads": "wellbeing", "of": "rate", "at_months": 12, "at_least": 0.3},
            ],
        }
    }
    rule = str(build(document).describe("en")["rule"]["both"])
    assert 'registers ("Job, education or self-sufficiency")' in rule
    assert '("Better wellbeing")' in rule


def test_controls_from_referrals_are_asked_about() -> None:
    """Half of the 180 are served, and the two measures that say so share their controls."""
    trial = {"design": "randomised", "controls_per_participant": 1, "controls_from": "referrals"}
    case = sib.load_case("holbaek").with_(
        {
            "measures.job": {"outcome": "job", **trial},
            "measures.again": {"outcome": "job", **trial, "controls_per_participant": 0.5},
        }
    )
    (remark,) = [each for each in case.check().remarks if "takes controls" in each]
    assert "measures.job, measures.again" in remark
    assert "of 180 people 90 are served" in remark


def test_an_analysis_that_is_surer_than_participants_luck_is_asked_about() -> None:
    """A wedge of very many people of its own beside 180 participants."""
    wedge = {"design": "stepped_wedge", "outcome": "job", "sequences": [9, 9, 9], "tau": 0.0}
    for people, asked in ((1, 0), (900, 1)):
        case = sib.load_case("holbaek").with_({"measures.job": {**wedge, "people": people}})
        said = [each for each in case.check().remarks if "counts more people" in each]
        assert len(said) == asked


def test_a_share_before_that_cannot_be_is_asked_about() -> None:
    """40 % today less 50 points would have been below nobody."""
    for change, asked in ((0.08, 0), (0.5, 1)):
        design = {"design": "before_after", "correlation": 0.4, "regression_to_the_mean": change}
        case = sib.load_case("holbaek").with_({"measures.job": {"outcome": "job", **design}})
        assert len([each for each in case.check().remarks if "which is cut" in each]) == asked


def test_a_test_that_can_never_be_passed_is_refused() -> None:
    """18 places beside the participants' can come to 1 / 19 = 5.3 % at the least, 19 to 5 %."""
    trigger = {"pooled": True, "alpha": 0.05, "better": "more"}
    design = {"outcome": "job", "design": "synthetic_control", "placebo_sd": 0.04}
    for donors in (18, 19):
        changes = {"measures.job": {**design, "donors": donors}, "payments.job.trigger": trigger}
        if donors == 19:
            sib.load_case("holbaek").with_(changes)
            continue
        with pytest.raises(sib.CaseError, match=r"comes below 0\.053"):
            sib.load_case("holbaek").with_(changes)
