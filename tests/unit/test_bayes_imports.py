"""What loads jax: the sampler alone, never a name of the room."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOOK = """
import sys
import sibsim.evidence
from sibsim.evidence import assumptions, bayes, diagnostics, posteriors, published_heterogeneity
from sibsim.evidence import terms
names = [getattr(sibsim.evidence, name) for name in sibsim.evidence.__all__]
terms.practice_loss((0.0, 0.1))
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & {"jax", "jaxlib", "numpyro", "matplotlib"}), "scipy.stats" in sys.modules)
"""
"""Touches every public name of the room, and the Bayesian modules with their terms."""


def test_no_name_of_the_room_loads_jax() -> None:
    """Every name resolves without jax, numpyro or scipy.stats; only a posterior loads them."""
    answer = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split("\n")[0] == "[] False"


NOTEBOOK = """
import sys
from types import ModuleType
sys.modules["ipywidgets"] = None
sys.modules["ipykernel.zmqshell"] = ModuleType("ipykernel.zmqshell")
sys.modules["IPython"] = IPython = ModuleType("IPython")
IPython.get_ipython = lambda: object()
"""
"""What tqdm takes for a Jupyter kernel without ipywidgets."""


@pytest.mark.parametrize(
    ("imported", "warns"),
    [("numpyro", True), ("sibsim.evidence.nuts, sibsim.evidence.sampler", False)],
)
def test_a_notebook_is_not_warned_of_a_progress_bar(imported: str, *, warns: bool) -> None:
    """The import of numpyro warns there of a bar that no sampler here shows; ours does not."""
    answer = subprocess.run(
        [sys.executable, "-c", f"{NOTEBOOK}\nimport {imported}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("IProgress not found" in answer.stderr) is warns
