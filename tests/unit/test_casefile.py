"""Reading case files: whatever is wrong is said, all of it at once, and nothing else is said."""

from __future__ import annotations

import copy
import math
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import sibsim as sib
from sibsim.casefile import build, load_case, to_toml
from sibsim.core import catalogue
from sibsim.core.documents import LARGEST_BYTES, parsed
from sibsim.core.sampling import Correlation
from sibsim.core.spec import Spec
from sibsim.core.validation import validated
from sibsim.errors import CaseError, FileError, UnknownNameError
from sibsim.payments.schedule import Point

Document = dict[str, Any]

TEXT = catalogue.text("cases", "holbaek")


@pytest.fixture
def document() -> Document:
    """Return the tables of a valid case, to be changed."""
    return tomllib.loads(TEXT)


def faults_of(document: Document) -> dict[str, str]:
    """Return the problems of a document by path; fails the test when it has none."""
    with pytest.raises(CaseError) as caught:
        build(document)
    return {fault.path: fault.problem for fault in caught.value.faults}


def put(document: Document, path: str, value: object) -> None:
    """Set a value at a dotted path."""
    here: Any = document
    *steps, last = path.split(".")
    for step in steps:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[int(last) if isinstance(here, list) else last] = value


def test_a_fault_without_figures_or_line_says_nothing_of_figures() -> None:
    """The hint on figures stands only where the line at fault holds one."""
    for text in ("once upon a time", "a = [1, 2"):
        with pytest.raises(FileError, match="not valid TOML") as caught:
            parsed(text, where="text")
        assert "decimals" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        (Point, {"at": 0.2, "pays": -20}, "pays: got -20; it must be at least 0"),
        (Correlation, {"between": ["a", "b"], "spearman": 30}, "is a share: write 0.3"),
        (Correlation, {"between": ["a", "b"], "spearman": 1}, "must be below 1"),
    ],
)
def test_a_percentage_is_told_how_shares_are_written(
    kind: type[Spec], given: Document, says: str
) -> None:
    """Bounds of one and minus one bring the hint, other bounds and values do not."""
    (fault,) = validated(given, kind, path="")[1]
    assert str(fault).endswith(says)


def test_a_case_comes_back_equal_from_its_own_text() -> None:
    """What is written as TOML is read as the same case."""
    case = load_case("holbaek")
    assert build(parsed(to_toml(case), where="text")) == case


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.toml", b"", "is empty"),
        ("blank.toml", b" \n\t\n", "is empty"),
        ("latin.toml", "title = 'Holbæk'".encode("latin-1"), "UTF-8"),
        ("image.toml", bytes(range(256)), "UTF-8"),
        ("text.toml", b"once upon a time", "not valid TOML"),
        ("twice.toml", b"a = 1\na = 2", "not valid TOML"),
        ("comma.toml", b"[p]\r\nat = 0,35", r"reads 'at = 0,35'; write decimals with a point"),
        ("points.toml", b"a = 5.000.000", r"'a = 5\.000\.000'; .*thousands with underscores"),
        ("date.toml", b"a = 31-12-2024", r"'a = 31-12-2024'; .*dates as YYYY-MM-DD"),
        ("digits.toml", b"a = " + b"9" * 5000, "thousands of digits"),
        ("large.toml", b"#" * (LARGEST_BYTES + 1), "at most 5 MB"),
    ],
)
def test_a_file_that_is_no_case_file_is_refused_in_plain_words(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    """Each kind of unreadable file is named with what is wrong with it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError, match=says) as caught:
        load_case(path)
    assert name in str(caught.value)


def test_a_file_of_a_hundred_megabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    """A sparse file of 100 MB is named with its size."""
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(FileError, match="100 MB"):
        load_case(path)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 10_000 + "]" * 10_000,
        "a = " + "{b = " * 10_000 + "1" + "}" * 10_000,
        "a" + ".a" * 10_000 + " = 1",
        "[a" + ".a" * 10_000 + "]",
        "a = " + "[" * 10_000,
    ],
    ids=["lists", "tables", "dotted key", "dotted header", "never closed"],
)
def test_deep_nesting_is_refused_before_it_is_parsed(text: str) -> None:
    """Ten thousand levels neither crash the parser nor keep it busy."""
    with pytest.raises(FileError, match="too deep"):
        parsed(text, where="text")


@pytest.mark.parametrize(
    "text",
    [
        'a = "' + "[" * 100 + '"',
        "a = '''\n" + "{" * 100 + "\n'''",
        'a = """\n' + 'x"[' * 100 + '\n"""',
        "# " + "[" * 100 + "\na = 1",
        'a = "say \\"' + "[" * 100 + '\\""',
        'a = "' + "b." * 100 + '"',
        "a = [" + "0.5, " * 100 + "]",
    ],
)
def test_brackets_and_dots_in_texts_and_comments_do_not_nest(text: str) -> None:
    """Only brackets and dots that TOML reads count as levels."""
    assert "a" in parsed(text, where="text")


