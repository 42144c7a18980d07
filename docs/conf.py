"""Configuration of the documentation; build it with `sphinx-build -n -W docs docs/_build/html`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import sibsim
from sibsim.reports.models import Family, about, keys_of, model_of

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

HERE = Path(__file__).parent

# The extensions in `_ext` are imported as `docs._ext`, as tests and the type checker do.
sys.path.insert(0, str(HERE.parent))

# Sphinx reads only what lies below this folder; the notebooks live beside the code.
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(
    HERE.parent / "notebooks", HERE / "notebooks", ignore=shutil.ignore_patterns(".*", "__*")
)

project = "sibsim"
author = "sibsim contributors"
copyright = "2026, sibsim contributors"
version = release = sibsim.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_nb",
    "docs._ext.generated",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
html_theme = "pydata_sphinx_theme"
html_title = "sibsim"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_theme_options = {"show_prev_next": False, "show_toc_level": 2}

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_default_options = {"member-order": "bysource"}
autodoc_preserve_defaults = True
# Types name private classes, which have no page here; docstrings say shapes and units.
autodoc_typehints = "none"
numpydoc_show_class_members = False


def check_reference(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of every public name that the reference does not show."""
    shown = {name for name, *_ in env.domains.python_domain.get_objects()}
    rooms = (sibsim.evidence, sibsim.micro, sibsim.planning)
    public = [f"{room.__name__}.{name}" for room in (sibsim, *rooms) for name in room.__all__]
    for name in public:
        if name not in shown and name not in {room.__name__ for room in rooms}:
            logging.getLogger(__name__).warning("reference.md does not show %s", name)


class ModelPart(SphinxDirective):
    """Show a model as its class says it: the rule, then a table of its own keys."""

    family: ClassVar[Family]
    required_arguments = 1
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[Node]:
        """Return the paragraphs of the docstring and the table of keys."""
        model = model_of(self.family, name=self.arguments[0])
        lines = [about(model), "", "| Key | Meaning | Default |", "|---|---|---|"]
        for name, meaning, default in keys_of(self.family, model=model):
            plain = default in {"none", "required", "required with it"}
            shown = default if plain else f"`{default}`"
            lines.append(f"| `{name}` | {meaning.replace('|', chr(92) + '|')} | {shown} |")
        return self.parse_text_to_nodes("\n".join(lines))


class PaymentModelPart(ModelPart):
    """Show a payment model."""

    family: ClassVar[Family] = "payments"


class OutcomeModelPart(ModelPart):
    """Show an outcome model."""

    family: ClassVar[Family] = "outcomes"


class EvaluationDesignPart(ModelPart):
    """Show an evaluation design."""

    family: ClassVar[Family] = "evaluation"


def setup(app: Sphinx) -> None:
    """Connect the check of the reference and the directives of models."""
    app.connect("env-check-consistency", check_reference)
    app.add_directive("payment-model", PaymentModelPart)
    app.add_directive("outcome-model", OutcomeModelPart)
    app.add_directive("evaluation-design", EvaluationDesignPart)
