"""Write a run as a file for people: a workbook, a memo or a page, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from sibsim.core.spec import nearest
from sibsim.core.wording import language
from sibsim.errors import ArgumentError, FileError, UnknownNameError
from sibsim.results import Results

FORMATS = ("xlsx", "docx", "html")
"""What can be written: a workbook with live formulas, a memo for Word, a page for a browser."""


def write_report(results: Results, path: str | Path, *, lang: str = "en") -> Path:
    """Write results as a workbook, a memo or a page.

    Parameters
    ----------
    results
        A run that kept its flows, or a base case.
    path
        The file. Its ending says what it is: `.xlsx` a workbook that recomputes the base case with
        formulas of its own, `.docx` a memo, `.html` a page in one file. A file that is there is
        replaced once the new one is whole.
    lang
        `da` (Danish) or `en` (English).

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnknownNameError
        If the ending is none of these.
    ArgumentError
        If the language is neither, the run kept metrics only, or the results are a settlement or a
        re-forecast.
    FileError
        If the file cannot be written; what was there is kept.
    """
    target, spoken = Path(path), language(lang)
    write = _writer(target)
    check_reportable(results)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sibsim-", dir=target.parent) as beside:
            whole = Path(beside) / target.name
            write(results, whole, lang=spoken)
            whole.replace(target)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror or error}"
        raise FileError(message) from None
    return target


def check_reportable(results: Results) -> None:
    """Refuse results that have no report.

    Parameters
    ----------
    results
        The results.

    Raises
    ------
    ArgumentError
        If the run kept metrics only, or the results are a settlement or a re-forecast.
    """
    if results.postings is None:
        message = "this run kept metrics only; run it with keep='flows' to report on it"
        raise ArgumentError(message)
    if results.kind == "settled" or results.facts is not None:
        message = (
            "a report tells what a case is expected to come to; these results tell what has "
            "happened: show them with print(results), or report on case.simulate()"
        )
        raise ArgumentError(message)


def _writer(path: Path) -> Callable[..., object]:
    from sibsim.reports.memo import write_memo
    from sibsim.reports.page import write_page
    from sibsim.reports.workbook import write_workbook

    writers: Mapping[str, Callable[..., object]] = {
        "xlsx": write_workbook,
        "docx": write_memo,
        "html": write_page,
    }
    ending = path.suffix.removeprefix(".").lower()
    if ending not in writers:
        message = (
            f"{path}: got the ending {path.suffix!r}; a report ends with .xlsx, .docx or .html"
            f"{nearest(ending, writers)}"
        )
        raise UnknownNameError(message)
    return writers[ending]
