"""The one family of errors of sibsim; each class says when it is raised."""

from __future__ import annotations

from dataclasses import dataclass


class SibsimError(Exception):
    """Root of every error that sibsim raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input."""

    path: str
    """Where: the dotted path in the case file, or the name of the argument."""

    problem: str
    """What was given, the rule it breaks and the way out, in one sentence."""

    def __str__(self) -> str:
        """Return the fault as `path: problem`."""
        return f"{self.path}: {self.problem}" if self.path else self.problem


class CaseError(SibsimError, ValueError):
    """Raised when a case, a contract or a change to one is invalid; holds every fault at once."""

    def __init__(self, faults: tuple[Fault, ...], *, where: str = "case") -> None:
        """Collect the faults found in `where` (a file, or what was being read)."""
        self.faults = faults
        self.where = where
        noun = "fault" if len(faults) == 1 else "faults"
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"{where}: {len(faults)} {noun}\n{lines}")

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild the error from its parts when it crosses a process boundary."""
        return _rebuild_case_error, (self.faults, self.where)


def _rebuild_case_error(faults: tuple[Fault, ...], where: str) -> CaseError:
    return CaseError(faults, where=where)


class FileError(SibsimError):
    """Raised when a file or folder cannot be read or written as asked."""


class ArgumentError(SibsimError, ValueError):
    """Raised when an argument of a public function is outside its allowed range."""


class UnknownNameError(SibsimError, KeyError):
    """Raised when a name (of a case, metric, parameter) is not known; names the nearest one."""

    def __str__(self) -> str:
        """Return the message without the quotes that `KeyError` adds."""
        return str(self.args[0])


class SolveError(SibsimError):
    """Raised when no value within the bounds reaches the target; says what the ends reach."""


class SamplingError(SibsimError):
    """Raised when the draws of a sampler cannot be trusted; says which, by how much, what to do."""
