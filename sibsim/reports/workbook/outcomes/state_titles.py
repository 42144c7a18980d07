"""What states are called in the titles of rows and columns."""

from __future__ import annotations

from collections.abc import Sequence

from sibsim.core.words import Words
from sibsim.outcomes.states import MultiState


def state_title(spec: MultiState, name: str) -> Words:
    """Return the title of a state of a shipped set; a state of the case's own is its name.

    Parameters
    ----------
    spec
        The outcome of states.
    name
        Name of the state.
    """
    return Words(da=name, en=name) if spec.shipped is None else spec.shipped.states[name].title


def move_title(spec: MultiState, origins: Sequence[str], targets: Sequence[str]) -> Words:
    """Return moves as `from > to`.

    Parameters
    ----------
    spec
        The outcome of states.
    origins, targets
        Names of the states that are left, and of those that are reached.
    """
    said = []
    for lang in ("da", "en"):
        ends = [
            ", ".join(state_title(spec, name).in_language(lang) for name in names)
            for names in (origins, targets)
        ]
        said.append(" > ".join(ends))
    return Words(da=said[0], en=said[1])


def with_words(title: Words, words: Words) -> Words:
    """Return a title with words after a comma, such as `in work, with`."""
    both = [f"{title.in_language(lang)}, {words.in_language(lang)}" for lang in ("da", "en")]
    return Words(da=both[0], en=both[1])
