"""Deal files: what is wrong is said in plain words; what is missed is told from what conflicts."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sibsim.core import catalogue
from sibsim.deals.file import build_deal, list_deals, load_deal
from sibsim.deals.replication import as_frame, replicate
from sibsim.errors import CaseError, FileError, UnknownNameError

Document = dict[str, Any]

TEXT = """
schema     = 1
name       = "example"
title      = { da = "Eksempel", en = "Example" }
currency   = "DKK"
price_year = 2020
start      = 2020-01-01
end        = 2023-12-31
period     = "quarter"

[about]
place   = "Nowhere"
summary = { da = "Et eksempel.", en = "An example." }
grade   = "A"

[measures.job]
title            = { da = "i job", en = "in work" }
design           = { da = "register", en = "registers" }
follow_up_months = [12, 24]

[payments.job]
model    = "rate_card"
reads    = "job"
price    = 1_000
pays_for = "achieved"

[contract]
payer                 = "municipality"
evaluation_lag_months = 0
payment_lag_months    = 0
last_payment          = 2023-12-31
overrun               = "provider"
limit                 = { contract = 50_000 }

[capital]
recycle = false
order   = ["fund.principal", "fund.return"]
surplus = "municipality"

[capital.tranches.fund]
kind       = "senior"
commitment = 20_000

[runs.final]
title    = { da = "Resultat", en = "Result" }
reported = [
  { measure = "job", at_months = 12, achieved = 10, people = 40, source = "report" },
  { measure = "job", at_months = 24, achieved = 20, people = 40, source = "report" },
]
costs    = [{ on = 2020-01-01, amount = 20_000 }]

[[published]]
title  = "paid"
value  = 30_000
run    = "final"
metric = "payments_total"
kind   = "forward"
grade  = "A"
source = "report"

