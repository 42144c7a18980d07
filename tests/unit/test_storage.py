"""Saved runs: the folder is whole or not there, and what was there before is never lost."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import pandas as pd
import pytest

from sibsim.casefile import load_case
from sibsim.errors import FileError
from sibsim.results import Results
from sibsim.storage import (
    FOR_PEOPLE,
    OUR_FILES,
    RUN_FILE,
    bytes_of,
    check_folder,
    load_results,
    save,
)

DRAWS = 3


class Usage(NamedTuple):
    """What `shutil.disk_usage` tells."""

    total: int
    used: int
    free: int


@pytest.fixture(scope="module")
def results() -> Results:
    """Return a small run."""
    return load_case("holbaek").simulate(draws=DRAWS, rng=1)


@pytest.fixture(scope="module")
def other() -> Results:
    """Return another small run."""
    return load_case("holbaek").simulate(draws=DRAWS, rng=2)


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def fail(*_: object, **__: object) -> NoReturn:
    """Stand for a disk that is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_run_comes_back_as_it_was(tmp_path: Path, results: Results) -> None:
    """Metrics, ledger, case, seed and sampling survive to the last bit."""
    save(results, tmp_path / "deep" / "run")
    found = load_results(tmp_path / "deep" / "run")
    assert found.case == results.case
    assert (found.draws, found.seed, found.sampling) == (DRAWS, 1, "random")
    assert found.metrics.keys() == results.metrics.keys()
    for name, values in results.metrics.items():
        np.testing.assert_array_equal(found.metrics[name], values)
    assert found.postings is not None
    assert results.postings is not None
    for ours, theirs in zip(found.postings, results.postings, strict=True):
        assert (ours.payer, ours.payee, ours.line) == (theirs.payer, theirs.payee, theirs.line)
        np.testing.assert_array_equal(ours.amount, theirs.amount)
    assert set(content(tmp_path)) == {f"deep/run/{name}" for name in OUR_FILES}


def test_tables_hold_what_a_spreadsheet_needs(tmp_path: Path, results: Results) -> None:
    """Cash flows, budget and risk say what the results say, to ten digits."""
    save(results, tmp_path)
    flows = pd.read_csv(tmp_path / "cash_flows.csv", index_col="year")
    budget = pd.read_csv(tmp_path / "budget.csv", index_col=["frame", "line"])
    risk = pd.read_csv(tmp_path / "risk.csv", index_col=0)
    # Ten significant digits: at most half a unit of the tenth is lost.
    np.testing.assert_allclose(flows["mean"], results.cash_flows("investor")["mean"], rtol=5e-10)
    np.testing.assert_allclose(budget, results.budget("municipality"), rtol=5e-10)
    np.testing.assert_allclose(risk, results.risk(), rtol=5e-10)
    figures = re.findall(r"\d+\.\d+", (tmp_path / "budget.csv").read_text())
    assert max(len(figure.replace(".", "").lstrip("0")) for figure in figures) <= 10


def test_tables_of_a_settled_run_are_those_it_can_give(tmp_path: Path) -> None:
    """Reports say nothing of what the municipality ends with, so its risk is left out."""
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 20, "people": 36}
    save(load_case("holbaek").settle([row]), tmp_path)
    assert list(pd.read_csv(tmp_path / "risk.csv", index_col=0).index) == ["investor_profit"]
    assert (tmp_path / "cash_flows.csv").is_file()


def test_metrics_alone_come_back_without_a_ledger(tmp_path: Path) -> None:
    """A run that kept metrics only stays one; a base case stays one."""
    case = load_case("holbaek")
    save(case.simulate(draws=2, rng=1, keep="metrics"), tmp_path / "metrics")
    assert load_results(tmp_path / "metrics").postings is None
    assert FOR_PEOPLE & set(content(tmp_path / "metrics")) == {"summary.csv"}
    save(case.base_case(), tmp_path / "base")
    assert load_results(tmp_path / "base").is_base_case


def test_results_replace_results(tmp_path: Path, results: Results, other: Results) -> None:
    """Saving to the same folder again leaves the new run and nothing else."""
    save(results, tmp_path / "run")
    save(other, tmp_path / "run")
    assert load_results(tmp_path / "run").seed == 2
    assert len(content(tmp_path)) == len(OUR_FILES)


@pytest.mark.parametrize("name", ["notes.txt", RUN_FILE, "summary.csv"])
def test_a_folder_with_anything_else_is_left_alone(
    tmp_path: Path, results: Results, name: str
) -> None:
    """A folder that is not ours, whatever its files are called, is never touched."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text("mine")
    with pytest.raises(FileError, match="name a new folder"):
        save(results, tmp_path / "run")
    assert content(tmp_path) == {f"run/{name}": b"mine"}


def test_notes_beside_results_keep_them_from_being_replaced(
    tmp_path: Path, results: Results, other: Results
) -> None:
    """What a person put beside saved results is not deleted with them."""
    save(results, tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    with pytest.raises(FileError, match=r"notes\.txt"):
        save(other, tmp_path / "run")
    assert load_results(tmp_path / "run").seed == 1


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    """A file as the folder, or above it, is refused in plain words and kept."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileError, match="is a file; name a folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(FileError, match="cannot be written"):
        check_folder(tmp_path / "file" / "run")
    with pytest.raises(FileError, match="cannot be written"):
        check_folder("a\0b")
    assert content(tmp_path) == {"file": b"mine"}


def test_an_unwritable_place_is_found_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place where no file can be made is refused by the check alone."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("sibsim.storage.tempfile.TemporaryDirectory", refuse)
    with pytest.raises(FileError, match="cannot be written: Permission denied"):
        check_folder(tmp_path / "run")


