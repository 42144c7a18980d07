"""A run in a folder: arrays without pickle, the case as TOML, the rest as JSON and CSV.

The folder appears whole or not at all: everything is written beside it first, then renamed. Results
that are replaced are renamed out of the way first and deleted last, so that whenever the process
ends, the old or the new ones are there; `load_results` finds either.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sibsim.casefile import build, to_toml
from sibsim.core.arrays import FloatArray
from sibsim.core.documents import parsed
from sibsim.core.postings import Frame, Posting, PostingKind
from sibsim.core.sampling import Method as Sampling
from sibsim.errors import ArgumentError, FileError, SibsimError
from sibsim.results import Results
from sibsim.run import Kind

if TYPE_CHECKING:
    import pandas as pd

RUN_FILE = "run.json"
"""What was run: seed, draws, sampling, versions; marks a folder as one of ours."""

CASE_FILE, METRICS_FILE, POSTINGS_FILE = "case.toml", "metrics.npz", "postings.npz"
"""The case, its metrics and its ledger."""

SUMMARY_FILE = "summary.csv"
"""The summary, for people; it is not read back."""

CASH_FLOWS_FILE, BUDGET_FILE, RISK_FILE = "cash_flows.csv", "budget.csv", "risk.csv"
"""The investor's flows, the municipality's budget and the risk, for people; not read back."""

BUDGET_PARTY = "municipality"
"""Whose budget is written, where the ledger has that party."""

FOR_PEOPLE = frozenset({SUMMARY_FILE, CASH_FLOWS_FILE, BUDGET_FILE, RISK_FILE})
"""Tables that a spreadsheet opens."""

FIGURES = "%.10g"
"""How tables write numbers: money to a hundredth up to a hundred million."""

OUR_FILES = frozenset({RUN_FILE, CASE_FILE, METRICS_FILE, POSTINGS_FILE}) | FOR_PEOPLE
"""All that a folder of results holds; a folder with anything else is never replaced."""

SPARE_BYTES = 10_000_000
"""Free disk space that must be left beside the results: room for the tables and the file system."""

FORMAT = 1
"""Version of the folder's layout."""

_DAMAGE = (
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    ArithmeticError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    zipfile.BadZipFile,
)
"""What reading a damaged file may raise."""


def save(results: Results, folder: str | Path) -> None:
    """Write results to a folder: metrics, ledger, case, tables and how to run it again.

    The tables are for people: the summary, and of a run that kept flows the investor's cash flows,
    the municipality's budget and the risk.

    Parameters
    ----------
    results
        What to keep. What chance decided (`keep="world"`) is not written: the seed gives it back.
    folder
        A new folder, or one that holds saved results and nothing else, which is then replaced.

    Raises
    ------
    FileError
        If the folder holds something else, cannot be written, or the disk is too full; nothing
        is left behind, and results that were there are kept.
    ArgumentError
        If the run began from what had really happened.
    """
    if results.facts is not None:
        message = (
            "a re-forecast cannot be saved, as what has happened is no part of a case file; keep "
            "the table of what was observed, and observe it again"
        )
        raise ArgumentError(message)
    check_folder(folder, needed=bytes_of(results, draws=results.draws))
    target = Path(folder).resolve()
    try:
        with tempfile.TemporaryDirectory(prefix=".sibsim-", dir=_nearest(target.parent)) as beside:
            whole = Path(beside) / "whole"
            whole.mkdir()
            _write(results, whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, by=whole)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror or error}"
        raise FileError(message) from None


def bytes_of(results: Results, *, draws: int) -> int:
    """Return how much disk space results would need with so many draws.

    Parameters
    ----------
    results
        Results, such as the base case, of the same case and the same `keep`.
    draws
        Number of draws.
    """
    numbers = len(results.metrics) + sum(len(each.amount) for each in results.postings or ())
    return numbers * draws * np.dtype(np.float64).itemsize


def check_folder(folder: str | Path, *, needed: int = 0) -> None:
    """Refuse a folder that results cannot be saved to; ask before a run, not after it.

    Parameters
    ----------
    folder
        The folder.
    needed
        Bytes that the results will need.

    Raises
    ------
    FileError
        If the folder holds something else, cannot be written, or the disk is too full.
    """
    try:
        target = Path(folder).resolve()
        _recover(target)
        problem = _occupied(target) or _no_room(target, needed=needed + SPARE_BYTES)
        if not problem:
            with tempfile.TemporaryDirectory(prefix=".sibsim-", dir=_nearest(target.parent)):
                return
    except (OSError, ValueError) as error:
        problem = f"cannot be written: {getattr(error, 'strerror', None) or error}"
    message = f"{folder} {problem}"
    raise FileError(message)


def _occupied(target: Path) -> str:
    """Say what stands where the results should go, or nothing."""
    if not target.is_dir():
        return "is a file; name a folder" if target.exists() else ""
    names = {each.name for each in target.iterdir()}
    others = sorted(names - OUR_FILES)
    if others:
        return f"holds other files, such as {others[0]}; name a new folder"
    if names and not _is_ours(target):
        return "holds files that may not be results of sibsim; name a new folder"
    return ""


def _is_ours(folder: Path) -> bool:
    try:
        run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except _DAMAGE:
        return False
    return isinstance(run, dict) and "sibsim" in run


