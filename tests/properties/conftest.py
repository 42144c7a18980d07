"""Every property is slow: hundreds of random cases each."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so that the short legs of CI leave them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