def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    """Asking whether a folder can be written makes none."""
    check_folder(tmp_path / "deep" / "run")
    assert list(tmp_path.iterdir()) == []


def test_too_little_disk_is_found_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    """The size that many draws will need is known from few, and is compared with the disk."""
    needed = bytes_of(results, draws=10_000)
    assert needed == bytes_of(load_case("holbaek").base_case(), draws=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, needed))
    with pytest.raises(FileError, match="free some space"):
        check_folder(tmp_path / "run", needed=needed)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 0))
    with pytest.raises(FileError, match="free some space"):
        save(results, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["sibsim.storage.np.savez", "sibsim.storage.to_toml"])
def test_a_full_disk_in_the_middle_loses_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    results: Results,
    other: Results,
    step: str,
) -> None:
    """Writing that fails half-way leaves no new folder, and the old one as it was."""
    save(results, tmp_path / "run")
    before = content(tmp_path)
    monkeypatch.setattr(step, fail)
    for name in ("run", "new"):
        with pytest.raises(FileError, match="No space left on device"):
            save(other, tmp_path / name)
    assert content(tmp_path) == before


def test_a_real_limit_on_file_size_loses_nothing(
    tmp_path: Path, results: Results, other: Results
) -> None:
    """The operating system refusing to write on is a plain message too."""
    resource = pytest.importorskip("resource", reason="limits of a process are a Unix matter")
    save(results, tmp_path / "run")
    before = content(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(FileError, match="cannot be written"):
            save(other, tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(tmp_path) == before


def crash_on_rename(monkeypatch: pytest.MonkeyPatch, *, number: int) -> None:
    """Let the process end at its n-th rename, and every later one, as if it were killed."""
    done: list[Path] = []
    rename = Path.rename

    def counting(self: Path, target: Path) -> Path:
        done.append(self)
        if len(done) >= number:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", counting)


def test_a_crash_between_the_renames_loses_nothing(
    tmp_path: Path, results: Results, other: Results
) -> None:
    """However often the process ends, and wherever, the old results are found and replaceable."""
    save(results, tmp_path / "run")
    for number in (1, 2, 1, 3):
        with pytest.MonkeyPatch.context() as patch:
            crash_on_rename(patch, number=number)
            with pytest.raises(KeyboardInterrupt):
                save(other, tmp_path / "run")
        assert load_results(tmp_path / "run").seed == 1
    assert not (tmp_path / "run").exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sibsim.storage.np.savez", fail)
        with pytest.raises(FileError):
            save(other, tmp_path / "run")
    assert load_results(tmp_path / "run").seed == 1
    save(other, tmp_path / "run")
    assert load_results(tmp_path / "run").seed == 2
    assert len(content(tmp_path)) == len(OUR_FILES)


def test_a_rename_that_fails_puts_the_old_results_back(
    tmp_path: Path, results: Results, other: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error at the second rename is undone at once."""
    save(results, tmp_path / "run")
    before = content(tmp_path)
    rename, done = Path.rename, []

    def second_fails(self: Path, target: Path) -> Path:
        done.append(self)
        if len(done) == 2:
            fail()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(FileError, match="No space left"):
        save(other, tmp_path / "run")
    assert content(tmp_path) == before


def test_leftovers_of_a_crash_after_the_renames_are_cleared(
    tmp_path: Path, results: Results, other: Results
) -> None:
    """Old results that were not deleted in time do not come back."""
    save(results, tmp_path / "run")
    shutil.copytree(tmp_path / "run", tmp_path / ".run.before")
    save(other, tmp_path / "run")
    assert load_results(tmp_path / "run").seed == 2
    assert len(content(tmp_path)) == len(OUR_FILES)


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path, results: Results, other: Results) -> None:
    """Results behind a symbolic link are replaced where they really are."""
    save(results, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save(other, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert load_results(tmp_path / "real").seed == 2


def test_what_is_no_folder_of_results_is_named(tmp_path: Path) -> None:
    """A missing folder, a file and a folder of something else are refused in plain words."""
    with pytest.raises(FileError, match="is no folder of results"):
        load_results(tmp_path / "none")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileError, match="is no folder of results"):
        load_results(tmp_path / "file")
    with pytest.raises(FileError, match=r"has no run\.json"):
        load_results(tmp_path)


READ_BACK = sorted(OUR_FILES - FOR_PEOPLE)


@pytest.mark.parametrize("name", READ_BACK)
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "text", "zeros", "bit"])
def test_a_damaged_folder_is_named_as_such(
    tmp_path: Path, results: Results, name: str, damage: str
) -> None:
    """Whatever happened to a file, the answer is a plain message."""
    save(results, tmp_path / "run")
    file = tmp_path / "run" / name
    whole = file.read_bytes()
    changed = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "text": b"[" * 50_000,
        "zeros": bytes(len(whole)),
        "bit": whole[:300] + bytes([whole[300] ^ 128]) + whole[301:],
    }
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(changed[damage])
    with pytest.raises(FileError, match="results"):
        load_results(tmp_path / "run")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2),
        ("draws", 4),
        ("draws", "3"),
        ("seed", "one"),
        ("sampling", "dice"),
        ("postings", [["a", "b", "c", "service", "theft"]]),
        ("postings", [["a"]]),
        ("postings", 5),
    ],
)
def test_a_run_file_that_does_not_fit_is_refused(
    tmp_path: Path, results: Results, key: str, value: object
) -> None:
    """Numbers that contradict the arrays are damage."""
    save(results, tmp_path / "run")
    file = tmp_path / "run" / RUN_FILE
    run = json.loads(file.read_text())
    file.write_text(json.dumps(run | {key: value}))
    with pytest.raises(FileError, match="holds damaged results"):
        load_results(tmp_path / "run")
