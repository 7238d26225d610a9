"""A worked solution as a PDF: pages of boxes, with formulas in letters of a font."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from deltaglow.explain.solution.sheet import Sheet
from deltaglow.ui.printing.boxes import GREY, Box, Words, boxes
from deltaglow.ui.theme import fonts

_SIZES = {"a4": QPageSize.PageSizeId.A4, "letter": QPageSize.PageSizeId.Letter}
_MARGIN, _FOOT = 51.0, 30.0
"""Points: around the text, and of the margin below it how much lies under the page's number."""
_RESOLUTION = 1200
LAID_OUT = 0.8
"""How much of the work it is to lay everything out, about; the rest is to draw the pages."""

_FEW_ROWS = 3
"""Rows of a table that is longer than a page that must stand below its header."""

Page = list[tuple[Box, float]]


def pdf(sheet: Sheet, paper: str = "a4") -> bytes:
    """The sheet as a PDF on this paper, "a4" or "letter". Needs an application, on a screen or off."""
    made = printing(sheet, paper)
    while True:
        try:
            next(made)
        except StopIteration as done:
            found: bytes = done.value
            return found


def printing(sheet: Sheet, paper: str = "a4") -> Generator[float, None, bytes]:
    """Makes the PDF bit by bit: gives how much of it is done, 0 to 1, every few milliseconds, and returns it.

    Closed before its end, it leaves nothing behind.
    """
    fonts.load()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(sheet.title)
    writer.setCreator("Deltaglow")
    writer.setResolution(_RESOLUTION)
    size = QPageSize(_SIZES[paper])
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    whole = size.size(QPageSize.Unit.Point)
    width, height = whole.width() - 2 * _MARGIN, whole.height() - 2 * _MARGIN
    flow: list[Box] = []
    for done, box in boxes(sheet, width):
        flow.append(box)
        yield LAID_OUT * done
    pages = paginated(flow, height)
    with QPainter(writer) as painter:
        for number, page in enumerate(pages, start=1):
            yield LAID_OUT + (1.0 - LAID_OUT) * (number - 1) / len(pages)
            if number > 1:
                writer.newPage()
            painter.resetTransform()
            painter.scale(_RESOLUTION / 72, _RESOLUTION / 72)
            painter.translate(_MARGIN, _MARGIN)
            for box, y in page:
                box.draw(painter, y)
            foot = Words(f"{number} / {len(pages)}", 9, colour=GREY)
            foot.draw(painter, (width - foot.width) / 2, height + _MARGIN - _FOOT)
    return bytes(buffer.data().data())


def paginated(flow: Iterable[Box], height: float) -> list[Page]:
    """The boxes on pages of this height. Those that are kept with the next move to a new page together; what
    is too long for one page goes on where it is, and begins every further page with its header.
    """
    pages: list[Page] = [[]]
    y = 0.0
    held: list[Box] = []

    def place(box: Box) -> None:
        nonlocal y
        if pages[-1] or box.parts:  # no page begins with a gap
            pages[-1].append((box, y))
            y += box.height

    def turn() -> None:
        nonlocal y
        if pages[-1]:
            pages.append([])
            y = 0.0

    def place_all(group: Sequence[Box]) -> None:
        if y + _lead(group, height) > height:
            turn()
        for box in group:
            if y + box.height > height:
                turn()
                if box.above is not None:
                    place(box.above)
            place(box)

    for box in flow:
        held.append(box)
        if not box.keep:
            place_all(held)
            held = []
    place_all(held)
    return pages


def _lead(group: Sequence[Box], height: float) -> float:
    """How much room there must be to begin a group here: for all of it, or, if it is longer than a page, for
    what comes before the rows of its table and a few of these.
    """
    total = sum(box.height for box in group)
    if total <= height:
        return total
    rows = next((n for n, box in enumerate(group) if box.above is not None), 0)
    return sum(box.height for box in group[: rows + _FEW_ROWS])
