"""What uncertain quantities are called where a re-forecast speaks of them."""

from __future__ import annotations

import re

import pytest

import sibsim as sib
from sibsim.forecast.observed import observe
from sibsim.forecast.quantity_words import outcome_words, quantity_words
from tests.actuals import counted, result, two_cohorts


@pytest.mark.parametrize(
    ("path", "danish", "english"),
    [
        ("delivery.volume", "hvor mange der kommer", "how many come"),
        (
            "outcomes.wellbeing.counterfactual",
            "»Øget trivsel« uden indsatsen",
            '"Better wellbeing" without the intervention',
        ),
        (
            "outcomes.wellbeing.uplift",
            "effekten på »Øget trivsel«",
            'the effect on "Better wellbeing"',
        ),
        ("outcomes.wellbeing.sd[0]", "»Øget trivsel«: sd[0]", '"Better wellbeing": sd[0]'),
        ("drifts.labour_market", "udviklingen i »arbejdsmarkedet«", 'the drift "labour market"'),
        ("costs.team.amount", "costs.team.amount", "costs.team.amount"),
    ],
)
def test_quantities_have_names(path: str, danish: str, english: str) -> None:
    """The title of the outcome stands for its name; what has no words is called by its path."""
    found = quantity_words(sib.load_case("holbaek"), path)
    assert (found.da, found.en) == (danish, english)


def test_an_outcome_without_a_title_has_its_name() -> None:
    """In the quotation marks of each language."""
    found = outcome_words(two_cohorts(), "job")
    assert (found.da, found.en) == ("»job«", '"job"')


def test_sentences_call_outcomes_by_their_titles_and_round_to_whole_per_cent() -> None:
    """No path of a quantity and no digit after the point, in either language."""
    title = {"outcomes.job.title": {"da": "I arbejde", "en": "In work"}}
    rows = [counted("started", 50), result(22, 50), {**counted("completed", 50), "people": 50}]
    found = observe(two_cohorts().with_(title), rows)
    for lang, named in (("da", "»I arbejde« uden indsatsen"), ("en", '"In work" without the')):
        said = " ".join(found.sentences(lang, draws=64))  # type: ignore[arg-type]  # both are
        assert named in said
        assert "outcomes." not in said
        assert re.search(r"\d[.,]\d+ %", said) is None


def test_quantities_known_together_only_are_said_in_whole_per_cent() -> None:
    """Share of the variance that is gone, and the parts by name."""
    unsure = {"dist": "uniform", "min": 0.2, "max": 0.5}
    both = {
        "outcomes.job.counterfactual": unsure,
        "outcomes.job.uplift": {**unsure, "min": 0.0, "max": 0.3},
    }
    found = observe(two_cohorts().with_(both), [counted("started", 50), result(22, 50)])
    (said,) = [each for each in found.sentences("en", draws=64) if "tell apart" in each]
    (together,) = found.learned.together if found.learned else ()
    assert f'achieve in "job", {round(100 * together.learned)} % is gone, but without a' in said
    assert 'of each of "job" without the intervention and the effect on "job" hangs on' in said


def test_what_the_learning_leaves_out_is_said() -> None:
    """A report of nobody: a note of the learning, among the sentences."""
    found = observe(two_cohorts(), [counted("started", 50), result(0, 0)])
    assert found.learned is not None
    (note,) = found.learned.notes
    english, danish = note.in_language("en"), note.in_language("da")
    assert "1 report of nobody" in english
    assert "1 opgørelse af ingen" in danish
    assert f"{english[:1].upper()}{english[1:]}." in found.sentences("en", draws=64)
    assert f"{danish[:1].upper()}{danish[1:]}." in found.sentences("da", draws=64)
