"""LibreOffice calculates a workbook anew, so that no value that Python wrote is read back."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl

ALWAYS = 0
"""LibreOffice's code for calculating a file anew whenever it is opened."""

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
  oor:op="fuse"><value>{mode}</value></prop></item>
</oor:items>
"""

SECONDS = 240
"""Time after which LibreOffice is given up: far more than it takes on a busy machine."""


def profile(folder: Path) -> Path:
    """Make a user profile in which every file is calculated anew when it is opened."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(_SETTINGS.format(mode=ALWAYS), encoding="utf-8")
    return user.parent


def converted(soffice: str, source: Path, *, to: str, folder: Path) -> Path:
    """Have LibreOffice convert a file and return the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "converted"
    subprocess.run(
        [
            soffice,
            "--headless",
            f"-env:UserInstallation={profile(folder).as_uri()}",
            "--convert-to",
            to,
            "--outdir",
            str(out),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    return out / f"{source.stem}.{to.partition(':')[0]}"


def recalculated(
    soffice: str,
    source: Path,
    *,
    folder: Path,
    changes: Mapping[tuple[str, str], float | str | date] | None = None,
) -> openpyxl.Workbook:
    """Return a workbook with the values that LibreOffice finds, after changes of cells if asked.

    `changes` are new contents by sheet and cell. The stored values of formulas are dropped first,
    so that none of them can be what is read.
    """
    book = openpyxl.load_workbook(source)
    for (sheet, cell), content in (changes or {}).items():
        book[sheet][cell] = content
    folder.mkdir(parents=True, exist_ok=True)
    bare = folder / f"bare-{source.stem}.xlsx"
    book.save(bare)
    return openpyxl.load_workbook(
        converted(soffice, bare, to="xlsx", folder=folder), data_only=True
    )
