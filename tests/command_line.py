"""The `sibsim` command run in the test's process, in a narrow terminal and an empty folder."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from sibsim import cli, console

COLUMNS = 80
"""Columns of the terminal."""


def sibsim(*words: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, list(words))


def fault_of(*words: str) -> str:
    """Return the message of a command that has to fail with bad input and nothing else."""
    result = sibsim(*words)
    assert result.exit_code == console.BAD_INPUT
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr
