"""The memo: a Word document under the headings of a Danish committee paper.

The same results make the same bytes: nothing in the file is dated by when it was written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sibsim.errors import FileError
from sibsim.reports.document.made import made
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Document,
    Figure,
    Link,
    Paragraph,
    Picture,
    Pieces,
    Row,
    Table,
    plain,
)
from sibsim.reports.document.pictures import rendered
from sibsim.reports.document.text import clean, shortened, unbroken

if TYPE_CHECKING:
    from sibsim.core.wording import Language
    from sibsim.results import Results

A4 = (21.0, 29.7)
"""Width and height of the paper in centimetres."""

MARGIN = 2.0
"""Margins in centimetres."""

TEXT_WIDTH = A4[0] - 2 * MARGIN
"""Width of the text in centimetres."""

FONT = "Arial"
"""Letters: on every machine, or with a twin of the same widths."""

BODY, TABLE, SMALL = 10.5, 8.0, 8.5
"""Sizes of letters in points: text, tables, small print and captions."""

DARK = "1B4965"
"""Colour of headings: dark enough in print."""

SHADE, SHADE_OF_GROUP = "E8EEF2", "F4F6F8"
"""Grounds of the box and of heads of tables, and of titles inside a table."""

LONGEST_WHOLE = 1_000
"""Characters of a row of a table that is kept on one page; a longer one may be taller than it."""

LONGEST_PROPERTY = 200
"""Characters of a property of the file; Word takes 255."""

EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - what a zip file can date first, in no time zone
"""Stands for when the file was written, so that the same results make the same bytes."""

SPOKEN: dict[Language, str] = {"da": "da-DK", "en": "en-GB"}
"""Languages as Word calls them."""


def write_memo(results: Results, path: str | Path, *, lang: str = "da") -> None:
    """Write the memo on a run as a Word document.

    Parameters
    ----------
    results
        A run that kept its flows, or a base case.
    path
        The file to write; one that is there is replaced.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the language is neither, or the results are no run with its flows and no base case.
    FileError
        If the file cannot be written.
    """
    said = made(results, lang=lang)
    held = io.BytesIO()
    _word(said).save(held)
    try:
        Path(path).write_bytes(_undated(held))
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise FileError(message) from None


def _undated(held: io.BytesIO) -> bytes:
    """Return a zip file with every entry dated the same."""
    fresh = io.BytesIO()
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), old.read(name))
    return fresh.getvalue()


def _word(said: Document) -> Any:  # noqa: ANN401 - python-docx gives its document no public type
    import docx

    word = docx.Document()
    _set_up(word, said)
    word.add_paragraph(clean(said.title), style="Title")
    word.add_paragraph(clean(said.subtitle), style="Subtitle")
    word.add_heading(clean(said.box_title), level=1)
    _blocks(word, said.box, is_boxed=True)
    for section in said.sections:
        word.add_heading(clean(section.title), level=1)
        _blocks(word, section.blocks)
    word.add_heading(clean(said.colophon_title), level=1)
    rows = tuple(Row(((name,), (value,))) for name, value in said.colophon)
    _table(word, Table("", (), rows, (5.0, 12.0), range(0)))
    return word


def _blocks(
    word: Any,  # noqa: ANN401 - as above
    blocks: tuple[Block, ...],
    *,
    is_boxed: bool = False,
) -> None:
    """Write blocks; what introduces a list stays on its page."""
    for block, following in zip(blocks, (*blocks[1:], None), strict=True):
        _add(word, block, is_boxed=is_boxed)
        if isinstance(block, Paragraph) and isinstance(following, Bullets):
            word.paragraphs[-1].paragraph_format.keep_with_next = True


def _set_up(word: Any, said: Document) -> None:  # noqa: ANN401 - as above
    """Set paper, letters, language, properties and the footer of every page."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = word.sections[0]
    page.page_width, page.page_height = (Cm(each) for each in A4)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(MARGIN)
    styles = word.styles
    styles["Normal"].font.size = Pt(BODY)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    styles["Title"].font.size, styles["Subtitle"].font.size = Pt(22), Pt(12)
    styles["Caption"].font.size = Pt(SMALL)
    for style in ("Normal", "Title", "Subtitle", "Heading 1"):
        fonts = styles[style].element.get_or_add_rPr().get_or_add_rFonts()
        for kind in list(fonts.attrib):
            del fonts.attrib[kind]
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), FONT)
    for name in ("Title", "Subtitle", "Heading 1", "Caption"):
        styles[name].font.color.rgb = RGBColor.from_string(DARK)
    _child(styles["Normal"].element.get_or_add_rPr(), "w:lang", {"w:val": SPOKEN[said.lang]})
    properties = word.core_properties
    properties.title = shortened(said.title, LONGEST_PROPERTY)
    properties.subject = shortened(said.footer, LONGEST_PROPERTY)
    properties.author, properties.comments, properties.last_modified_by = "sibsim", "", "sibsim"
    properties.language = SPOKEN[said.lang]
    properties.created = properties.modified = EPOCH
    _footer(page.footer.paragraphs[0], said.footer)


