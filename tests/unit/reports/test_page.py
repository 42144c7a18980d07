"""The page, read back with html.parser and Chromium: what it says, and that it runs nothing."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

import sibsim as sib
from sibsim.core.wording import Language
from sibsim.errors import FileError
from sibsim.reports.document.made import made
from sibsim.reports.document.parts import Figure, Picture, Table, plain
from sibsim.reports.page import write_page
from sibsim.results import Results
from tests.hostile import MARKUP, hostile_case

LANGUAGES: tuple[Language, ...] = ("da", "en")
EMPTY = {"meta", "link", "img", "col", "br"}
CARRIES_AN_ADDRESS = ("src", "href", "srcset", "data", "action", "poster")


class Read(HTMLParser):
    """What a page holds: tags with attributes, figures, texts of elements that are asked for."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.cells: list[list[str]] = []
        self.headings: list[str] = []
        self.figures: list[tuple[str, str]] = []
        self._figure: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag in."""
        self.tags.append((tag, dict(attrs)))
        if tag in EMPTY:
            return
        self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        elif tag in {"td", "th"}:
            self.cells[-1].append("")
        elif tag == "h2":
            self.headings.append("")
        self._figure = dict(attrs).get("data-figure") if tag == "span" else self._figure

    def handle_endtag(self, tag: str) -> None:
        """Close a tag, which must be the one that is open."""
        assert self.open.pop() == tag
        if tag == "span":
            self._figure = None

    def handle_data(self, data: str) -> None:
        """Take text in where it stands."""
        if "td" in self.open or "th" in self.open:
            self.cells[-1][-1] += data
        if "h2" in self.open:
            self.headings[-1] += data
        if self._figure is not None:
            self.figures.append((self._figure, data))


@pytest.fixture(scope="module")
def run() -> Results:
    """Simulate Holbæk."""
    return sib.load_case("holbaek").simulate(draws=512, rng=1)


def page(results: Results, folder: Path, lang: Language = "da") -> str:
    """Write a page and return its text."""
    path = folder / "page.html"
    write_page(results, path, lang=lang)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_says_what_the_document_says(run: Results, tmp_path: Path, lang: Language) -> None:
    """Headings, cells and figures are the document's; each figure says what it is of."""
    said = made(run, lang=lang)
    read = Read(page(run, tmp_path, lang))
    titles = [section.title for section in said.sections]
    assert read.headings == [said.contents_title, said.box_title, *titles, said.colophon_title]
    assert not read.open
    blocks = [*said.box, *(each for section in said.sections for each in section.blocks)]
    expected, figures = [], []
    for block in blocks:
        if isinstance(block, Table):
            expected.append(list(block.columns))
            for row in block.rows:
                cells = [plain(cell) for cell in row.cells]
                expected.append(cells[:1] if row.kind == "group" else cells)
                figures += [each for cell in row.cells for each in cell if isinstance(each, Figure)]
    assert [[" ".join(each.split()) for each in row] for row in read.cells] == [
        [" ".join(each.split()) for each in row] for row in expected
    ]
    assert {(each.of, each.text) for each in figures} <= set(read.figures)


def test_is_accessible_and_self_contained(run: Results, tmp_path: Path) -> None:
    """Language, captions and scopes are stated, pictures described, and nothing is fetched."""
    text = page(run, tmp_path)
    read = Read(text)
    tags = [tag for tag, _ in read.tags]
    assert ("html", {"lang": "da", "dir": "ltr"}) in read.tags
    assert tags.count("caption") == tags.count("table")
    assert all(attributes.get("scope") for tag, attributes in read.tags if tag == "th")
    images = [attributes for tag, attributes in read.tags if tag == "img"]
    said = made(run, lang="da")
    pictures = [b for s in said.sections for b in s.blocks if isinstance(b, Picture)]
    assert [each["alt"] for each in images] == [each.alt for each in pictures]
    identifiers = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    policy = next(a["content"] for t, a in read.tags if t == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script" not in tags
    assert_fetches_nothing(read, text)


def assert_fetches_nothing(read: Read, text: str) -> None:
    """Check that only links that a reader clicks lead to a network."""
    for tag, attributes in read.tags:
        for name in CARRIES_AN_ADDRESS:
            address = attributes.get(name)
            if address is not None and not (tag == "a" and name == "href"):
                assert address.startswith(("data:", "#")), (tag, name, address)
        assert not [name for name in attributes if name.startswith("on")]
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_runs_nothing(tmp_path: Path, lang: Language) -> None:
    """Markup of a case is shown and not read; turned text is isolated."""
    text = page(hostile_case().simulate(draws=64, rng=1), tmp_path, lang)
    read = Read(text)
    assert MARKUP not in text
    assert "&lt;script&gt;alert(1)" in text
    assert not {"script", "b", "iframe", "object"} & {tag for tag, _ in read.tags}
    assert not set("\x00\x07\x0b\x1b\u202e\u2066") & set(text)
    assert_fetches_nothing(read, text)
    links = [attributes["href"] or "" for tag, attributes in read.tags if tag == "a"]
    assert all(re.match(r"https?://|#", each) for each in links)


def test_same_results_make_the_same_bytes(tmp_path: Path) -> None:
    """Nothing in the page depends on when it was written."""
    base = sib.load_case("holbaek").base_case()
    assert page(base, tmp_path) == page(base, tmp_path)


def test_no_folder_is_said(run: Results, tmp_path: Path) -> None:
    """A path that cannot be written is an error of the library."""
    with pytest.raises(FileError, match="cannot be written"):
        write_page(run, tmp_path / "none" / "page.html")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("hostile", [False, True])
def test_chromium_finds_no_fault(
    run: Results, tmp_path: Path, chromium: str, *, hostile: bool
) -> None:
    """A browser shows the page, logs no message and adds nothing to it."""
    results = hostile_case().simulate(draws=64, rng=1) if hostile else run
    page(results, tmp_path)
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command += ["--enable-logging=stderr", "--v=0", f"--user-data-dir={tmp_path}/profile"]
    command += ["--dump-dom", f"file://{tmp_path}/page.html"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert "CONSOLE" not in done.stderr
    assert done.stdout.rstrip().endswith("</html>")
    assert "<script" not in done.stdout
    assert made(results, lang="da").sections[0].title in done.stdout
