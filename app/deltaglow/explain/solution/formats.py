"""The formats that are text."""

from deltaglow.explain.solution.html import html
from deltaglow.explain.solution.latex import latex
from deltaglow.explain.solution.markdown import markdown
from deltaglow.explain.solution.sheet import Sheet


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
