"""A run in a folder: arrays without pickle, the case as TOML, the rest as JSON and CSV.

The folder appears whole or not at all: everything is written beside it first, then renamed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from sibsim.casefile import build, parsed, to_toml
from sibsim.core.stages import Posting
from sibsim.errors import FileError
from sibsim.results import Results

RUN_FILE = "run.json"
"""What was run: seed, draws, sampling, versions; marks a folder as one of ours."""

SPARE_BYTES = 10_000_000
"""Free disk space that must be left beside the results: room for the tables and the file system."""

FORMAT = 1
"""Version of the folder's layout."""


def save(results: Results, folder: str | Path) -> None:
    """Write results to a folder: metrics, ledger, case, summary and how to run it again.

    Parameters
    ----------
    results
        What to keep. What chance decided (`keep="world"`) is not written: the seed gives it back.
    folder
        A new folder, or one that holds saved results, which is then replaced.

    Raises
    ------
    FileError
        If the folder holds something else, cannot be written, or the disk is too full; nothing
        is left behind.
    """
    target = Path(folder)
    _check_target(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        needed = sum(values.nbytes for values in results.metrics.values())
        needed += sum(each.amount.nbytes for each in results.postings or ()) + SPARE_BYTES
        free = shutil.disk_usage(target.parent).free
        if free < needed:
            message = (
                f"{target}: the results need {needed / 1e6:,.0f} MB and the disk has "
                f"{free / 1e6:,.0f} MB left; free some space, or keep='metrics'"
            )
            raise FileError(message)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
            whole = Path(beside) / "whole"
            whole.mkdir()
            _write(results, whole)
            if target.exists():
                target.rename(Path(beside) / "before")
            whole.rename(target)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror or error}"
        raise FileError(message) from None


def _check_target(target: Path) -> None:
    if target.is_dir():
        if any(target.iterdir()) and not (target / RUN_FILE).is_file():
            message = f"{target} holds other files; name a new folder"
            raise FileError(message)
    elif target.exists():
        message = f"{target} is a file; name a folder"
        raise FileError(message)


def _write(results: Results, folder: Path) -> None:
    import sibsim

    run: dict[str, Any] = {
        "format": FORMAT,
        "case": results.case.name,
        "draws": results.draws,
        "seed": results.seed,
        "sampling": results.sampling,
        "sibsim": sibsim.__version__,
        "numpy": np.__version__,
        "postings": None,
    }
    np.savez(folder / "metrics.npz", allow_pickle=False, **results.metrics)
    if results.postings is not None:
        run["postings"] = [
            [each.payer, each.payee, each.line, each.frame, each.kind] for each in results.postings
        ]
        amounts = {str(number): each.amount for number, each in enumerate(results.postings)}
        np.savez(folder / "postings.npz", allow_pickle=False, **amounts)
    results.summary().to_csv(folder / "summary.csv")
    (folder / "case.toml").write_text(to_toml(results.case), encoding="utf-8")
    (folder / RUN_FILE).write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


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
    source = Path(folder)
    try:
        run = json.loads((source / RUN_FILE).read_text(encoding="utf-8"))
        text = (source / "case.toml").read_text(encoding="utf-8")
        case = build(parsed(text, where=str(source / "case.toml")), where=str(source))
        with np.load(source / "metrics.npz", allow_pickle=False) as found:
            metrics = dict(found)
        postings = None
        if run["postings"] is not None:
            with np.load(source / "postings.npz", allow_pickle=False) as found:
                postings = tuple(
                    Posting(*labels, amount=found[str(number)])
                    for number, labels in enumerate(run["postings"])
                )
        return Results(
            case=case,
            draws=run["draws"],
            seed=run["seed"],
            sampling=run["sampling"],
            metrics=metrics,
            postings=postings,
            worlds=None,
        )
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        message = f"{source} holds no readable results of sibsim: {error}"
        raise FileError(message) from None