[sources.report]
title = "A report"
url   = "https://example.org"
year  = 2023
"""


@pytest.fixture
def document() -> Document:
    """Return the tables of a valid deal, to be changed."""
    return tomllib.loads(TEXT)


def faults_of(document: Document) -> dict[str, str]:
    """Return the problems of a document by path; fails the test when it has none."""
    with pytest.raises(CaseError) as caught:
        build_deal(document)
    return {fault.path: fault.problem for fault in caught.value.faults}


def replicated(document: Document, folder: Path) -> tuple[Any, ...]:
    """Return the rows of a document that is written to a file."""
    import tomlkit

    path = folder / "example.toml"
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return replicate([str(path)])


def test_settles_what_was_reported(document: Document) -> None:
    """10 and then 20 people at 1,000 each; 20,000 of capital comes back 1.5 times."""
    found = build_deal(document).settle()
    assert found.run == "final"
    assert found.metric("payments_total") == 30_000
    assert found.metric("payments.job.2021") == 10_000
    assert found.metric("payments.job.2022") == 20_000
    assert found.metric("paid.job") == 1
    assert found.metric("limit_bound.contract") == 0
    assert found.metric("result.job.rate") == 0.5
    assert found.metric("capital_committed") == 20_000
    assert found.metric("investor_multiple") == 1.5
    assert found.metric("investor_profit") == 10_000


def test_cash_flows_hold_only_what_moves(document: Document) -> None:
    """Three quarters: the drawing and two payments, which go to the fund as they arise."""
    flows = build_deal(document).settle().cash_flows()
    assert list(flows.index) == ["2020Q1", "2021Q1", "2022Q1"]
    assert flows["payments.job"].tolist() == [0, 10_000, 20_000]
    assert flows["fund.drawn"].sum() == 20_000
    assert flows["fund.received"].tolist() == [0, 10_000, 20_000]


def test_a_principal_gives_the_share_paid_in_a_year(document: Document) -> None:
    """A coupon of 7.5 % on 7 m is 525,000 and 0.075 of the principal."""
    document["payments"] = {
        "coupon": {
            "model": "coupon",
            "reads": "job",
            "of": "rate",
            "principal": 7_000_000,
            "table": "lines",
            "points": [{"at": 0.4, "rate": 0.03}, {"at": 0.6, "rate": 0.12}],
            "coupon_dates": [document["start"].replace(year=2022, month=6)],
        }
    }
    document["contract"]["limit"] = {}
    document["published"] = []
    found = build_deal(document).settle()
    assert found.metric("payments.coupon.2022") == pytest.approx(525_000)
    assert found.metric("of_principal.coupon.2022") == pytest.approx(0.075)


def test_only_the_lines_of_a_run_are_settled(document: Document) -> None:
    """A run that names one of two lines leaves the other out."""
    document["payments"]["other"] = {**document["payments"]["job"], "price": 5}
    document["runs"]["final"]["lines"] = ["other"]
    found = build_deal(document).settle()
    assert found.metric("payments_total") == 30 * 5
    assert "payments.job" not in found.metrics


def test_a_cohort_without_a_report_is_nobody(document: Document) -> None:
    """Of two cohorts, one reported, only that one counts."""
    start = document["start"]
    document["starts"] = [start, start.replace(year=2021)]
    for report in document["runs"]["final"]["reported"]:
        report["cohort"] = 2
    found = build_deal(document).settle()
    assert found.metric("payments.job.2022") == 10_000
    assert found.metric("payments.job.2023") == 20_000
    assert found.metric("payments_lapsed") == 0


def test_persons_are_laid_out_the_most_successful_first(document: Document) -> None:
    """20 succeed twice less 10 once: with at most 1,500 each, 10 x 1,500 + 10 x 1,000."""
    document["runs"]["final"]["by_person"] = True
    document["contract"]["limit"] = {"person": 1_500}
    found = build_deal(document).settle()
    assert found.metric("payments_due") == 30_000
    assert found.metric("payments_total") == pytest.approx(10 * 1_500 + 10 * 1_000)


def test_persons_are_whole(document: Document) -> None:
    """Halves of a person, and more than there are, cannot be laid out."""
    reports = document["runs"]["final"]["reported"]
    document["runs"]["final"]["by_person"] = True
    reports[0]["achieved"], reports[1]["achieved"] = 10.5, 41
    found = faults_of(document)
    assert "got 10.5 of 40" in found["runs.final.reported.0.achieved"]
    assert "got 41 of 40" in found["runs.final.reported.1.achieved"]


def test_a_bad_file_says_every_fault_of_its_parts(document: Document) -> None:
    """Faults in five parts are said in one go, each with its path."""
    document["about"]["grade"] = "A+"
    document["contract"]["last_paymnt"] = document["contract"].pop("last_payment")
    document["payments"]["job"]["price"] = -1
    document["runs"]["final"]["reported"][0]["comparison_people"] = 5
    document["published"][0]["run"] = None
    del document["published"][0]["run"]
    document["surprise"] = 1
    found = faults_of(document)
    assert set(found) == {
        "surprise",
        "about.grade",
        "payments.job.price",
        "contract.last_payment",
        "contract.last_paymnt",
        "runs.final.reported.0",
        "published.0",
    }
    assert "did you mean 'last_payment'" in found["contract.last_paymnt"]
    assert "half a comparison" in found["runs.final.reported.0"]
    assert "got half of run and metric" in found["published.0"]
    assert "negative" in found["payments.job.price"]


def test_a_bad_file_says_everything_that_does_not_fit(document: Document) -> None:
    """Unknown names, follow-ups, cohorts, dates and sources are said in one go."""
    run, reports = document["runs"]["final"], document["runs"]["final"]["reported"]
    reports[0] |= {"measure": "jobs"}
    reports[1] |= {"at_months": 18, "cohort": 3, "source": "reprt"}
    run["lines"] = ["jib"]
    run["costs"][0]["on"] = document["end"].replace(year=2031)
    document["payments"]["job"] |= {"pays_for": "additional", "floor": "cohort"}
    document["payments"]["job"] |= {"status": "published", "source": "rapport"}
    document["capital"]["tranches"]["fund"]["commitment"] = {"value": 20_000, "source": "nobody"}
    document["published"][0] |= {"run": "finale", "source": "raport"}
    found = faults_of(document)
    assert "did you mean 'job'" in found["runs.final.reported.0.measure"]
    assert "got 18; it is one of [12, 24]" in found["runs.final.reported.1.at_months"]
    assert "`starts` holds 1" in found["runs.final.reported.1.cohort"]
    assert "did you mean 'report'" in found["runs.final.reported.1.source"]
    assert "did you mean 'job'" in found["runs.final.lines"]
    assert "2031-12-31; the contract runs from 2020-01-01" in found["runs.final.costs.0.on"]
    assert "has no comparison" in found["payments.job.reads"]
    assert "must name a source" in found["payments.job.source"]
    assert "must name a source" in found["capital.tranches.fund.commitment.source"]
    assert "did you mean 'final'" in found["published.0.run"]
    assert "did you mean 'report'" in found["published.0.source"]


def test_follow_ups_that_a_measure_lacks(document: Document) -> None:
    """A line cannot read a follow-up that is never reported."""
    document["payments"]["job"]["follow_up_months"] = [12, 36]
    found = faults_of(document)["payments.job.reads"]
    assert "reads follow-ups at [36] months" in found


@pytest.mark.parametrize(
    ("compared", "report", "says"),
    [
        (True, {}, "is missing"),
        (False, {"comparison_achieved": 1, "comparison_people": 2}, "nothing is compared"),
    ],
)
def test_comparisons_fit_their_measure(
    document: Document, *, compared: bool, report: Document, says: str
) -> None:
    """A compared measure needs a comparison in every report, another has none."""
    document["measures"]["job"]["compared"] = compared
    for each in document["runs"]["final"]["reported"]:
        each.update(report)
    found = faults_of(document)
    assert says in found["runs.final.reported.0.comparison_people"]
    assert says in found["runs.final.reported.1.comparison_people"]


@pytest.mark.parametrize("section", ["payments", "runs"])
def test_a_deal_is_not_empty(document: Document, section: str) -> None:
    """Without a payment or a run there is nothing to settle."""
    document[section] = {}
    document["published"] = []
    assert "is empty" in faults_of(document)[section]


def test_a_figure_that_no_run_computes_says_why(document: Document) -> None:
    """Without run and metric a note is needed."""
    figure = document["published"][0]
    del figure["run"], figure["metric"]
    assert "say in note why" in faults_of(document)["published.0"]
    figure["note"] = "the price is not public"
    assert build_deal(document).published[0].run is None


def test_unknown_names_say_the_nearest() -> None:
    """A deal, a run and a metric that do not exist name the nearest one."""
    with pytest.raises(UnknownNameError, match="did you mean 'newpin'"):
        load_deal("newpinn")
    deal = load_deal("newpin")
    with pytest.raises(UnknownNameError, match="did you mean 'year_1'"):
        deal.settle("year_11")
    with pytest.raises(UnknownNameError, match="did you mean 'payments_total'"):
        deal.settle().metric("payment_total")
    with pytest.raises(FileError, match="there is no file"):
        load_deal("missing.toml")


def test_a_missed_forward_figure_fails(document: Document, tmp_path: Path) -> None:
    """One krone beside the tolerance is a miss; graded A it fails, graded B it does not."""
    figure = document["published"][0]
    assert not replicated(document, tmp_path)[0].fails
    figure["value"] = 29_999
    row = replicated(document, tmp_path)[0]
    assert (row.verdict, row.fails, row.difference) == ("missed", True, 1)
    figure["tolerance"] = 1
    assert replicated(document, tmp_path)[0].verdict == "reproduced"
    figure |= {"tolerance": 0.5, "grade": "B"}
    row = replicated(document, tmp_path)[0]
    assert (row.verdict, row.fails) == ("missed", False)


def test_an_inverse_figure_proves_nothing(document: Document, tmp_path: Path) -> None:
    """Neither met nor missed, whatever it comes to."""
    document["published"][0]["kind"] = "inverse"
    for value in (30_000, 1):
        document["published"][0]["value"] = value
        row = replicated(document, tmp_path)[0]
        assert (row.verdict, row.fails) == ("proves nothing", False)


def test_conflicting_figures_are_both_shown(document: Document, tmp_path: Path) -> None:
    """Two sources, two rows: the one that is met and the one that is not."""
    other = copy.deepcopy(document["published"][0]) | {"value": 31_000, "grade": "B"}
    other["source"] = "other"
    document["published"].append(other)
    document["sources"]["other"] = {**document["sources"]["report"], "title": "Another report"}
    rows = replicated(document, tmp_path)
    assert [(row.published, row.verdict, row.source) for row in rows] == [
        (30_000, "reproduced", "A report"),
        (31_000, "missed", "Another report"),
    ]
    assert not any(row.fails for row in rows)


def test_what_cannot_be_reproduced_is_listed(document: Document, tmp_path: Path) -> None:
    """Without a run there is nothing computed, and the reason is in the note."""
    figure = document["published"][0]
    del figure["run"], figure["metric"]
    figure["note"] = "the price is not public"
    (row,) = replicated(document, tmp_path)
    assert (row.computed, row.difference, row.verdict) == (None, None, "not reproducible")
    frame = as_frame([row])
    assert frame.loc[0, "note"] == "the price is not public"
    assert frame["computed"].isna().all()


def test_shipped_deals_are_listed() -> None:
    """One row for each file, with its place, years and grade."""
    listed = list_deals()
    assert list(listed.index) == list(catalogue.names("deals"))
    assert listed.loc["newpin", "grade"] == "A-part"
    assert listed.loc["newpin", "years"] == "2013-2020"


def test_a_rule_is_said_in_both_languages(document: Document) -> None:
    """It names payer and price, in the deal's currency, after the title of the line if any."""
    deal = build_deal(document)
    english, danish = deal.describe("en")[0], deal.describe("da")[0]
    assert "municipality pays" in english.lower()
    assert "DKK 1,000" in english
    assert "1.000 kr." in danish
    document["payments"]["job"]["title"] = {"da": "Som betalt", "en": "As paid"}
    document["currency"] = "USD"
    titled = build_deal(document).describe("en")
    assert titled[0].startswith("As paid: The municipality pays")
    assert any("USD 20,000" in sentence for sentence in titled[1:])
    assert repr(deal) == "<Deal example: Example, grade A, DKK>"
    assert repr(deal.settle()).startswith("Example: Result\n")


