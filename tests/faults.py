"""What is wrong with a document, for tests of checks across a case."""

from __future__ import annotations

from typing import Any

from sibsim.casefile import build
from sibsim.errors import CaseError


def faults_of(document: dict[str, Any]) -> dict[str, str]:
    """Return the problems of a document by path; none where it is a case."""
    try:
        build(document)
    except CaseError as error:
        return {fault.path: fault.problem for fault in error.faults}
    return {}
