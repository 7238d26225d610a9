"""A derivation as one copies it: plain text, LaTeX or Markdown."""

from __future__ import annotations

from deltaglow.explain.parts import Derivation
from deltaglow.explain.solution.markdown import alignment_rows, display, escaped
from deltaglow.explain.solution.sheet import equation

FORMS = {"text": "text", "latex": "LaTeX", "markdown": "Markdown"}
"""The forms, and what they are called."""


def copied(found: Derivation, form: str) -> str:
    r"""The derivation in a form, a key of FORMS, without colours.

    LaTeX is an align* that compiles with amsmath; Markdown is a sentence and a display in $$ … $$.
    """
    if form == "text":
        lines = [found.title, found.sentence, "", *found.text_symbolic, *found.text_numeric, ""]
        return "\n".join([*lines, f"{found.label.text} = {found.precise}"])
    shown = [equation(found, 0.0)]
    if form == "latex":
        rows = " \\\\\n".join(alignment_rows(shown))
        return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}\n"
    return f"**{escaped(found.title)}**: {escaped(found.sentence)}.\n\n{display(shown)}\n"