def test_limits_and_rights_to_end_are_said(document: Document) -> None:
    """After the payment rules and before the capital, in both languages."""
    document["contract"]["limit"] |= {"year": 20_000, "netting": 3_000}
    document["contract"]["termination"] = {
        "measure": "job",
        "at_months": 12,
        "compare": "rate",
        "below": 0.15,
        "notice_months": 7,
    }
    deal = build_deal(document)
    danish, english = deal.describe("da"), deal.describe("en")
    assert all(part in english[1] for part in ("DKK 20,000", "DKK 50,000", "DKK 3,000"))
    assert all(part in danish[1] for part in ("20.000 kr.", "50.000 kr.", "3.000 kr."))
    assert all(part in english[2] for part in ("in work", "15 %", "12 months", "7 months"))
    assert all(part in danish[2] for part in ("i job", "15 %", "12 måneder", "7 måneder"))
    assert "senior capital" in english[3]
    del document["contract"]["limit"], document["contract"]["termination"]
    assert "senior capital" in build_deal(document).describe("en")[1]


def test_parties_are_called_by_name(document: Document) -> None:
    """Payer, investor, guarantor and who gets the surplus, in each language."""
    document["about"]["parties"] = {
        "municipality": {"da": "Ingen Kommune", "en": "the town of Nowhere"},
        "fund": "Big Fund",
        "uncle": {"da": "onklen", "en": "the uncle"},
    }
    document["capital"]["guarantees"] = {
        "promise": {"guarantor": "uncle", "tranche": "fund", "share": 0.5}
    }
    deal = build_deal(document)
    danish, english = " ".join(deal.describe("da")), " ".join(deal.describe("en"))
    for said in ("Ingen Kommune betaler", "Big Fund stiller", "Onklen", "til Ingen Kommune"):
        assert said in danish
    for said in ("The town of Nowhere pays", "Big Fund commits", "The uncle", "to the town"):
        assert said in english
    assert deal.parties == {"municipality", "fund", "uncle"}