def _footer(paragraph: Any, text: str) -> None:  # noqa: ANN401 - as above
    """Write the line on every page: what the figures come from, and the number of the page."""
    from docx.shared import Pt

    run = paragraph.add_run(f"{clean(text)} · ")
    run.font.size = Pt(TABLE - 1)
    number = paragraph.add_run()
    number.font.size = Pt(TABLE - 1)
    for kind in ("begin", "end"):
        _child(number._r, "w:fldChar", {"w:fldCharType": kind})  # noqa: SLF001 - no public way
        if kind == "begin":
            _child(number._r, "w:instrText", {}).text = "PAGE"  # noqa: SLF001 - as above


def _child(parent: Any, tag: str, attributes: dict[str, str]) -> Any:  # noqa: ANN401 - XML of Word
    """Add an element of Word's XML and return it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(name), value)
    parent.append(element)
    return element


def _add(word: Any, block: Block, *, is_boxed: bool = False) -> None:  # noqa: ANN401 - as above
    from docx.shared import Pt

    if isinstance(block, Paragraph):
        paragraph = word.add_paragraph()
        _write(paragraph, block.pieces, size=Pt(SMALL) if block.is_small else None)
    elif isinstance(block, Bullets):
        style = "List Number" if block.is_numbered else "List Bullet"
        for item in block.items:
            paragraph = word.add_paragraph(style=style)
            _write(paragraph, item)
            if is_boxed:
                _shade(paragraph._p.get_or_add_pPr(), SHADE)  # noqa: SLF001 - no public way
    elif isinstance(block, Table):
        _table(word, block)
    else:
        _picture(word, block)


def _write(paragraph: Any, pieces: Pieces, *, size: Any = None, bold: bool = False) -> None:  # noqa: ANN401 - as above
    """Write pieces as runs; figures of the base case in italics."""
    for piece in pieces:
        text = unbroken(clean(piece if isinstance(piece, str) else piece.text))
        run = paragraph.add_run(text)
        run.italic = True if isinstance(piece, Figure) and piece.basis == "base case" else None
        run.bold = bold or None
        if isinstance(piece, Link):
            run.underline = True
        if size is not None:
            run.font.size = size


def _shade(properties: Any, colour: str) -> None:  # noqa: ANN401 - XML of Word
    _child(properties, "w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": colour})


def _table(word: Any, table: Table) -> None:  # noqa: ANN401 - as above
    """Write a table with its caption above it and its note below."""
    from docx.shared import Cm, Pt

    if table.caption:
        caption = word.add_paragraph(clean(table.caption), style="Caption")
        caption.paragraph_format.keep_with_next = True
    heads = [Row(tuple((each,) for each in table.columns), kind="total")] if table.columns else []
    rows = [*heads, *table.rows]
    grid = word.add_table(rows=len(rows), cols=len(table.widths), style="Table Grid")
    grid.autofit = False
    whole = sum(table.widths)
    widths = [Cm(TEXT_WIDTH * each / whole) for each in table.widths]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for position, (line, row) in enumerate(zip(grid.rows, rows, strict=True)):
        is_head = position < len(heads)
        cells = line.cells
        _cells(cells, row, table=table, is_head=is_head, widths=widths)
        properties = line._tr.get_or_add_trPr()  # noqa: SLF001 - no public way
        if sum(len(plain(each)) for each in row.cells) < LONGEST_WHOLE:
            _child(properties, "w:cantSplit", {"w:val": "true"})
        if is_head:
            _child(properties, "w:tblHeader", {"w:val": "true"})
        if row.kind == "group":
            cells[0].merge(cells[-1])
        following = rows[position + 1 : position + 2]
        if row.kind == "group" or any(each.kind == "total" for each in following):
            cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    below = word.add_paragraph()
    _write(below, (table.note,), size=Pt(TABLE))


def _cells(
    cells: Iterable[Any], row: Row, *, table: Table, is_head: bool, widths: list[Any]
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    for number, (cell, pieces, width) in enumerate(zip(cells, row.cells, widths, strict=True)):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        _write(paragraph, pieces, size=Pt(TABLE), bold=row.kind != "plain")
        if number in table.numbers:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if is_head or row.kind == "group":
            _shade(cell._tc.get_or_add_tcPr(), SHADE if is_head else SHADE_OF_GROUP)  # noqa: SLF001 - no public way


def _picture(word: Any, picture: Picture) -> None:  # noqa: ANN401 - as above
    """Write a picture with its caption, and what it says for those who do not see it."""
    from docx.shared import Cm

    caption = word.add_paragraph(clean(picture.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    word.add_picture(io.BytesIO(rendered(picture, form="png")), width=Cm(TEXT_WIDTH))
    described = word.inline_shapes[-1]._inline.docPr  # noqa: SLF001 - no public way
    described.set("descr", clean(picture.alt))
    described.set("title", clean(picture.caption))
