"""Configuration of the documentation; build it with `sphinx-build -n -W docs docs/_build/html`."""

from __future__ import annotations

import importlib
import inspect
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from pydantic_core import PydanticUndefined
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import sibsim
from sibsim.core.spec import Spec
from sibsim.core.words import Words
from sibsim.payments.base import PaymentModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Node
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

HERE = Path(__file__).parent

# Sphinx reads only what lies below this folder; the notebooks live beside the code.
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(
    HERE.parent / "notebooks", HERE / "notebooks", ignore=shutil.ignore_patterns(".*", "__*")
)

project = "sibsim"
author = "sibsim contributors"
copyright = "2026, sibsim contributors"
version = release = sibsim.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc", "myst_nb"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
html_theme = "pydata_sphinx_theme"
html_title = "sibsim"
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
    for name in sibsim.__all__:
        if f"sibsim.{name}" not in shown:
            logging.getLogger(__name__).warning("reference.md does not show sibsim.%s", name)


class PaymentModelPart(SphinxDirective):
    """Show a payment model as its class says it: the rule, then a table of its own keys."""

    required_arguments = 1
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[Node]:
        """Return the paragraphs of the docstring and the table of fields."""
        model = importlib.import_module(f"sibsim.payments.{self.arguments[0]}").Model
        return self.parse_text_to_nodes("\n".join(_paragraphs(model)))


def _paragraphs(model: type[Spec]) -> list[str]:
    """Return the docstring of a spec and the table of its own fields, in Markdown."""
    about = inspect.getdoc(model) or ""
    lines = [about.replace("\n", " ").replace("  ", "\n\n"), ""]
    lines += ["| Key | Meaning | Default |", "|---|---|---|"]
    return [*lines, *_rows(model, path="")]


def _rows(spec: type[Spec], *, path: str) -> Iterator[str]:
    """Yield a row for each field of a spec, and of the tables inside it."""
    for name, field in spec.model_fields.items():
        if not path and name in PaymentModel.model_fields:
            continue
        default = "required"
        if field.default is not PydanticUndefined:
            default = "none" if field.default is None else f"`{field.default}`"
        meaning = (field.description or "").replace("\n", " ").replace("|", "\\|")
        yield f"| `{path}{name}` | {meaning} | {default} |"
        for inner in _specs_in(field.annotation):
            if inner is not Words:
                yield from _rows(inner, path=f"{path}{name}.")


def _specs_in(annotation: object) -> Iterator[type[Spec]]:
    """Yield the specs that an annotation holds."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for inner in get_args(annotation):
        yield from _specs_in(inner)


def setup(app: Sphinx) -> None:
    """Connect the check of the reference and the directive of payment models."""
    app.connect("env-check-consistency", check_reference)
    app.add_directive("payment-model", PaymentModelPart)
