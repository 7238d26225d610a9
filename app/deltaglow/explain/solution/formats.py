"""The formats that are text, and how a file's name tells its format."""

from pathlib import Path

from deltaglow.explain.solution.html import html
from deltaglow.explain.solution.latex import latex
from deltaglow.explain.solution.markdown import markdown
from deltaglow.explain.solution.sheet import Sheet

FORMATS = {
    "html": "Web page (HTML)",
    "pdf": "PDF",
    "tex": "LaTeX source",
    "md": "Markdown",
}
"""A file's suffix → what that format is called. All but PDF, which has to be drawn, are written here."""
PAPERS = {"a4": "A4", "letter": "Letter"}


def format_of(path: Path) -> str | None:
    """The format that a file's name asks for; None if it ends in none that is known."""
    suffix = path.suffix.lower().removeprefix(".")
    return suffix if suffix in FORMATS else None


def written(sheet: Sheet, kind: str, paper: str) -> bytes:
    """The sheet as a file of a format that is text: "html", "tex" or "md"."""
    match kind:
        case "html":
            text = html(sheet, paper)
        case "tex":
            text = latex(sheet, paper)
        case _:
            text = markdown(sheet)
    return text.encode()
