"""Print the lowest version of every direct dependency as `name==version`, one a line."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

LOWER_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)>=(?P<version>[0-9][0-9.]*)")


def lowest(requirements: list[str]) -> list[str]:
    """Return `name==version` for every `name>=version`.

    Raises
    ------
    ValueError
        When a requirement is anything but a name and a lower bound.
    """
    pins = []
    for requirement in requirements:
        bound = LOWER_BOUND.fullmatch(requirement)
        if bound is None:
            message = f"{requirement!r}: a dependency is a name and a lower bound, nothing else"
            raise ValueError(message)
        pins.append(f"{bound['name']}=={bound['version']}")
    return pins


if __name__ == "__main__":
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    sys.stdout.write("\n".join(lowest(project["dependencies"])) + "\n")
