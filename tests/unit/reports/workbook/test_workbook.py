"""The whole workbook: it recomputes the base case by itself, also when inputs are changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import sibsim as sib
from sibsim.decisions.drivers.ends import stated
from sibsim.reports.workbook import write_workbook
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.rows import Row, rows_of
from sibsim.results import Results
from tests.hostile import hostile_case
from tests.office import recalculated

CENT = 0.005
"""Half of what the workbook has to agree to: an amount is equal when it rounds to the same cent."""

FIXED = {
    "aarhus-violence": {"outcomes.no_refuge"},
    "aarhus-youth-early": {"budget.shelter", "budget.support"},
    "aarhus-youth-vulnerable": {"budget.shelter", "budget.support", "budget.hospital"},
    "eftervaern": {
        f"budget.{line}"
        for line in ("residence", "contact_person", "shelter", "temporary", "hospital")
    },
    "guldborgsund": {f"budget.{line}" for line in ("youth_benefit", "courses", "mentors")},
    "ikast-brande": {"outcomes.few_shelter_days"},
    "roskilde": {
        f"budget.{line}"
        for line in ("shelter", "temporary", "support", "other_services", "hospital")
    },
    "slagelse": {
        f"budget.{line}"
        for line in ("sickness_benefit", "resource_benefit", "disability_pension", "flexjob")
    },
    "small-steps": {"contract.limit.person"},
    "svendborg": {
        "payments.weeks.share_after_repayment",
        *(f"budget.{line}" for line in ("social_assistance", "disability_pension", "activation")),
    },
    "vejle": {f"budget.{line}" for line in ("residential_care", "foster_care", "support_at_home")},
    "viborg": {"outcomes.regular"},
    "vordingborg": {"payments.work"},
    "young-homeless": {
        f"budget.{line}"
        for line in ("shelter", "own_payment", "temporary", "support", "hospital", "police")
    },
}
"""What of shipped cases stands in the workbook as values; of all others everything is live."""

CHANGES: dict[str, dict[str, float | date]] = {
    "holbaek": {
        "payments.job.price.1": 31_000,
        "outcomes.job.counterfactual": 0.36,
        "delivery.volume": 0.7,
        "capital.tranches.dsi.commitment": 5_900_000,
        "budget.benefit.lag_months": 5,
    },
    "ballerup": {
        "payments.goal.price.1": 150_000,
        "outcomes.goal.uplift.0": -0.05,
        "contract.limit.contract": 300_000,
        "budget.tax.tax.instead_of": 14_000,
        "valuation.discount.municipality": 0.02,
    },
    "medvind": {
        "capital.tranches.lauritzen.commitment": 1_000_000,
        "outcomes.on_the_way.counterfactual": 0.5,
        "delivery.start_delay": 7,
        "contract.limit.contract": 3_000_000,
        "costs.efforts.amount": 900_000,
    },
    "aarhus-schooling": {
        "payments.year_1.conditions.0.at_least": 0.95,
        "outcomes.exam.success_rate": 0.9,
        "capital.guarantees.lauritzen_dsi.amount": 500_000,
        "indices.wages.per_year": 0.01,
        "delivery.cohorts.1.start": date(2024, 5, 1),
    },
    "broendby": {
        "outcomes.active.effects.0": 1.9,
        "measures.active_register.residual_bias.mean": 0.05,
        "payments.active.price.0": 60_000,
        "budget.contact_person.share": 0.2,
        "contract.payment_lag_months": 8,
    },
}
"""Five changed inputs of each of five cases in which everything is live."""


def _written(case: sib.Case, folder: Path, *, lang: str = "da") -> Live:
    return write_workbook(case.base_case(), folder / "book.xlsx", lang=lang)


def _differences(live: Live, base: Results) -> dict[str, tuple[float, float]]:
    """Return the live totals that are not the library's, with both values."""
    pairs = {metric: (cell.number, base.metric(metric)[0]) for metric, cell in live.totals.items()}
    return {
        metric: (found, wanted)
        for metric, (found, wanted) in pairs.items()
        if not np.isclose(found, wanted, rtol=0.0, atol=CENT, equal_nan=True)
    }


@pytest.mark.parametrize("name", list(sib.list_cases().index))
def test_every_live_total_is_that_of_the_library(name: str, tmp_path: Path) -> None:
    """All parts on one another, nothing on a value of the library but what is said to be."""
    case = sib.load_case(name)
    live = _written(case, tmp_path)
    assert not _differences(live, case.base_case())
    assert set(live.fixed) == FIXED.get(name, set())
    money = {"payments_total", "investor_irr", "municipality_net", "state_net", "public_net"}
    assert money & set(case.base_case().metrics) <= set(live.totals)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", list(CHANGES))
