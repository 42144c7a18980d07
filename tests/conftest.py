"""Fixtures shared by all tests."""

from __future__ import annotations

import hashlib

import pytest


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return a seed that is the hash of the test's name, so that nobody chooses it."""
    digest = hashlib.blake2b(request.node.name.encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")
