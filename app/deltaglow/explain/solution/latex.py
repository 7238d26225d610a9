"""LaTeX source that compiles with the article class and amsmath alone."""

import re
from collections.abc import Iterator, Sequence

from deltaglow.explain.solution.blocks import lined_up
from deltaglow.explain.solution.markdown import alignment_rows
from deltaglow.explain.solution.sheet import Cell, Heading, Paragraph, Sheet, Table

_PAPER = {"a4": "a4paper", "letter": "letterpaper"}
_SECTIONS = {1: "section", 2: "subsection", 3: "subsubsection"}
_PLAIN = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{char: f"\\{char}" for char in "&%$#_"},
    "…": r"\dots{}",
    "–": "--",
    "—": "---",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "\u00a0": "~",
}
_GREEK = "αβγδεζηθκλμνξπρστφχψωΔΘΛΠΦΨΩ"
_GREEK_NAMES = re.findall(
    r"\w+",
    "alpha beta gamma delta varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau varphi chi psi "
    "omega Delta Theta Lambda Pi Phi Psi Omega",
)
_MATHS = {
    "−": "-",
    "·": r"\cdot ",
    "×": r"\times ",
    "±": r"\pm ",
    "√": r"\surd ",
    "∂": r"\partial ",
    "Σ": r"\Sigma ",
    "∞": r"\infty ",
    "≥": r"\ge ",
    "≤": r"\le ",
    "≈": r"\approx ",
    "→": r"\to ",
    "←": r"\gets ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "⋯": r"\cdots ",
    "½": r"\tfrac{1}{2}",
    "ŷ": r"\hat{y}",
    "ḡ": r"\bar{g}",
    "ĝ": r"\hat{g}",
    "′": "'",
    **{letter: rf"\{name} " for letter, name in zip(_GREEK, _GREEK_NAMES, strict=True)},
}
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₛₜ₊₋", "0123456789ijknst+-", strict=True))
_ABOVE = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻ⁿᵏʲⁱᵗᵀˢ", "0123456789()+-nkjitTs", strict=True))
_RUN = re.compile(
    f"(?P<below>[{''.join(_BELOW)}]+)|(?P<above>[{''.join(_ABOVE)}]+)"
    f"|(?P<accent>\\w[{''.join(_ACCENTS)}])|(?P<other>.)",
    re.DOTALL,
)


def latex(sheet: Sheet, paper: str = "a4") -> str:
    """The sheet as LaTeX source for this paper, "a4" or "letter"."""
    body = [part for block in lined_up(sheet) for part in _block(block)]
    text = "\n".join(body)
    unknown = sorted({char for char in sheet.title + text if ord(char) > 255})
    return "\n".join(
        (
            rf"\documentclass[11pt,fleqn,{_PAPER[paper]}]{{article}}",
            r"\usepackage{amsmath}",
            r"\usepackage[T1]{fontenc}",
            r"\usepackage[margin=2.2cm]{geometry}",
            r"\allowdisplaybreaks",
            r"\setlength{\mathindent}{1.5em}",
            r"\AtBeginDocument{\abovedisplayskip=4pt plus 2pt \belowdisplayskip=6pt plus 2pt}",
            r"\renewcommand{\arraystretch}{1.15}",
            r"\setlength{\parindent}{0pt}",
            r"\setlength{\parskip}{4pt plus 1pt}",
            r"\setcounter{secnumdepth}{0}",
            *_fallbacks(unknown),
            rf"\title{{{prose(sheet.title)}}}",
            rf"\author{{{prose(sheet.subtitle)}}}",
            r"\date{}",
            r"\begin{document}",
            r"\maketitle",
            text,
            r"\end{document}",
            "",
        )
    )


def prose(text: str) -> str:
    """Words as LaTeX: markup escaped, Greek letters, sub- and superscripts as mathematics."""
    return "".join(map(_piece, _RUN.finditer(text)))


def _piece(match: re.Match[str]) -> str:
    found = match[0]
    if match["below"]:
        return rf"\ensuremath{{_{{{''.join(_BELOW[c] for c in found)}}}}}"
    if match["above"]:
        return rf"\ensuremath{{^{{{''.join(_ABOVE[c] for c in found)}}}}}"
    if match["accent"]:
        return rf"\ensuremath{{\{_ACCENTS[found[1]]}{{{found[0]}}}}}"
    if found in _MATHS:
        return rf"\ensuremath{{{_MATHS[found].strip()}}}"
    return _PLAIN.get(found, found)


def _fallbacks(unknown: Sequence[str]) -> Iterator[str]:
    """Characters of a project's own words that pdfTeX has no letter for are printed by number there."""
    if unknown:
        yield r"\usepackage{iftex}"
        for char in unknown:
            yield rf"\ifPDFTeX\DeclareUnicodeCharacter{{{ord(char):04X}}}{{[U+{ord(char):04X}]}}\fi"


def _block(block: object) -> Iterator[str]:
    match block:
        case Heading():
            yield rf"\{_SECTIONS[block.level]}{{{prose(block.text)}}}"
        case Paragraph(role="note"):
            yield rf"\begin{{quote}}{prose(block.text)}\end{{quote}}"
        case Paragraph(role="muted"):
            yield f"\n{{\\small {prose(block.text)}\\par}}"
        case Paragraph():
            yield f"\n{prose(block.text)}"
        case Table():
            yield from _table(block)
        case tuple():
            yield r"\begin{align*}"
            yield " \\\\\n".join(alignment_rows(block))
            yield r"\end{align*}"


def _table(table: Table) -> Iterator[str]:
    columns = "l" + "r" * (len(table.header) - 1)
    small = r"\footnotesize" if len(table.header) > 7 else r"\normalsize"
    yield rf"\begin{{center}}{small}\setlength{{\tabcolsep}}{{4pt}}\begin{{tabular}}{{{columns}}}\hline"
    yield _row(table.header) + r" \\ \hline"
    for row in table.rows:
        yield _row(row) + r" \\"
    yield r"\hline\end{tabular}\end{center}"


def _row(cells: Sequence[Cell]) -> str:
    return " & ".join(prose(cell) if isinstance(cell, str) else f"${cell.latex}$" for cell in cells)