def test_a_document_that_holds_itself_is_refused(document: Document) -> None:
    """A circle of Python lists ends in a fault, not in an endless loop."""
    circle: list[object] = []
    circle.append(circle)
    document["problem"]["note"] = circle
    assert "too deep" in faults_of(document)[""]


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """A file saved by an editor that marks UTF-8 is read."""
    path = tmp_path / "marked.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert load_case(path) == load_case("holbaek")


def test_what_is_not_there_is_named_with_what_is(tmp_path: Path) -> None:
    """A missing file, a folder and an unknown name each say what to do."""
    with pytest.raises(FileError, match=r"there is no file .*sibsim cases"):
        load_case(tmp_path / "none.toml")
    with pytest.raises(FileError, match="is a folder"):
        load_case(tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean 'holbaek'"):
        load_case("holbek")
    with pytest.raises(UnknownNameError, match="no case"):
        load_case("x" * 5000)
    with pytest.raises(FileError, match="cannot be read"):
        load_case("a\0b.toml")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("curency", "currency"),
        ("outcome", "outcomes"),
        ("problem.authorty", "authority"),
        ("target_group.sizes", "size"),
        ("delivery.takeup", "take_up"),
        ("delivery.cohorts.1.shares", "share"),
        ("costs.team.indx", "index"),
        ("outcomes.job.persistance", "persistence"),
        ("outcomes.job.transport.taus", "tau"),
        ("outcomes.job.profile.half_life", "half_life_months"),
        ("outcomes.job.goal.at_month", "at_months"),
        ("drifts.labour_market.sd_pr_year", "sd_per_year"),
        ("measures.job.baseline.rates", "rate"),
        ("measures.wellbeing.missing.rul", "rule"),
        ("payments.job.prices", "price"),
        ("payments.job.limit.lines", "line"),
        ("budget.benefit.commitee", "committee"),
        ("budget.benefit.refund.lader", "ladder"),
        ("contract.limit.contrct", "contract"),
        ("capital.tranches.dsi.commitement", "commitment"),
        ("capital.tranches.dsi.return_cap.rates", "rate"),
        ("valuation.discount.municipalty", "municipality"),
        ("indices.wages.per_yr", "per_year"),
        ("sources.bm-2024.titel", "title"),
    ],
)
def test_an_unknown_key_names_the_nearest_one_at_every_level(
    document: Document, path: str, meant: str
) -> None:
    """A slip in a key is found where it is and the key that was meant is named."""
    put(document, path, 1)
    problem = faults_of(document)[path]
    assert f"did you mean '{meant}'?" in problem


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("name", 5, "text in quotes"),
        ("name", "Holbæk!", "got 'Holbæk!'; the name of a case"),
        ("title", 5, "text in quotes, or {"),
        ("currency", "kroner", "got 'kroner'; a currency is its three-letter ISO 4217 code"),
        ("currency", "dkk", "did you mean 'DKK'"),
        ("schema", 2, "it must be 1"),
        ("period", "week", "it must be 'month' or 'quarter'"),
        ("start", "2024-01-01", "without quotes"),
        ("start", 0, "must be a date"),
        ("price_year", 2024.5, "whole number"),
        ("target_group.size", "many", "got 'many'"),
        ("target_group.size", 1.5, "whole number of participants"),
        ("delivery", [], "must be a table"),
        ("delivery.cohorts", {}, "list in square brackets"),
        ("delivery.take_up", 1.2, "got 1.2; allowed is [0, 1]"),
        ("delivery.completion", -0.1, "got -0.1; allowed is [0, 1]"),
        ("delivery.take_up", {"p10": 0.9, "p50": 0.8, "p90": 0.95}, "quantiles rise"),
        ("delivery.take_up", {"dist": ["beta"]}, "known are"),
        ("outcomes.job.model", "binery", "did you mean 'binary'"),
        ("outcomes.job.effect.log_mean", 1e300, "natural logarithm"),
        ("outcomes.job.goal.share", 1.5, "got 1.5; it must be at most 1"),
        ("outcomes.job.goal.share", 35, "at most 1; it is a share: write 0.35"),
        ("delivery.take_up", 55, "allowed is [0, 1]; it is a share: write 0.55"),
        ("delivery.take_up", 200, "allowed is [0, 1]; give a number in that range"),
        ("delivery.take_up", {"p10": 50, "p50": 60, "p90": 70}, "it is a share: write 0.7"),
        ("delivery.take_up", {"dist": "uniform", "min": 50, "max": 60}, "share: write 0.6"),
        ("measures.job.design", "guess", "known are verification"),
        ("measures.job.baseline.rate", -1, "it must be at least 0"),
        ("payments.job.price", -5000, "got -5000; a price cannot be negative"),
        ("payments.job.reads", "Job 12", "got 'Job 12'; a name is lower-case"),
        ("costs.team.moves_with_start", "yes", "true or false"),
        ("capital.recycle", 1, "true or false"),
        ("contract.limit", {"contract": -1}, "it must be at least 0"),
        ("sources.bm-2024.url", "bm.dk", "got 'bm.dk'; an address"),
        ("target_group.size", 10**16, "whole numbers go up to"),
    ],
)
def test_a_wrong_value_says_path_value_and_rule(
    document: Document, path: str, value: object, says: str
) -> None:
    """Each wrong value is the only fault, says what was given and which rule it breaks."""
    put(document, path, value)
    faults = faults_of(document)
    near = [each for each in faults if each and (each in path or path in each)]
    assert near == list(faults)
    assert says in faults[near[0]]