def test_libreoffice_recomputes_the_base_case(name: str, soffice: str, tmp_path: Path) -> None:
    """Without the values that Python wrote, every live total comes to the library's, to a cent."""
    case = sib.load_case(name)
    live = _written(case, tmp_path)
    assert_recomputed(live, recalculated(soffice, live.book.path, folder=tmp_path), case)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, paths in CHANGES.items() for path in paths]
)
def test_a_changed_input_gives_what_the_library_gives(
    name: str, path: str, soffice: str, tmp_path: Path
) -> None:
    """A cell is edited, LibreOffice calculates, and the edited file is read back as a case."""
    live = _written(sib.load_case(name), tmp_path)
    ((sheet, place),) = (
        openpyxl.load_workbook(live.book.path)
        .defined_names[live.inputs.cells[path].text]
        .destinations
    )
    changes = {(sheet, place.replace("$", "")): CHANGES[name][path]}
    found = recalculated(soffice, live.book.path, folder=tmp_path, changes=changes)
    changed = sib.case_from_workbook(tmp_path / "bare-book.xlsx")
    assert changed != sib.load_case(name)
    assert_recomputed(live, found, changed)


def assert_recomputed(live: Live, found: openpyxl.Workbook, case: sib.Case) -> None:
    """Assert that a recalculated workbook has the totals of the base case of a case."""
    base = case.base_case()
    for metric, cell in live.totals.items():
        sheet, _, place = cell.text.partition("!")
        value = found[sheet][place].value
        wanted = base.metric(metric)[0]
        if np.isnan(wanted):
            assert value in {None, ""}, metric
        else:
            assert value == pytest.approx(wanted, rel=0.0, abs=CENT), metric


def test_nothing_of_a_user_is_a_formula_or_a_link(tmp_path: Path) -> None:
    """Titles, notes and sources that begin like formulas, or hold marks or 10,000 letters."""
    live = _written(hostile_case(), tmp_path)
    book = openpyxl.load_workbook(live.book.path)
    texts = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.data_type != "f"
    ]
    assert any(str(cell.value).startswith("=") for cell in texts)
    links = [cell.hyperlink for sheet in book for row in sheet for cell in row if cell.hyperlink]
    # The front page links to each sheet after it, and nothing links to anywhere else.
    places = [str(link.location).partition("!")[0].strip("'") for link in links]
    assert places == book.sheetnames[1:]
    assert all(link.target is None for link in links)
    assert not _differences(live, hostile_case().base_case())


def test_the_sheets_have_names_in_the_language(tmp_path: Path) -> None:
    """Front page first, inputs second, the case file last, in Danish and in English."""
    case = sib.load_case("rudersdal")
    danish = list(_written(case, tmp_path).book.sheets)
    english = list(_written(case, tmp_path, lang="en").book.sheets)
    assert (danish[0], danish[1], danish[-1]) == ("Forside", "Input", "Sagsfil")
    assert (english[0], english[1], english[-1]) == ("Front", "Inputs", "CaseFile")
    assert len(danish) == len(english)


@pytest.mark.parametrize("name", ["broendby", "medvind", "school-and-family"])
def test_a_number_that_no_formula_reads_leaves_the_base_case(name: str, tmp_path: Path) -> None:
    """In a case without orange cells, blue rows marked 'no' change no live total."""
    case = sib.load_case(name)
    base = case.base_case()
    live = _written(case, tmp_path)
    assert not live.fixed
    tried = 0
    for row in rows_of(case):
        is_stated = row.told.get("status") != "default"
        if row.path in live.inputs.used or row.way in {"date", "fixed"} or not is_stated:
            continue
        assert isinstance(row.value, float)
        changed = case.with_({row.path: _other(case, row)}).base_case()
        tried += 1
        for metric in live.totals:
            assert changed.metrics[metric] == pytest.approx(base.metrics[metric], nan_ok=True)
    assert tried >= 2


def _other(case: sib.Case, row: Row) -> object:
    """Return another number for a row that the case accepts: a tenth more, one more of whole."""
    assert isinstance(row.value, float)
    if row.path in case.quantities:
        return stated(case.quantities[row.path], value=1.1 * row.value or 0.05)
    return int(row.value) + 1 if row.value.is_integer() else 1.1 * row.value
