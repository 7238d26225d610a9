"""One self-contained page of HTML with MathML, made to be printed.

MathML and not pictures: present browsers all draw and print MathML Core, with the reader's own fonts and
sharp at any size, screen readers speak it, and formulas can be copied; a page of pictures is ten times as
large. Nothing is fetched.
"""

from __future__ import annotations

import html as markup
from collections.abc import Iterator, Sequence
from functools import lru_cache
from xml.etree import ElementTree as ET

from latex2mathml.converter import convert

from deltaglow.explain.solution.blocks import lined_up, number
from deltaglow.explain.solution.sheet import Cell, Equation, Heading, Paragraph, Sheet, Table

_STYLE = """
@page { size: %s; margin: 18mm 18mm 20mm; @bottom-center { content: counter(page) " / " counter(pages);
  font: 9pt sans-serif; color: #555 } }
:root { color-scheme: light }
body { font: 11pt/1.45 "Source Serif 4", Charter, Georgia, "Times New Roman", serif; color: #111;
  background: #fff; max-width: 176mm; margin: 12mm auto; padding: 0 6mm }
math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math }
h1 { font-size: 19pt; margin: 0; line-height: 1.2 }
.under { color: #555; margin: 2pt 0 12pt; padding-bottom: 6pt; border-bottom: 1px solid #999 }
h2 { font-size: 15pt; margin: 20pt 0 4pt; border-bottom: 1px solid #ccc }
h3 { font-size: 12pt; margin: 14pt 0 2pt }
h4 { font-size: 11pt; margin: 8pt 0 0; font-style: italic; font-weight: normal }
h1, h2, h3, h4 { break-after: avoid; break-inside: avoid }
p { margin: 4pt 0; orphans: 3; widows: 3 }
p.muted { color: #555; font-size: 9.5pt }
p.note { border-left: 3px solid #888; padding: 2pt 0 2pt 9pt; break-inside: avoid }
.equations { border-collapse: collapse; margin: 4pt 0 6pt 4mm }
.equations td { padding: 1.5pt 0; vertical-align: baseline }
.equations td:first-child { text-align: right; padding-right: .35em; white-space: nowrap }
.equations tbody { break-inside: avoid }
.numbers { border-collapse: collapse; margin: 6pt 0 8pt 4mm; font-variant-numeric: tabular-nums;
  font-size: 10pt }
.numbers th, .numbers td { padding: 2pt 8pt; text-align: right; border-bottom: .5pt solid #ddd }
.numbers th:first-child, .numbers td:first-child { text-align: left; font-weight: normal }
.numbers thead th { border-bottom: 1pt solid #555; font-weight: normal; color: #333 }
.numbers tr { break-inside: avoid }
.wide { font-size: 8.5pt } .wide th, .wide td { padding: 2pt 4pt }
@media print { body { margin: 0; padding: 0; max-width: none } }
"""


def html(sheet: Sheet, paper: str = "a4") -> str:
    """The sheet as one page of HTML, to be printed on this paper, "a4" or "letter"."""
    title = markup.escape(sheet.title)
    body = "\n".join(part for block in lined_up(sheet) for part in _block(block))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="generator" content="Deltaglow">\n<style>{_STYLE % paper}</style>\n</head>\n'
        f'<body>\n<h1>{title}</h1>\n<p class="under">{markup.escape(sheet.subtitle)}</p>\n{body}\n'
        "</body>\n</html>\n"
    )


def _block(block: object) -> Iterator[str]:
    match block:
        case Heading():
            tag = f"h{block.level + 1}"
            yield f"<{tag}>{markup.escape(block.text)}</{tag}>"
        case Paragraph():
            role = f' class="{block.role}"' if block.role else ""
            yield f"<p{role}>{markup.escape(block.text)}</p>"
        case Table():
            yield from _table(block)
        case tuple():
            yield from _equations(block)


def _equations(block: Sequence[Equation]) -> Iterator[str]:
    yield '<table class="equations" role="presentation">'
    for equation in block:
        yield "<tbody>"
        left = equation.left.latex
        for right in equation.rights:
            yield f"<tr><td>{_maths(left)}</td><td>{_maths(right.latex)}</td></tr>"
            left = ""
        yield "</tbody>"
    yield "</table>"


def _table(table: Table) -> Iterator[str]:
    wide = " wide" if len(table.header) > 7 else ""
    cells = "".join(f'<th scope="col">{_cell(cell)}</th>' for cell in table.header)
    yield f'<table class="numbers{wide}"><thead><tr>{cells}</tr></thead><tbody>'
    for first, *others in table.rows:
        numbers = "".join(f"<td>{_cell(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row">{_cell(first)}</th>{numbers}</tr>'
    yield "</tbody></table>"


def _cell(cell: Cell) -> str:
    plain = number(cell)
    if plain is not None or isinstance(cell, str):
        return markup.escape(plain or str(cell))
    return _maths(cell.latex)


_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML" display="inline"'
"""What HTML does not need."""


@lru_cache(maxsize=4096)
def _maths(latex: str) -> str:
    """MathML of a formula, in display style; nothing for nothing."""
    if not latex:
        return ""
    made = convert(latex).replace(_NAMESPACE, ' displaystyle="true"', 1)
    tree = ET.fromstring(made)  # noqa: S314 - made here
    for row in tree.iter("mrow"):
        _set_apart(row)
    return ET.tostring(tree, encoding="unicode")


_CLOSING = (")", "]", "|", "!", "⟩")
_NAMES = ("max", "ln", "log", "exp", "tanh")


def _set_apart(row: ET.Element) -> None:
    """What browsers cannot know of a flat row: which minus is a sign, and that "ln" needs room around it."""
    for place, child in reversed(list(enumerate(row))):
        before = row[place - 1] if place else None
        sign = before is None or (before.tag == "mo" and before.text not in _CLOSING)
        if child.tag == "mo" and child.text in ("-", "−") and sign:
            child.set("form", "prefix")
        if child.tag in ("mo", "mi") and child.text in _NAMES:
            child.tag = "mi"
            child.attrib.clear()
            after = row[place + 1] if place + 1 < len(row) else None
            if after is not None and after.text != "(":
                row.insert(place + 1, ET.Element("mspace", width="0.17em"))
            if not sign:
                row.insert(place, ET.Element("mspace", width="0.17em"))
