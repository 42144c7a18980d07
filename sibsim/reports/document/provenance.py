"""What the figures of a document come from: case, checksum, seed, draws, sampling, version.

The checksum is of the case as text, the file `case.toml` that `Results.save` writes, so that anyone
can take it again with `sha256sum case.toml`.
"""

from __future__ import annotations

import hashlib

from sibsim.case import Case
from sibsim.casefile import to_toml
from sibsim.reports.document.material import Material
from sibsim.reports.document.more_words import COLOPHON
from sibsim.reports.document.text import shortened

SHOWN_DIGITS = 12
"""Digits of a checksum that a footer has: enough to tell any two cases apart."""

LONGEST_NAME = 40
"""Characters of a name in a footer."""


def case_checksum(case: Case) -> str:
    """Return the SHA-256 of a case as its file, 64 hexadecimal digits."""
    return hashlib.sha256(to_toml(case).encode()).hexdigest()


def colophon(material: Material) -> tuple[tuple[str, str], ...]:
    """Return what the figures come from: name and value."""
    import sibsim

    results = material.results
    rows = [
        ("case", material.case.name),
        ("hash", case_checksum(material.case)),
        ("kind", material.word(COLOPHON[results.kind])),
    ]
    if material.is_run:
        rows += [
            ("draws", material.number(results.draws)),
            ("seed", str(results.seed)),
            ("sampling", material.word(COLOPHON[results.sampling])),
        ]
    if results.facts is not None:
        rows.append(("facts", material.word(COLOPHON["facts yes"])))
    rows.append(("version", sibsim.__version__))
    return tuple((material.word(COLOPHON[key]), value) for key, value in rows)


def footer(material: Material) -> str:
    """Return the colophon on one line, the checksum cut."""
    cut = {
        material.word(COLOPHON["case"]): LONGEST_NAME,
        material.word(COLOPHON["hash"]): SHOWN_DIGITS + 1,
    }
    return " · ".join(
        f"{name} {shortened(value, cut.get(name, len(value) + 1))}"
        for name, value in colophon(material)
    )
