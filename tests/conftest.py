"""Fixtures shared by all tests."""

from __future__ import annotations

import hashlib
import os
import shutil

import pytest


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return a seed that is the hash of the test's name, so that nobody chooses it."""
    digest = hashlib.blake2b(request.node.name.encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")


REQUIRED = "SIBSIM_REQUIRE_PROGRAMS"
"""Environment variable under which a program that is missing fails a test, and skips none."""


@pytest.fixture(scope="session")
def soffice() -> str:
    """Return the path of LibreOffice."""
    return _program("soffice")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium."""
    return _program("chromium")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None and os.environ.get(REQUIRED):
        pytest.fail(f"{name} is not installed, and {REQUIRED} asks for it")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
