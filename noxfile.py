#!/usr/bin/env -S uv run --script

# /// script
# dependencies = ["nox>=2025.5"]
# ///

"""Tasks of a developer: `nox` runs lint and tests, `nox -s docs` builds the documentation."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"


@nox.session
def lint(session: nox.Session) -> None:
    """Run every check that only reads the code."""
    session.install("-e.[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")
    session.run("mypy")
    session.run("lint-imports")
    session.run("repo-review", ".")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; what follows `--` goes to pytest."""
    session.install("-e.[test]")
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation with the notebooks executed, warnings being errors."""
    session.install("-e.[docs]")
    session.run("sphinx-build", "-n", "-W", "--keep-going", "docs", "docs/_build/html")


if __name__ == "__main__":
    nox.main()
