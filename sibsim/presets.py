"""Cases to start from: a complete case of a common kind, for a group of any size.

A template in `data/templates` is a case file with three things left open. `{ per_person = 42_000 }`
is an amount that grows with the group, worked out for its size; `{ rule = "...", year = 2024 }` is
a published rate, looked up among the dated rules in the middle of that year and carried to the
price year of the case by the net price index; and the name of the municipality. All dates move with
the start. Comments stay, so that the file says what each section is and what to replace.

Assumption: everything that is per person is proportional to the number of people, which is too kind
to small groups; each such figure says so in its note.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AbstractTable, Array

from sibsim.case import Case
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.core.rules import Rule, rule
from sibsim.core.spec import nearest
from sibsim.core.timeline import MONTHS_PER_YEAR, shifted
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError, FileError, UnknownNameError

FOLDER = "templates"
"""Folder of the shipped data that holds one template for each kind of case."""

LARGEST_SIZE = 20_000
"""More people than any municipality would enrol in one programme, and few enough to follow one by
one where twice as many come."""

LATEST_YEAR = 2100
"""Cases start before this year: rules and rates of today say nothing of later ones."""

MONTHS_PER_QUARTER = 3
"""The templates count in quarters, so that a case starts with one."""

MID_YEAR = 7
"""Month on whose first day a rate of a year is looked up: rules begin in January or in July."""

PLACES = 2
"""Decimals of a rate that was carried to another price year: hundredths of a krone."""

SUFFIX = ".toml"
"""Ending of a case file."""


def new_case(
    kind: str,
    *,
    municipality: str,
    size: int,
    start: date | None = None,
    path: Path | str | None = None,
) -> Case:
    """Build a complete case of a common kind, to be edited, and write it to a file.

    Every figure in it is published, with its source, or an assumption that gives its reason.

    Parameters
    ----------
    kind
        `employment`, `homelessness`, `placement`, `family` or `school`.
    municipality
        Name of the municipality.
    size
        Participants planned to start, 1 to 20,000. Capital, team, limits and what else the
        template states per person grow in proportion.
    start
        First day of the case, the first day of a quarter; all dates of the case move with it.
        None: the start of the template, 1 January 2027.
    path
        File to write the case to, with comments that say what each section is and what to replace;
        its ending is `.toml`, and nothing may be there yet. None: nothing is written.

    Returns
    -------
    Case
        The case, as `load_case` reads it from the file.

    Raises
    ------
    UnknownNameError
        If there is no such kind; names the nearest one.
    ArgumentError
        If another argument is not as described.
    CaseError
        If the case cannot start then, such as before its rules are in force.
    FileError
        If the file exists or cannot be written.
    """
    kinds = catalogue.names(FOLDER)
    if kind not in kinds:
        message = (
            f"got {shown(kind)}; there is no such kind of case"
            f"{nearest(str(kind), kinds)}; choose {', '.join(kinds)}"
        )
        raise UnknownNameError(message)
    _check(municipality, size=size, start=start)
    place = None if path is None else _free(Path(path))
    text = _filled(
        catalogue.text(FOLDER, kind), municipality=municipality.strip(), size=size, start=start
    )
    case = build(tomllib.loads(text), where=kind)
    if place is not None:
        try:
            with place.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            message = f"{place} cannot be written: {error.strerror}; choose another path"
            raise FileError(message) from None
    return case


def _check(municipality: object, *, size: object, start: object) -> None:
    """Raise on an argument that no case can be built of."""
    message = ""
    if not isinstance(municipality, str) or not municipality.strip():
        message = (
            f"municipality: got {shown(municipality)}; the case needs the name of the "
            "municipality, such as 'Holbæk Kommune'"
        )
    elif not municipality.strip().isprintable():
        message = (
            f"municipality: got {shown(municipality)}; a name stands on one line, without control "
            "characters"
        )
    elif isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_SIZE:
        message = (
            f"size: got {shown(size)}; the number of people is a whole number from 1 to "
            f"{LARGEST_SIZE:,}, such as 100"
        )
    elif start is not None and not (
        type(start) is date
        and start.year < LATEST_YEAR
        and start.day == 1
        and (start.month - 1) % MONTHS_PER_QUARTER == 0
    ):
        message = (
            f"start: got {shown(start)}; a case starts on the first day of a quarter before "
            f"{LATEST_YEAR}, such as datetime.date(2027, 1, 1)"
        )
    if message:
        raise ArgumentError(message)


def _free(path: Path) -> Path:
    """Return the path, if a file can be written there without overwriting one."""
    message = ""
    if path.suffix != SUFFIX:
        message = f"got {shown(str(path))}; a case file ends in {SUFFIX}; name it so"
    elif path.exists():
        message = f"{path} exists already and is not overwritten; choose another path or delete it"
    elif not path.parent.is_dir():
        message = f"there is no folder {path.parent}; make it first or choose another path"
    if message:
        raise FileError(message)
    return path


def _filled(text: str, *, municipality: str, size: int, start: date | None) -> str:
    """Return the text of a template with everything open filled in; comments stay."""
    document: Any = tomlkit.parse(text)
    document["problem"]["municipality"] = municipality
    document["target_group"]["size"]["value"] = size
    first: date = document["start"].unwrap()
    months = 0
    if start is not None:
        months = MONTHS_PER_YEAR * (start.year - first.year) + start.month - first.month
    filling = _Filling(document=document, size=size, months=months)
    filling.fill(document)
    return "".join([tomlkit.dumps(document), *map(_source, filling.added.values())])


class _Filling:
    """What is filled in while walking through a template."""

    def __init__(self, *, document: Any, size: int, months: int) -> None:  # noqa: ANN401 - tables of tomlkit, by key
        self.size = size
        self.months = months
        self.price_year: int = document["price_year"].unwrap()
        self.known: dict[tuple[str, str], str] = {
            (each["title"], each["url"]): key for key, each in document["sources"].unwrap().items()
        }
        self.added: dict[str, Rule] = {}

    def fill(self, container: Any) -> None:  # noqa: ANN401 - tables and lists of tomlkit, by key
        """Replace what is open in a table or list, and in all below it."""
        keys = range(len(container)) if isinstance(container, Array) else list(container)
        for key in keys:
            item = container[key]
            if isinstance(item, AbstractTable) and "per_person" in item:
                container[key] = self._for_all(item)
            elif isinstance(item, AbstractTable) and {"rule", "year"} <= set(item):
                container[key] = self._published(item)
            elif isinstance(item, AbstractTable | Array):
                self.fill(item)
            elif isinstance(item, date):
                container[key] = moved(item, months=self.months)

    def _for_all(self, item: AbstractTable) -> object:
        """Return an amount per person as the amount of the whole group."""
        asked = item.unwrap()
        each = asked.pop("per_person")
        if not asked:
            return _read(each * self.size)
        how = f"{each:,} for each of {self.size:,} people: {asked.pop('note')}"
        return _read({"value": each * self.size, **asked, "note": how})

    def _published(self, item: AbstractTable) -> object:
        """Return a published rate with its source, in prices of the price year."""
        asked = item.unwrap()
        found = rule(asked["rule"], on=date(asked["year"], MID_YEAR, 1))
        if found.price_year is not None:
            found = found.in_prices_of(self.price_year)
        value = round(found.value, PLACES)
        figure = {
            "value": int(value) if value.is_integer() else value,
            "unit": found.unit,
            "status": found.status,
            "source": self._source(found),
        }
        note = "; ".join(each for each in (asked.get("note"), found.note) if each)
        return _read({**figure, "note": note} if note else figure)

    def _source(self, found: Rule) -> str:
        """Return the key of the source of a rule, which is added unless it is there."""
        where = (found.source_title, found.source_url)
        if where not in self.known:
            self.known[where] = _key(found)
            self.added[self.known[where]] = found
        return self.known[where]


def _source(found: Rule) -> str:
    """Return the section of the source of a rule."""
    return (
        f"\n[sources.{_key(found)}]\n"
        f"title = {_written(found.source_title)}\n"
        f"url   = {_written(found.source_url)}\n"
        f"year  = {found.source_year}\n"
    )


def _key(found: Rule) -> str:
    """Return what the source of a rule is called in a case."""
    return found.name.replace(".", "-")


def _read(value: object) -> object:
    """Return a value as it is written by hand in a case file."""
    return tomlkit.value(_written(value))


def _written(value: object) -> str:
    """Return the text of a value: thousands set apart, and spaces inside the braces of a table."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_written(each)}" for key, each in value.items()) + " }"
    if isinstance(value, int | float):
        return f"{value:_}"
    return str(tomlkit.item(value).as_string())


def moved(day: date, *, months: int) -> date:
    """Return a day that many months later; the last day of a month stays the last of a month."""
    after = day + timedelta(days=1)
    if after.day == 1:
        return shifted(after, months=months) - timedelta(days=1)
    return shifted(day, months=months)
