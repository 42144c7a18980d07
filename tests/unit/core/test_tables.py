"""Tables of figures: files, frames and mappings are read alike, and what is unclear is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sibsim.core.tables import Cells, Columns, table_of
from sibsim.errors import ArgumentError, CaseError, FileError
from sibsim.evidence.reading import read_studies
from sibsim.forecast.observations import KINDS
from sibsim.forecast.tables import COLUMNS, rows_of

KNOWN = Columns(words=frozenset({"name"}), numbers=frozenset({"people", "share"}))


def rows(given: object) -> list[tuple[str, Cells]]:
    """Return the rows of a table."""
    return table_of(given, what="things", columns=KNOWN).rows


def problem_of(given: object) -> str:
    """Return the only fault of a table."""
    with pytest.raises(CaseError) as caught:
        rows(given)
    (fault,) = caught.value.faults
    return str(fault)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a file may be written."""
    return tmp_path / "things.csv"


THREE = [
    ("row 1", {"name": "7", "people": 50.0, "share": 0.25, "Place": "Aarhus"}),
    ("row 3", {"name": "b, c", "people": 1500.0, "Place": "Ribe"}),
]
"""Two rows of a table, with an empty one between them."""


@pytest.mark.parametrize(
    "text",
    [
        'name,people,share,Place\n7,50,.25,Aarhus\n,,,\n"b, c",1.5e3,NA,Ribe\n',
        "Name;People;SHARE;Place;\n7;50;0,25; Aarhus;\n\nb, c;1500,0;;Ribe;\n;;;;\n",
        "\ufeff name \tpeople\tshare\tPlace\r\n7\t50\t0,25\tAarhus\r\n\r\nb, c\t1500\t\tRibe\r\n",
        '"name";"people";"share";"Place"\n"7";"50";"0,25";"Aarhus"\n\n"b, c";1500;nan;Ribe\n',
    ],
)
def test_files_of_every_country_are_read_alike(file: Path, text: str) -> None:
    """Commas, semicolons, tabs; headings in any case; empty rows keep their number."""
    file.write_bytes(text.encode())
    assert rows(file) == THREE
    assert rows(str(file)) == THREE


def test_frames_and_mappings_are_read_as_files_are() -> None:
    """Text that is a number is one; missing values of every kind are left out."""
    given: list[dict[str, Any]] = [
        {"Name ": "7", "people": "50", "share": "0,25", "Place": "Aarhus "},
        {"Name ": None, "people": np.nan, "share": pd.NA, "Place": ""},
        {"Name ": "b, c", "people": np.int64(1500), "share": pd.NaT, "Place": "Ribe"},
    ]
    assert rows(given) == THREE
    assert rows(iter(given)) == THREE
    assert rows(pd.DataFrame(given)) == THREE


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "people;name\n638.000;a\n",
            "row 1.people: got '638.000'; points are not read as thousands",
        ),
        ("people;name\n638.000;a\n", "write 638000, or 638,000 if it is a decimal"),
        ("people;name\n1.638.000,5;a\n", "write 1638000,5"),
        (
            'people,name\n"638,000",a\n',
            "commas are not read as thousands; write 638000, or 638.000",
        ),
        ("people\tname\n638,000\ta\n", "write 638000, or 638,0000 if it is a decimal"),
        ("place;name\n638.000;a\n", "row 1.place: got '638.000'"),
        ("people,name\n41%,a\n", "write a count such as 14, not 41%, or a share such as 0.41"),
        ("people,name\nmany,a\n", "row 1.people: got 'many'; it must be a number; write one"),
        ("people,name\n3,a,,9\n", "row 1.cells beyond the last column: got ['9']"),
        ("people,name,\n3,a,4\n5,a,5\n", "columns: a column with cells has no heading"),
        ("people,name,People\n3,a,4\n3,a,4\n", "column people: stands twice"),
    ],
)
def test_what_is_unclear_is_refused_with_the_way_out(file: Path, text: str, told: str) -> None:
    """One fault each, without a word of quotes."""
    file.write_text(text, encoding="utf-8")
    problem = problem_of(file)
    assert told in problem
    assert "without quotes" not in problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("people;name\n0.588;a\n", 0.588),
        ("people;name\n1,234;a\n", 1.234),
        ("people,name\n1.234,a\n", 1.234),
        ("people\tname\n638,0000\ta\n", 638.0),
        ("people;name\n-1.5;a\n", -1.5),
    ],
)
def test_what_can_only_be_a_decimal_is_one(file: Path, text: str, value: float) -> None:
    """No thousands begin with a nought or have other than three digits."""
    file.write_text(text, encoding="utf-8")
    ((_, cells),) = rows(file)
    assert cells["people"] == value


def test_every_unclear_cell_is_told_at_once() -> None:
    """Two rows, two faults."""
    with pytest.raises(CaseError, match="things: 2 faults"):
        rows([{"people": "1.000"}, {"people": "two"}])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no file .*things.csv; check the path"),
        (b"", "is empty; its first line names the columns"),
        (b"\r\n\r\n", "is empty"),
        (b"study,kind\n\xff\xfe,3\n", "is not text in UTF-8; save it as CSV in UTF-8"),
        (b'study,kind\n"a,3\n', "is no CSV file"),
    ],
)
def test_studies_and_actuals_say_the_same_of_a_bad_file(
    file: Path, content: bytes | None, told: str
) -> None:
    """One reader, one message."""
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FileError, match=told) as of_studies:
        read_studies(file, scale="odds_ratio")
    with pytest.raises(FileError, match=told) as of_actuals:
        rows_of(file)
    assert str(of_studies.value) == str(of_actuals.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """It cannot be read, and the system says why."""
    with pytest.raises(FileError, match="cannot be read"):
        rows(tmp_path)


@pytest.mark.parametrize("given", [3, None, b"name", {"name": [1]}, ["a"], [{"name": 1}, 3]])
def test_what_is_no_table_is_refused(given: object) -> None:
    """One sentence says what is expected."""
    with pytest.raises(
        ArgumentError, match="things are a frame, the path of a CSV file, or a list"
    ):
        rows(given)


def test_every_column_of_actuals_is_known() -> None:
    """Numbers and words are those of all kinds of rows, the kind itself, and a note."""
    of_kinds = {name for kind in KINDS.values() for name in kind.model_fields}
    assert COLUMNS.words | COLUMNS.numbers == of_kinds | {"kind", "note"}
    assert not COLUMNS.words & COLUMNS.numbers
