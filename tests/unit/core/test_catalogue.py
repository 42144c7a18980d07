"""The shipped data is found, listed and read; a wrong name is answered with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.core import catalogue
from sibsim.errors import FileError, UnknownNameError


def test_reads_a_shipped_table() -> None:
    """A CSV comes as one mapping per row, keyed by its first line."""
    rows = catalogue.rows("rules", "denmark", "refund_ladder.csv")
    assert [row["state_share"] for row in rows[:2]] == ["0.80", "0.40"]


def test_lists_folders_and_files() -> None:
    """Folders and files are listed by name, files without their ending."""
    assert "denmark" in catalogue.folders("rules")
    assert "refund_ladder" in catalogue.names("rules", "denmark")


def test_a_file_is_named_with_or_without_its_ending() -> None:
    """Both names lead to the same file, and no two files of a folder share the short one."""
    short = catalogue.path("rules", "denmark", "refund_ladder")
    assert short == catalogue.path("rules", "denmark", "refund_ladder.csv")
    for place in (catalogue.root(), *catalogue.root().rglob("*/")):
        stems = [each.stem for each in place.iterdir() if each.suffix in catalogue.SUFFIXES]
        assert len(stems) == len(set(stems)), place


def test_unknown_file_names_the_nearest() -> None:
    """A misspelt name is refused with the nearest one, never with a traceback of the system."""
    with pytest.raises(UnknownNameError, match=r"did you mean 'refund_ladder'"):
        catalogue.text("rules", "denmark", "refund_lader")


@pytest.mark.parametrize("part", ["..", "/etc", "denmark/.."])
def test_stays_inside_the_data(part: str) -> None:
    """A name cannot lead out of the shipped data."""
    with pytest.raises(UnknownNameError, match="is not in the shipped data"):
        catalogue.folder("rules", part)


def test_package_data_comes_before_the_clone(tmp_path: Path) -> None:
    """`_data` inside the package wins over `data` beside it; with neither the error says where."""
    package = tmp_path / "sibsim"
    package.mkdir()
    with pytest.raises(FileError, match="install sibsim again"):
        catalogue.root(package)
    (tmp_path / "data").mkdir()
    assert catalogue.root(package) == tmp_path / "data"
    catalogue.root.cache_clear()
    (package / "_data").mkdir()
    assert catalogue.root(package) == package / "_data"
