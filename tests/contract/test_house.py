"""What holds for the house as a whole: names, sizes, imports, words and commands."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from types import FunctionType

import pytest

import sibsim

ROOT = Path(__file__).parents[2]

MODULES = sorted((ROOT / "sibsim").rglob("*.py"))

LONGEST_MODULE = 400
"""A module stays under this many lines; beyond it is split along the domain."""

HEAVY = ("jax", "matplotlib", "numpy", "numpyro", "pandas", "scipy")
"""Packages that `import sibsim` must not load."""

WRITTEN = ("sibsim", "tests", "docs", "data", "notebooks", ".ci", ".github")
"""Folders whose text is written by hand."""

BUILT = {"__pycache__", "_build", "_data", ".ipynb_checkpoints"}
"""Folders inside them that are not."""

TEXT = {".cff", ".csv", ".ipynb", ".md", ".py", ".toml", ".txt", ".yaml", ".yml", ""}
"""Endings of files that hold text."""

FORBIDDEN = re.compile(
    r"\b[T]ODO\b|\b[F]IXME\b|\b[X]XX\b"
    r"|/(?:h[o]me|[r]oot|t[m]p|w[o]rk|Us[e]rs)/|[.][.]/shared"
    r"|pypi[.]org|pythonhosted[.]org"
)
"""Notes to oneself, paths of one machine, hosts of package registries; none of which it matches."""


ROOMS = (sibsim.decisions, sibsim.evidence, sibsim.micro, sibsim.planning)
"""Rooms that are public as a whole."""


def public_objects() -> list[tuple[str, object]]:
    """Return every public name with what it stands for, those of public rooms too."""
    return [(name, getattr(room, name)) for room in (sibsim, *ROOMS) for name in room.__all__]


def written_files() -> list[Path]:
    """Return every text file that is written by hand."""
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in WRITTEN:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    copied = ROOT / "docs" / "notebooks"
    return sorted(
        path
        for path in files
        if path.suffix in TEXT
        and not BUILT.intersection(path.relative_to(ROOT).parts)
        and copied not in path.parents
    )


def commands_of_readme() -> dict[str, str]:
    """Return the commands that the README marks, by name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pattern = r"<!-- command: (\w+) -->\n\n```bash\n(.+)\n```"
    return dict(re.findall(pattern, text))


def test_all_is_sorted_and_without_doubles() -> None:
    """`__all__` reads like an index: each name once, in order."""
    for room in (sibsim, *ROOMS):
        assert list(room.__all__) == sorted(set(room.__all__))


def test_agreed_names_are_public() -> None:
    """What the documentation promises is in `__all__`."""
    agreed = {"Case", "Results", "irr", "list_cases", "load_case", "load_results", "xirr"}
    assert agreed <= set(sibsim.__all__)


def test_dir_shows_the_public_names() -> None:
    """A name that loads lazily is still found by `dir` and by completion."""
    assert set(sibsim.__all__) <= set(dir(sibsim))


def test_every_public_name_has_a_docstring_of_its_own() -> None:
    """Each public name resolves and says what it is, not what its base class is."""
    bare = [name for name, thing in public_objects() if not (getattr(thing, "__doc__", "") or "")]
    assert bare == []


def test_every_public_member_has_a_docstring() -> None:
    """Each public method and property of a public class of ours says what it returns."""
    bare = [
        f"{name}.{member}"
        for name, thing in public_objects()
        if inspect.isclass(thing)
        for member, value in vars(thing).items()
        if not member.startswith("_")
        and isinstance(value, (FunctionType, cached_property, classmethod, property, staticmethod))
        and not inspect.getdoc(value)
    ]
    assert bare == []


def test_reference_shows_every_public_name() -> None:
    """The reference is built from `__all__` and leaves no name out."""
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    for room in (sibsim, *ROOMS):
        assert f".. automodule:: {room.__name__}\n   :members:\n" in reference
    left_out = re.search(r":exclude-members:(.*)", reference)
    names = set(re.findall(r"\w+", left_out[1])) if left_out else set()
    assert names.isdisjoint(sibsim.__all__)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short(path: Path) -> None:
    """A module that can be read in one sitting."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST_MODULE


@pytest.mark.parametrize("package", HEAVY)
def test_import_is_light(package: str) -> None:
    """`import sibsim` alone loads none of the heavy packages."""
    program = f"import sys, sibsim; sys.exit({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0


def test_citation_names_this_version() -> None:
    """Who cites sibsim cites the version in hand."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sibsim.__version__}\n" in citation


def test_public_names_survive_the_import_of_every_module() -> None:
    """Every module imports, and none of them takes the place of a public name."""
    names = [path.relative_to(ROOT).with_suffix("").parts for path in MODULES]
    modules = [".".join(parts).removesuffix(".__init__") for parts in names]
    program = (
        "import importlib, inspect, sys, sibsim\n"
        f"for module in {modules}: importlib.import_module(module)\n"
        "sys.exit(str([name for name in sibsim.__all__\n"
        f"              if name not in {[room.__name__.partition('.')[2] for room in ROOMS]}\n"
        "              and inspect.ismodule(getattr(sibsim, name))] or ''))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.strip() == ""


def test_no_forbidden_words() -> None:
    """No note to oneself, no path of one machine and no host of a package registry is left."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in written_files()
        for match in FORBIDDEN.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_written_files_are_found() -> None:
    """The search for words looks where the words are."""
    names = {str(path.relative_to(ROOT)) for path in written_files()}
    assert {"README.md", "sibsim/errors.py", ".ci/run", "docs/index.md"} <= names


def test_readme_gives_two_commands_of_one_line() -> None:
    """The README says how to run and how to test, each in one line that CI executes."""
    commands = commands_of_readme()
    assert set(commands) == {"run", "test"}
    assert "sibsim run holbaek" in commands["run"]
    assert "-m pytest" in commands["test"]


def test_readme_shows_a_picture_that_exists() -> None:
    """The picture of the README is in the repository."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"!\[.+\]\((.+\.png)\)", text)
    assert (ROOT / picture).is_file()


def test_example_of_readme_uses_public_names() -> None:
    """Every `sib.name` in the README is public."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"\bsib\.(\w+)", text))
    assert used
    assert used <= set(sibsim.__all__)


def test_lowest_requirements_are_bounds_of_the_project() -> None:
    """The lowest leg of CI pins every direct dependency."""
    script = ROOT / "tests" / "lowest_requirements.py"
    done = subprocess.run(
        [sys.executable, str(script)], check=True, capture_output=True, text=True, timeout=60
    )
    pins = done.stdout.splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", pin) for pin in pins)
    assert {"numpy", "pandas", "pydantic", "scipy"} <= {pin.partition("==")[0] for pin in pins}