def test_several_payers_are_one_subject(document: Document) -> None:
    """The verb stays in the singular, and each has its share."""
    document["contract"]["payer"] = {"municipality": 0.8, "state": 0.2}
    document["about"]["parties"] = {"municipality": "Holbæk Kommune"}
    deal = build_deal(document)
    english, danish = deal.describe("en")[0], deal.describe("da")[0]
    start = "The group of payers, Holbæk Kommune (80 %) and the state (20 %), pays for each"
    assert english.startswith(start)
    start = "Betalerne i fællesskab, Holbæk Kommune (80 %) og staten (20 %), betaler for hver"
    assert danish.startswith(start)


def test_a_named_party_takes_part(document: Document) -> None:
    """A name for a party that the contract does not have is a fault, with the nearest."""
    document["about"]["parties"] = {"funds": "Big Fund"}
    found = faults_of(document)["about.parties"]
    assert "got 'funds'" in found
    assert "did you mean 'fund'" in found


def test_only_a_close_name_is_suggested(document: Document) -> None:
    """A key that is near to none is answered with those that are known."""
    document["payments"]["job"]["waves"] = "wave"
    found = faults_of(document)["payments.job.waves"]
    assert "did you mean" not in found
    assert "known are" in found
    assert "floor" in found


def test_the_documentation_shows_a_whole_file_and_every_deal() -> None:
    """The example of the documentation settles to its figure; its table lists what ships."""
    text = (Path(__file__).parents[2] / "docs" / "deals.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    deal = build_deal(tomllib.loads(example[1]))
    assert deal.settle().metric("payments_total") == deal.published[0].value == 90 * 2_000
    listed = re.findall(r"^\| `([a-z-]+)` \|.*\| (A|A-part|B|C) \|", text, re.MULTILINE)
    assert dict(listed) == {name: load_deal(name).about.grade for name in catalogue.names("deals")}
