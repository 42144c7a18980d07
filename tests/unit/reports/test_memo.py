"""The memo, read back with python-docx: what it says, what every page has, that it is the same."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import docx
import pytest

import sibsim as sib
from sibsim.core.wording import Language
from sibsim.errors import FileError
from sibsim.reports.document.made import made
from sibsim.reports.document.parts import Bullets, Paragraph, Picture, Table, plain
from sibsim.reports.document.text import NO_BREAK, clean
from sibsim.reports.memo import write_memo
from sibsim.results import Results
from tests.hostile import FORMULA, MARKUP, hostile_case

LANGUAGES: tuple[Language, ...] = ("da", "en")


@pytest.fixture(scope="module")
def run() -> Results:
    """Simulate Holbæk."""
    return sib.load_case("holbaek").simulate(draws=512, rng=1)


def written(results: Results, folder: Path, lang: Language) -> Any:  # noqa: ANN401 - python-docx has no public type
    """Write a memo and read it back."""
    path = folder / f"memo.{lang}.docx"
    write_memo(results, path, lang=lang)
    return docx.Document(str(path))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_says_what_the_document_says(run: Results, tmp_path: Path, lang: Language) -> None:
    """Every heading, paragraph, list item and cell stands in the file, in order."""
    said = made(run, lang=lang)
    memo = written(run, tmp_path, lang)
    assert memo.paragraphs[0].text == said.title
    headings = [each.text for each in memo.paragraphs if each.style.name == "Heading 1"]
    titles = [section.title for section in said.sections]
    assert headings == [said.box_title, *titles, said.colophon_title]
    blocks = [*said.box, *(each for section in said.sections for each in section.blocks)]
    texts = [each.text.replace(NO_BREAK, " ") for each in memo.paragraphs]
    for block in blocks:
        if isinstance(block, Paragraph):
            assert plain(block.pieces) in texts
        elif isinstance(block, Bullets):
            assert all(plain(item) in texts for item in block.items)
    tables = [each for each in blocks if isinstance(each, Table)]
    assert len(memo.tables) == len(tables) + 1
    for block, table in zip(tables, memo.tables, strict=False):
        shown = [[cell.text.replace(NO_BREAK, " ") for cell in row.cells] for row in table.rows]
        expected = [list(block.columns)]
        for row in block.rows:
            cells = [plain(cell) for cell in row.cells]
            expected.append([cells[0]] * len(cells) if row.kind == "group" else cells)
        assert [[each.strip() for each in row] for row in shown] == expected


def test_base_case_is_in_italics(run: Results, tmp_path: Path) -> None:
    """A figure of the base case stands in italics, one of the draws does not."""
    key_figures = written(run, tmp_path, "da").tables[0]
    first = [cell.paragraphs[0].runs[0].italic for cell in key_figures.rows[2].cells]
    assert first == [None, True, None, None, None, None]


def test_every_page_says_where_figures_come_from(run: Results, tmp_path: Path) -> None:
    """The footer has case, checksum, seed, draws and version; pictures say what they show."""
    memo = written(run, tmp_path, "da")
    said = made(run, lang="da")
    assert said.footer in memo.sections[0].footer.paragraphs[0].text
    blocks = [each for section in said.sections for each in section.blocks]
    pictures = [each for each in blocks if isinstance(each, Picture)]
    shown = [each._inline.docPr.get("descr") for each in memo.inline_shapes]
    assert shown == [clean(each.alt) for each in pictures]


def test_same_results_make_the_same_bytes(tmp_path: Path) -> None:
    """Nothing in the file depends on when it was written."""
    base = sib.load_case("holbaek").base_case()
    for name in ("one", "two"):
        write_memo(base, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_folder_is_said(run: Results, tmp_path: Path) -> None:
    """A path that cannot be written is an error of the library."""
    with pytest.raises(FileError, match="cannot be written"):
        write_memo(run, tmp_path / "none" / "memo.docx")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_is_text(tmp_path: Path, lang: Language) -> None:
    """Markup and formulas stand as they are written; forbidden characters are gone."""
    memo = written(hostile_case().simulate(draws=64, rng=1), tmp_path, lang)
    title = memo.paragraphs[0].text
    assert FORMULA in title
    assert MARKUP in title
    assert not set("\x00\x07\x0b\u202e\u2066") & set(title)


@pytest.mark.office
@pytest.mark.slow
def test_opens_in_libreoffice(tmp_path: Path, soffice: str) -> None:
    """A memo with hostile text becomes a PDF of several pages."""
    path = tmp_path / "memo.docx"
    write_memo(hostile_case().simulate(draws=64, rng=1), path)
    command = [soffice, "--headless", f"-env:UserInstallation=file://{tmp_path}/office"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "memo.pdf").read_bytes().startswith(b"%PDF")
