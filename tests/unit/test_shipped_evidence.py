"""Loading the evidence that ships: what is read, what is left out, what is refused."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.shipped import list_evidence, load_evidence


def test_the_danish_trials_are_read_from_their_counts() -> None:
    """Log odds ratios and variances by hand: ln(ad / bc), 1/a + 1/b + 1/c + 1/d."""
    found = load_evidence("ips-denmark")
    assert found.names == ("Christensen 2019", "Hellström 2017", "Hoff 2021")
    assert (found.scale, found.outcome) == ("odds_ratio", "in work or education")
    tables = [(146, 97, 111, 128), (72, 90, 62, 102), (118, 92, 95, 115)]
    estimates = [math.log(a * d / (b * c)) for a, b, c, d in tables]
    variances = [sum(1 / each for each in cells) for cells in tables]
    np.testing.assert_allclose(found.estimate, estimates, rtol=1e-12)
    np.testing.assert_allclose(found.variance, variances, rtol=1e-12)
    assert found.counts is not None
    assert found.counts.people.tolist() == [243, 162, 210]


def test_a_published_review_is_read_from_its_interval() -> None:
    """2.07 (1.82 to 2.35): the logarithm, and a 95 % interval of 2 x 1.96 standard errors."""
    found = load_evidence("ips-worldwide", kind="meta_analysis", study="Brinchmann 2020")
    assert found.names == ("Brinchmann 2020",)
    assert found.scale == "risk_ratio"
    assert found.estimate.item() == pytest.approx(math.log(2.07))
    error = math.log(2.35 / 1.82) / (2 * 1.959964)
    assert math.sqrt(found.variance.item()) == pytest.approx(error, rel=1e-6)


def test_a_review_of_odds_ratios_says_what_its_interval_is() -> None:
    """2.62 (2.37 to 2.89) of 31 trials; its error is that of all people together."""
    found = load_evidence("ips-worldwide", kind="meta_analysis", study="De Winter 2022")
    assert found.scale == "odds_ratio"
    assert found.estimate.item() == pytest.approx(math.log(2.62))
    people = math.sqrt(sum(1 / each for each in (1745, 3578 - 1745, 1013, 3578 - 1013)))
    assert math.sqrt(found.variance.item()) == pytest.approx(people, rel=0.05)
    assert people == pytest.approx(0.05, abs=0.0005)


def test_sources_have_the_names_that_cases_use() -> None:
    """Without dots or accents; title, address and year each."""
    found = load_evidence("ips-denmark")
    assert list(found.sources) == ["christensen-2019", "hellstroem-2017", "hoff-2021"]
    assert found.sources["hellstroem-2017"]["url"] == "https://oem.bmj.com/content/74/10/717"
    assert all(set(each) == {"title", "url", "year"} for each in found.sources.values())


def test_what_studies_differ_in_is_there_to_be_used() -> None:
    """Months, country, design and setting are moderators, one value per study."""
    found = load_evidence("ips-worldwide")
    assert set(found.moderators) == {
        "measured_at_months",
        "intervention",
        "country",
        "design",
        "setting",
    }
    assert found.moderators["country"].count("Switzerland") == 2
    assert all(len(values) == found.number for values in found.moderators.values())


def test_what_is_left_out_is_said() -> None:
    """Reviews beside studies, other outcomes, estimates that counts replace, counts of ours."""
    worldwide = " | ".join(load_evidence("ips-worldwide").notes)
    assert "6 of 24 rows left out, as a published meta-analysis and studies" in worldwide
    assert "4 of 24 rows left out, as an estimate is given without an interval: Leh" in worldwide
    assert "figures that are assumptions: 10 studies" in worldwide
    denmark = " | ".join(load_evidence("ips-denmark").notes)
    assert "1 of 3 rows read from counts, and the published estimate beside" in denmark
    assert "usual service was better" in denmark
    family = load_evidence("family-treatment", outcome="out-of-home placement").notes
    assert family[1] == "1 of 7 rows left out, of another outcome: Scott 2001"


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"name": "ips-denmrk"}, UnknownNameError, "did you mean 'ips-denmark'"),
        ({"name": "zebra"}, UnknownNameError, "known are"),
        ({"name": "ips-denmark", "kind": "review"}, UnknownNameError, "study, meta_analysis"),
        ({"name": "ips-denmark", "kind": "meta_analysis"}, ArgumentError, "kind = 'study'"),
        ({"name": "ips-worldwide", "kind": "meta_analysis"}, ArgumentError, "one at a time"),
        ({"name": "family-treatment"}, ArgumentError, "outcome: 'family-treatment' has"),
        ({"name": "ips-denmark", "outcome": "in work"}, UnknownNameError, "in work or education"),
        ({"name": "ips-denmark", "study": "Hof 2021"}, UnknownNameError, "'Hoff 2021'"),
        ({"name": "mentoring"}, ArgumentError, "without an interval .*; state a spread"),
        (
            {"name": "active-labour-market"},
            ArgumentError,
            "ask for kind = 'meta_analysis' with outcome = 'in work', or state a spread",
        ),
    ],
)
def test_what_cannot_be_loaded_says_the_way_out(
    asked: dict[str, str], error: type[Exception], said: str
) -> None:
    """Unknown names with the nearest one; several outcomes or reviews; nothing to weigh by."""
    with pytest.raises(error, match=said):
        load_evidence(**asked)  # type: ignore[arg-type]  # meant to be wrong


def test_the_list_shows_every_row_once() -> None:
    """One line per table, outcome, scale and kind; their counts are those of the rows."""
    listed = list_evidence()
    columns = ["name", "intervention", "outcome", "scale", "studies", "without_interval"]
    assert list(listed.columns) == [*columns, "kind", "sources"]
    assert not listed.duplicated(["name", "outcome", "scale", "kind"]).any()
    for name, number in listed.groupby("name")["studies"].sum().items():
        assert len(list_evidence(str(name))) == number
    ips = listed[(listed.name == "ips-worldwide") & (listed.kind == "meta_analysis")]
    assert ips[["studies", "without_interval"]].to_numpy().tolist() == [[5, 1], [1, 0]]


def test_the_rows_of_a_table_are_shown_as_they_ship() -> None:
    """Figures, sources and notes of each row."""
    rows = list_evidence("ips-denmark").set_index("study")
    figures = rows.loc["Hellström 2017", ["estimate", "lower", "upper", "status"]]
    assert list(figures) == [1.34, 0.86, 2.10, "published"]


def test_loading_needs_no_sampler() -> None:
    """Neither jax nor pandas nor scipy.stats is loaded by reading studies that ship."""
    code = (
        "import sys; from sibsim.evidence.shipped import load_evidence; "
        "load_evidence('ips-denmark'); "
        "print([each for each in ('jax', 'numpyro', 'pandas', 'scipy.stats') "
        "if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