def _no_room(target: Path, *, needed: int) -> str:
    free = shutil.disk_usage(_nearest(target.parent)).free
    if free >= needed:
        return ""
    return (
        f"does not fit: the results need {needed / 1e6:,.0f} MB and the disk has "
        f"{free / 1e6:,.0f} MB left; free some space, take fewer draws or keep = 'metrics'"
    )


def _nearest(folder: Path) -> Path:
    """Return the nearest folder above that exists, where everything is written first."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _before(target: Path) -> Path:
    """Return where results that are being replaced wait until the new ones are in place."""
    return target.with_name(f".{target.name}.before")


def _recover(target: Path) -> None:
    """Put back results whose replacement was cut short."""
    if not target.exists() and _is_ours(_before(target)):
        _before(target).rename(target)


def _replace(target: Path, *, by: Path) -> None:
    before = _before(target)
    shutil.rmtree(before, ignore_errors=True)
    if target.exists():
        target.rename(before)
    try:
        by.rename(target)
    except BaseException:
        _recover(target)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _write(results: Results, folder: Path) -> None:
    import sibsim

    run: dict[str, Any] = {
        "format": FORMAT,
        "kind": results.kind,
        "case": results.case.name,
        "draws": results.draws,
        "seed": results.seed,
        "sampling": results.sampling,
        "sibsim": sibsim.__version__,
        "numpy": np.__version__,
        "postings": None,
    }
    np.savez(folder / METRICS_FILE, allow_pickle=False, **results.metrics)
    if results.postings is not None:
        run["postings"] = [
            [each.payer, each.payee, each.line, each.frame, each.kind] for each in results.postings
        ]
        amounts = {str(number): each.amount for number, each in enumerate(results.postings)}
        np.savez(folder / POSTINGS_FILE, allow_pickle=False, **amounts)
    for name, table in _tables(results).items():
        table.to_csv(folder / name, float_format=FIGURES)
    (folder / CASE_FILE).write_text(to_toml(results.case), encoding="utf-8")
    (folder / RUN_FILE).write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def _tables(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables for people by the name of their file."""
    found = {SUMMARY_FILE: results.summary()}
    if results.postings is None:
        return found
    found[CASH_FLOWS_FILE] = results.cash_flows("investor")
    if any(BUDGET_PARTY in {each.payer, each.payee} for each in results.postings):
        found[BUDGET_FILE] = results.budget(BUDGET_PARTY)
    found[RISK_FILE] = results.risk()
    return found


def load_results(folder: str | Path) -> Results:
    """Read results that `Results.save` wrote.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    FileError
        If the folder is missing, is not one of ours, or is damaged.
    """
    problem = "holds damaged results"
    try:
        source = Path(folder).resolve()
        if not source.exists() and _is_ours(_before(source)):
            source = _before(source)
        if not source.is_dir():
            problem = "is no folder of results"
        elif not (source / RUN_FILE).is_file():
            problem = f"holds no results of sibsim: it has no {RUN_FILE}"
        else:
            return _read(source)
    except SibsimError as error:
        problem += f": {error}"
    except _DAMAGE as error:
        problem += f": {type(error).__name__}, {error}"
    message = f"{folder} {problem}; save the run again"
    raise FileError(message)


def _read(source: Path) -> Results:
    run = json.loads((source / RUN_FILE).read_text(encoding="utf-8"))
    if run["format"] != FORMAT:
        message = f"they have format {run['format']}, this version of sibsim reads {FORMAT}"
        raise FileError(message)
    text = (source / CASE_FILE).read_text(encoding="utf-8")
    case = build(parsed(text, where=CASE_FILE), where=CASE_FILE)
    kind, draws, seed, sampling = run["kind"], run["draws"], run["seed"], run["sampling"]
    known = kind in get_args(Kind) and sampling in get_args(Sampling)
    if not known or not isinstance(seed, int | None):
        message = f"{RUN_FILE}: kind is {kind}, seed is {seed}, sampling is {sampling}"
        raise FileError(message)
    metrics = _arrays(source / METRICS_FILE, shape=(draws,))
    postings = None
    if run["postings"] is not None:
        amounts = _arrays(source / POSTINGS_FILE, shape=(case.timeline.periods, draws))
        postings = tuple(
            _posting(labels, amounts[str(number)]) for number, labels in enumerate(run["postings"])
        )
    return Results(
        kind=kind,
        case=case,
        draws=draws,
        seed=seed,
        sampling=sampling,
        metrics=metrics,
        postings=postings,
        worlds=None,
    )


def _arrays(file: Path, *, shape: tuple[int, ...]) -> dict[str, FloatArray]:
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
        arrays = dict(found)
    for name, array in arrays.items():
        if array.shape != shape or array.dtype != np.float64:
            message = f"{file.name}: {name} is {array.dtype} {array.shape}, not float64 {shape}"
            raise FileError(message)
    return arrays


def _posting(labels: list[str], amount: FloatArray) -> Posting:
    payer, payee, line, frame, kind = labels
    if frame not in get_args(Frame) or kind not in get_args(PostingKind):
        message = f"{RUN_FILE}: {line} has frame {frame} and kind {kind}"
        raise FileError(message)
    return Posting(payer, payee, line, frame, kind, amount)  # type: ignore[arg-type]
