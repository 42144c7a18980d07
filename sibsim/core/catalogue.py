"""The only reader of the data that ships with sibsim; never the network.

The folder is `_data` inside the package where it was installed from a wheel, else `data` beside the
package, as in a clone or an editable install.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path

from sibsim.core.spec import nearest
from sibsim.errors import FileError, UnknownNameError

_PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the package `sibsim`."""

SUFFIXES = frozenset({".toml", ".csv"})
"""Endings of data files; anything else beside them, such as a read-me, is not read."""


@cache
def root(package: Path = _PACKAGE) -> Path:
    """Return the folder that holds the shipped data.

    Raises
    ------
    FileError
        If neither place exists: the installation is not complete.
    """
    places = (package / "_data", package.parent / "data")
    for place in places:
        if place.is_dir():
            return place
    looked = " nor ".join(map(str, places))
    message = f"the data of sibsim is missing: found neither {looked}; install sibsim again"
    raise FileError(message)


def folder(*parts: str) -> Path:
    """Return a folder of shipped data, such as `folder("rules", "denmark")`.

    Raises
    ------
    UnknownNameError
        If there is no such folder; names the nearest one.
    """
    place = root()
    for part in parts:
        place = _entry(place, part, known=_folders(place))
    return place


def folders(*parts: str) -> tuple[str, ...]:
    """Return the names of the folders inside a folder of shipped data, in order."""
    return _folders(folder(*parts))


def names(*parts: str) -> tuple[str, ...]:
    """Return the names of the data files in a folder, without their endings, in order."""
    return tuple(sorted(each.stem for each in _files(folder(*parts))))


def path(*parts: str) -> Path:
    """Return the path of one data file, with or without its ending: `path("cases", "holbaek")`.

    Raises
    ------
    UnknownNameError
        If there is no such file; names the nearest one.
    """
    *above, name = parts
    place = folder(*above)
    files = _files(place)
    for each in files:
        if name in {each.name, each.stem}:
            return each
    return _entry(place, name, known=tuple(sorted(each.stem for each in files)))


def text(*parts: str) -> str:
    """Return the text of one data file, such as `text("cases", "holbaek")`.

    Raises
    ------
    UnknownNameError
        If there is no such file; names the nearest one.
    """
    return path(*parts).read_text(encoding="utf-8")


def rows(*parts: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one CSV file, each by the names in its first line.

    Raises
    ------
    UnknownNameError
        If there is no such file; names the nearest one.
    """
    return tuple(csv.DictReader(io.StringIO(text(*parts))))


def _folders(place: Path) -> tuple[str, ...]:
    return tuple(sorted(each.name for each in place.iterdir() if each.is_dir()))


def _files(place: Path) -> tuple[Path, ...]:
    return tuple(each for each in place.iterdir() if each.suffix in SUFFIXES)


def _entry(place: Path, name: str, *, known: tuple[str, ...]) -> Path:
    if name not in known:
        where = place.relative_to(root()).as_posix()
        inside = "the shipped data" if where == "." else f"the shipped data under {where}"
        listed = f"; known are {', '.join(known)}" if known else "; nothing is there"
        message = f"{name!r} is not in {inside}{nearest(name, known) or listed}"
        raise UnknownNameError(message)
    return place / name
