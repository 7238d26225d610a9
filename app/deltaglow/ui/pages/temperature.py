"""Softmax at another temperature: a looking glass, which the training knows nothing of."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Slot

from deltaglow.explain import softmax_lab
from deltaglow.explain.numbers import full, show
from deltaglow.explain.softmax_lab import Heated
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import LEFT, Cell, Formula, Layout, fitting, in_decimals, share_bar, signed_bar
from deltaglow.ui.pages.dial import Dial
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.row_names import row_names
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme

MOST = 8
NAMES, MOST_NAMES, MARKED = 44.0, 100.0, 18.0
"""Pixels of the classes' names at least and at most, and of them for the mark of the target."""
HEAD, ROW = 40.0, 27.0


class Warmth(Sheet):
    """ŷ and δ of every class at T, beside ŷ at 1."""

    title = "Softmax at a temperature"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.temperature = 1.0
        self.heated: Heated | None = None

    def lay_out(self, width: float) -> Layout:
        lab = self.lab
        frame, row = lab.frame, lab.sample
        v, y = softmax_lab.logits(frame, row), frame.y[row]
        found = self.heated = softmax_lab.heated(v, y, self.temperature)
        shown = softmax_lab.prominent(frame, row, MOST)
        rest = len(v) - len(shown)
        made = Layout(HEAD + ROW * (len(shown) + (1 if rest else 0)) + 46)
        gap = 16.0
        font = self.theme.mono_font(11)
        names, named = row_names(self.lab.project, shown, font, NAMES, MOST_NAMES, MARKED)
        side = (width - named - 2 * gap) / 3
        xs = [named + n * (side + gap) for n in range(3)]
        heads = (
            (r"\hat{y}", "ŷ"),
            (r"\hat{y}_{T}=\mathrm{softmax}(z/T)", "ŷ at T = softmax(z / T)"),
            (r"\delta_{T}=(\hat{y}_{T}-y)/T", "δ at T = (ŷ − y) / T"),
        )
        for x, (latex, text) in zip(xs, heads, strict=True):
            made.formulas.append(Formula(QRectF(x - 12, 0, side + 12, 36), latex, text))
        span = max(1.0, 1.0 / self.temperature)
        for place, k in enumerate(shown):
            top = HEAD + place * ROW
            word = f"{names[k]} ●" if y[k] > 0.5 else names[k]
            made.cells.append(Cell(QRectF(0, top, named, ROW - 6), word, "muted", align=LEFT))
            areas = [QRectF(x, top, side, ROW - 4) for x in xs]
            q = Quantity("y_hat", None, (k,))
            known = lab.reached(q)
            made.cells.append(
                self._share(areas[0], float(frame.y_hat[row, k]), q if known else None, "muted")
            )
            made.cells.append(
                self._share(areas[1], float(found.y_hat[k]), q if self.temperature == 1.0 else None)
            )
            made.cells.append(self._error(areas[2], float(found.delta[k]), k, span))
        if rest:
            top = HEAD + len(shown) * ROW
            other = 1.0 - sum(float(found.y_hat[k]) for k in shown)
            text = f"and {rest} more, together {in_decimals(other, self.theme.mono_font(11), 60)}"
            made.cells.append(Cell(QRectF(0, top, width, ROW), text, "muted", align=LEFT, mono=False))
        self._facts(made, found, len(v), width)
        return made

    def _facts(self, made: Layout, found: Heated, classes: int, width: float) -> None:
        entropy = (
            f"entropy {show(found.entropy, 3).text} of ln {classes} = {show(math.log(classes), 3).text} nats"
        )
        facts = (entropy, f"largest ŷ {show(found.peak, 3).text}", f"loss {show(found.loss, 3).text}")
        tips = (
            "How undecided ŷ is: 0 is certain, ln K has no idea",
            "How sharp it is: the probability of the likeliest class",
            "−ln ŷ of the target at this temperature",
        )
        top = made.height - 42
        shares = (0.5, 0.27, 0.23)
        left = 0.0
        for text, tip, share, token in zip(facts, tips, shares, ("text", "y_hat", "loss"), strict=True):
            area = QRectF(left, top, width * share, 20)
            made.cells.append(Cell(area, text, token, align=LEFT, mono=False, size=12, tip=tip))
            left += width * share
        made.cells.append(
            Cell(
                QRectF(0, top + 24, width, 10),
                bar=share_bar(found.entropy, math.log(classes), "text"),
                tip=tips[0],
            )
        )

    def _share(self, area: QRectF, number: float, q: Quantity | None, token: str = "y_hat") -> Cell:
        text = in_decimals(number, self.theme.mono_font(11), area.width())
        tip = f"{full(number)}, at T = {show(self.temperature, 3).text}" if token == "y_hat" else full(number)
        return Cell(area, text, token, q, bar=share_bar(number, 1.0, token), tip=tip)

    def _error(self, area: QRectF, number: float, k: int, span: float) -> Cell:
        loss = self.lab.frame.architecture.loss
        own = loss.name == "softmax_cross_entropy" and not (loss.label_smoothing or loss.class_weights)
        plain = self.lab.frame.layers[-1].activation == "identity"
        kind = "delta" if plain else "back"
        q = Quantity(kind, self.lab.phases.depth, (k,)) if own and self.temperature == 1.0 else None
        text = fitting(number, self.theme.mono_font(11), area.width(), signed=True)
        return Cell(area, text, "delta", q, bar=signed_bar(number, span, "delta"), tip=full(number))


class TemperatureSection(Section):
    """The rows and the slider."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("Temperature")
        self.dial = Dial(
            theme, "Temperature T", (0.1, 10.0), 1.0,
            "What every logit is divided by, 0.1 to 10; 1 is what the network does", ratio=True,
        )  # fmt: skip
        self.sheet = Warmth(lab, theme, page.typesetter)
        self.add(self.sheet)
        self.add(self.dial)
        self.dial.turned.connect(self._on_turned)

    def refresh(self) -> None:
        self.sheet.temperature = self.dial.value
        self.sheet.refresh()
        t = self.dial.value
        if t < 1.0:
            words = (
                "Cold: differences between logits count for more, and the likeliest class takes nearly all."
            )
        elif t > 1.0:
            words = "Hot: differences count for less, and ŷ goes towards one share for each class."
        else:
            words = "T = 1 is softmax as the network has it. Cold makes it sharper, hot flatter."
        self.say(
            f"{words} δ has the factor 1/T, the slope of z/T. This is a looking glass: the training stays "
            "at T = 1."
        )

    @Slot()
    def _on_turned(self) -> None:
        self.refresh()
