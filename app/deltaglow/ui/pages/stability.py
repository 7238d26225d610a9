"""Naive against stable softmax, on the same logits moved as far as one likes."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QRectF, Slot

from deltaglow.engine.ops import Array
from deltaglow.explain import softmax_lab
from deltaglow.explain.numbers import full, show
from deltaglow.explain.softmax_lab import LARGEST_POWER, Softmax
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import CENTRE, LEFT, Cell, Formula, Layout, Line, fitting, in_decimals
from deltaglow.ui.pages.dial import Dial
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.row_names import row_names
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme

MOST = 8
NAMES, MOST_NAMES = 30.0, 76.0
"""Pixels of the classes' names at least and at most."""
HEAD, ROW, GAP = 52.0, 22.0, 8.0


class Rows(Sheet):
    """Each class: its moved logit; e to it, and ŷ; the same with the largest taken off first."""

    title = "Naive and stable softmax on the same logits"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.moved: Callable[[Array], Array] = lambda v: v
        self.naive: Softmax | None = None
        self.untouched = True

    def lay_out(self, width: float) -> Layout:
        frame, row = self.lab.frame, self.lab.sample
        v = self.moved(softmax_lab.logits(frame, row))
        naive, stable = softmax_lab.naive_softmax(v), softmax_lab.softmax(v)
        self.naive = naive
        shown = softmax_lab.prominent(frame, row, MOST)
        rest = len(v) - len(shown)
        made = Layout(HEAD + ROW * (len(shown) + (1 if rest else 0)) + 4)
        font = self.theme.mono_font(11)
        names, named = row_names(self.lab.project, shown, font, NAMES, MOST_NAMES, GAP)
        room = (width - named - 2 * GAP) / 6
        xs = [named + n * room + (2 * GAP if n > 3 else GAP if n > 0 else 0) for n in range(6)]
        self._heads(made, xs, room)
        for place, k in enumerate(shown):
            top = HEAD + place * ROW
            made.cells.append(Cell(QRectF(0, top, named, ROW), names[k], "muted", align=LEFT))
            numbers = (
                (v[k], "forward", self._logit(k), "the logit"),
                (naive.exps[k], "forward", None, "e to the logit itself"),
                (naive.y_hat[k], "y_hat", None, "naive ŷ"),
                (stable.powers[k], "forward", Quantity("shifted", None, (k,)), "the logit less the largest"),
                (stable.exps[k], "forward", Quantity("exp", None, (k,)), "e to that"),
                (stable.y_hat[k], "y_hat", Quantity("y_hat", None, (k,)), "stable ŷ"),
            )
            for x, (number, token, q, what) in zip(xs, numbers, strict=True):
                area = QRectF(x, top, room - 6, ROW)
                made.cells.append(self._cell(area, float(number), token, q, what))
        if rest:
            area = QRectF(0, HEAD + len(shown) * ROW, width / 2, ROW)
            made.cells.append(Cell(area, f"and {rest} more", "muted", align=LEFT, mono=False))
        return made

    def _heads(self, made: Layout, xs: list[float], room: float) -> None:
        heads = (
            ("z", "z"), ("e^{z}", "e^z"), (r"\hat{y}", "ŷ"),
            (r"z-\max z", "z − max"), (r"e^{z-\max z}", "e^(z − max)"), (r"\hat{y}", "ŷ"),
        )  # fmt: skip
        for x, (latex, text) in zip(xs, heads, strict=True):
            made.formulas.append(Formula(QRectF(x - 6, 22, room, 28), latex, text))
        for n, word in ((1, "naive"), (3, "stable")):
            last = 2 if n == 1 else 5
            right = xs[last] + room - 6
            made.cells.append(
                Cell(QRectF(xs[n], 0, right - xs[n], 18), word, "muted", align=CENTRE, mono=False, weight=600)
            )
            made.lines.append(Line(xs[n], 19, right, 19))

    def _cell(self, area: QRectF, number: float, token: str, q: Quantity | None, what: str) -> Cell:
        font = self.theme.mono_font(11)
        write = in_decimals if token == "y_hat" else fitting
        text = write(number, font, area.width())
        if not math.isfinite(number):
            return Cell(area, text, "loss", weight=600, tip=f"{what}: {text}")
        link = q if self.untouched and not self._skips(q) else None
        tip = f"{what[:1].upper()}{what[1:]} = {full(number)}"
        tip += "" if self.untouched else "\nWhat if: not a number of this step"
        return Cell(area, text, token, link, tip=tip)

    def _skips(self, q: Quantity | None) -> bool:
        """Whether the step itself computes another number there: a naive one shifts nothing."""
        naive = self.lab.frame.architecture.loss.naive
        return q is not None and naive and q.kind in ("shifted", "exp")

    def _logit(self, k: int) -> Quantity:
        plain = self.lab.frame.layers[-1].activation == "identity"
        return Quantity("z" if plain else "a", self.lab.phases.depth, (k,))


class StabilitySection(Section):
    """The rows and two sliders."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("Naive against stable")
        self._lab = lab
        self.add_to = Dial(
            theme, "Add to all logits", (0.0, 1000.0), 0.0,
            "Added to every logit, 0 to 1000: ŷ should not change at all",
            written=lambda number: f"{number:.0f}",
        )  # fmt: skip
        self.times = Dial(
            theme, "Multiply them by", (1.0, 1000.0), 1.0,
            "What every logit is multiplied by, 1 to 1000: as when weights grow", ratio=True,
        )  # fmt: skip
        self.rows = Rows(lab, theme, page.typesetter)
        self.rows.moved = self._moved
        self.add(self.rows)
        self.add(self.add_to)
        self.add(self.times)
        for dial in (self.add_to, self.times):
            dial.turned.connect(self._on_turned)

    def refresh(self) -> None:
        self.rows.untouched = self.add_to.resting and self.times.resting
        self.rows.refresh()
        self.say(self._words())

    def _moved(self, v: Array) -> Array:
        return v * self.times.value + self.add_to.value

    def _words(self) -> str:
        largest = float(self._moved(softmax_lab.logits(self._lab.frame, self._lab.sample)).max())
        limit = f"{LARGEST_POWER:.2f}"
        assert self.rows.naive is not None
        if not self.rows.naive.fails:
            return (
                f"The largest logit is {show(largest, 3).text}. Both ways give the same ŷ as long as it "
                "stays below "
                f"{limit}: e to more than that is beyond the largest float64. Push it over."
            )
        exps = self.rows.naive.exps
        if not bool((exps == math.inf).any()):
            return (
                f"The largest logit is {show(largest, 3).text}: every exponential has underflowed to 0, "
                "and 0/0 is "
                "no number. The stable way takes the largest off first, and its own exponential is then 1."
            )
        return (
            f"The largest logit, {show(largest, 4).text}, is above {limit}: its exponential is infinite in "
            "float64. Naively, ∞/∞ is no number (nan), and every class that is finite gets x/∞ = 0. The "
            "stable way takes the largest off every logit first, which cancels in the quotient; no "
            "exponential is above 1 then."
        )

    @Slot()
    def _on_turned(self) -> None:
        self.refresh()