def leaves(table: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every number of a document with its path."""
    items: Any = table.items() if isinstance(table, dict) else enumerate(table)  # type: ignore[arg-type]
    for name, value in items:
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, dict | list):
            yield from leaves(value, here)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield here, value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_may_be_infinite_or_undefined(document: Document, value: float) -> None:
    """TOML knows nan and inf; no place in a case file accepts them, and all are named at once."""
    paths = [path for path, _ in leaves(document)]
    assert len(paths) > 60
    for path in paths:
        put(document, path, value)
    faults = faults_of(document)
    # A list of prices is read as one; the distribution of a quantity before the fields beside it.
    prices = {path for path in paths if path.startswith("payments.job.price.")}
    assert "payments.job.price" in faults
    assert set(paths) - set(faults) == prices | {"outcomes.job.effect.measured_at_months"}


@pytest.mark.parametrize(
    "value",
    [None, True, "", "{x!r} %s", [], {}, [[1]], {"a": 1}, -1, 1e308, 10**400, {"dist": {}}],
    ids=str,
)
def test_any_value_anywhere_gives_a_case_or_faults(value: object) -> None:
    """Whatever stands where a number stood, the answer is a case or a list of faults."""
    original = tomllib.loads(TEXT)
    for path, _ in leaves(original):
        changed = copy.deepcopy(original)
        put(changed, path, value)
        try:
            build(changed)
        except CaseError as error:
            named = [fault.problem for fault in error.faults]
        else:
            named = ["none"]
        assert named
        assert all(named)


def test_every_fault_is_reported_at_once(document: Document) -> None:
    """Faults in the first lines, in sections and between sections come in one report."""
    wrong = {
        "currency": "dkk",
        "delivery.take_up": 2,
        "outcomes.job.persistence": -1,
        "outcomes.wellbeing.goal.share": 7,
        "measures.fit_for_work.outcome": "nobody",
        "payments.wellbeing.price": -1,
        "payments.job.reads": "nothing",
        "capital.order": ["dsi.principle"],
        "target_group.size.source": "hearsay",
    }
    for path, value in wrong.items():
        put(document, path, value)
    faults = faults_of(document)
    assert set(wrong) <= set(faults)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("outcomes.job.persistence", 5),
        ("outcomes.job.counterfactual.p10", 0.9),
        ("measures.job.baseline.rate", 5),
        ("indices.wages.per_year", "much"),
        ("sources.indigo-0313.year", "1999"),
        ("drifts.labour_market.sd_per_year", -1),
        ("delivery.programme_months", 0),
        ("capital.tranches.dsi.commitment", -5),
        ("contract.payment_lag_months", -1),
        ("end", date(2020, 1, 1)),
        ("currency", "EURO"),
    ],
)
def test_one_fault_makes_no_other(document: Document, path: str, value: object) -> None:
    """What refers to a part that has a fault is not called unknown."""
    document["correlations"] = [
        {"between": ["outcomes.job.counterfactual", "delivery.take_up"], "spearman": 0.3}
    ]
    build(document)
    put(document, path, value)
    faults = faults_of(document)
    assert len(faults) == 1


def test_a_section_that_is_no_table_hides_its_names_only(document: Document) -> None:
    """References into an unreadable section are left alone; other unknown names are not."""
    document["outcomes"] = 5
    document["payments"]["job"]["reads"] = "nothing"
    assert set(faults_of(document)) == {"outcomes", "payments.job.reads"}


def test_an_item_with_a_dot_in_its_name_is_refused(document: Document) -> None:
    """Names that would make paths ambiguous are refused."""
    document["sources"]["a.b"] = document["sources"]["bm-2024"]
    assert "got 'a.b' as a name" in faults_of(document)["sources"]


def test_with_names_the_step_that_leads_nowhere() -> None:
    """A change at an unknown path says where the path ends and what is near."""
    case = load_case("holbaek")
    with pytest.raises(CaseError, match=r"no 'paymnts'; did you mean 'payments'") as caught:
        case.with_({"paymnts.job.price": 1, "payments.jb.price": 2})
    assert len(caught.value.faults) == 2
    assert case == load_case("holbaek")


def test_document_is_a_copy() -> None:
    """Writing into the document that a case gives changes no case."""
    case = load_case("holbaek")
    before = hash(case)
    case.document["payments"]["job"]["price"] = 1
    assert hash(case) == before
    assert case.document["payments"]["job"]["price"] != 1


def test_a_named_part_can_be_added_to_a_section_that_was_not_there() -> None:
    """A case without indices takes its first one by path."""
    document = sib.load_case("holbaek").document
    for name in ("correlations", "budget"):
        document.pop(name, None)
    case = build(document)
    line = sib.load_case("holbaek").document["budget"]["benefit"]
    assert list(case.with_({"budget.benefit": line}).budget) == ["benefit"]


def test_a_workbook_is_no_case_file(tmp_path: Path) -> None:
    """Who gives an edited workbook to a command that reads case files is told what reads it."""
    path = sib.load_case("rudersdal").base_case().write_report(tmp_path / "own.xlsx")
    with pytest.raises(FileError, match="is a workbook and no TOML file"):
        sib.load_case(path)
