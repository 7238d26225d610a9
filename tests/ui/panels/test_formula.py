"""Formulas: typeset, coloured, scaled, cached, copied, and never in the way of a run."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPainterPath
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from deltaglow.explain.pieces import uncoloured
from deltaglow.model.quantity import Quantity
from deltaglow.ui.formula import SMALLEST, FormulaView, Typesetter
from deltaglow.ui.layout import lay_out
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import FormulaError, _template, coloured, typeset
from deltaglow.ui.widgets import Chip

DELTA = r"\textcolor{delta}{\delta^{(1)}_{1}} = \textcolor{positive}{w_{7}}"


def colours(view: FormulaView) -> set[str]:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> FormulaView:
    made = FormulaView(theme)
    qtbot.addWidget(made)
    made.resize(300, 40)
    return made


def test_symbols_take_the_colours_of_their_tokens(view: FormulaView, theme: Theme) -> None:
    view.set_latex(DELTA, "δ⁽¹⁾₁ = w₇")
    assert view.typeset_lines == 1
    seen = colours(view)
    assert theme.text_color("delta").name() in seen
    assert theme.text_color("positive").name() in seen
    theme.set_choice("light")
    assert theme.text_color("delta").name() in colours(view)


def test_the_same_formula_is_typeset_once(view: FormulaView) -> None:
    view.set_latex(DELTA)
    before = typeset.cache_info().misses
    view.set_latex("x")
    view.set_latex(DELTA)
    assert typeset.cache_info().misses <= before + 1


LINES = [
    r"\textcolor{#FF5FA8}{\hat{y}_{1}} = \frac{e^{z^{(2)}_{1}}}{\sum_{j} e^{z_{j}}} + {-3} \cdot \sigma'(z)",
    r"\textcolor{#00FF00}{\delta^{(1)}_{1}} = (\textcolor{#4DA3FF}{w_{7}}\,\delta^{(2)}_{1} + w_{8}) \cdot a",
    r"\quad + (\textcolor{#FF00FF}{-0.100}) \cdot \textcolor{#FF00FF}{0.433}) \cdot 0.244",
    r"\left( \frac{\partial L}{\partial w_{8}} \right)^{2} + \sqrt{\frac{a}{b}} \|x\|",
    r"L = {-\sum_{j} y_{j}} \ln \hat{y}_{j}",
]


@pytest.mark.parametrize("latex", LINES)
def test_what_is_drawn_is_what_ziamath_draws(latex: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without our row class and as SVG."""
    ours = lay_out(latex, 32.0)
    import ziamath
    from ziamath.nodes import mnode, mrow

    monkeypatch.setitem(mnode._node_classes, "mrow", mrow.Mrow)
    monkeypatch.setattr(ziamath.config, "svg2", False)
    theirs = ziamath.Latex(latex, size=32.0, color="#000000").svg()
    size = QSize(math.ceil(ours.width), math.ceil(ours.height))
    mine, other = blank(size), blank(size)
    with QPainter(mine) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-ours.left, -ours.top)
        for mark in ours.marks:
            painter.fillPath(mark.path(), QColor(mark.colour))
    with QPainter(other) as painter:
        QSvgRenderer(QByteArray(theirs.encode())).render(painter, QRectF(0, 0, ours.width, ours.height))
    apart = np.abs(pixels(mine) - pixels(other)).max(axis=2)
    inked = (pixels(other).min(axis=2) < 200).sum()
    assert inked > 100
    assert (apart > 60).sum() < 0.02 * inked


def blank(size: QSize) -> QImage:
    made = QImage(size, QImage.Format.Format_RGB32)
    made.fill(Qt.GlobalColor.white)
    return made


def pixels(image: QImage) -> np.ndarray:
    shape = (image.height(), image.width(), 4)
    return np.frombuffer(image.constBits(), np.uint8).reshape(shape)[:, :, :3].astype(float)


def test_other_digits_and_colours_need_no_new_layout() -> None:
    typeset(r"\textcolor{#102030}{z^{(1)}_{2}} = 0.250 \cdot 10 - \frac{1.5}{26}", 16.0, "#FFFFFF")
    before = _template.cache_info().misses
    other = typeset(r"\textcolor{#AABBCC}{z^{(9)}_{8}} = 7.654 \cdot 32 - \frac{1.0}{98}", 16.0, "#000000")
    assert _template.cache_info().misses == before
    assert [colour.name() for colour, _ in other.outlines] == ["#aabbcc", "#000000"]
    again = typeset(r"\textcolor{#AABBCC}{z^{(9)}_{8}} = 7.65 \cdot 32 - \frac{1.0}{98}", 16.0, "#000000")
    assert _template.cache_info().misses == before + 1, "one digit less is another structure"
    assert again.width < other.width


def test_the_bar_of_a_root_has_the_formulas_colour() -> None:
    ((colour, _),) = typeset(r"\sqrt{a + 1}", 16.0, "#123456").outlines
    assert colour.name() == "#123456"


@pytest.mark.parametrize(
    ("sign", "braced"),
    [("z = -0.3", "z = {-0.3}"), (r"a \cdot (-0.3)", r"a \cdot ({-0.3})"), ("= -a + b", "= {-a} + b")],
)
def test_a_sign_stands_close_to_its_number_and_a_minus_between_two_apart(sign: str, braced: str) -> None:
    assert lay_out(sign, 16.0).width == pytest.approx(lay_out(braced, 16.0).width, abs=1.0)
    apart, close = lay_out("0.4-0.3", 16.0), lay_out("0.4{-0.3}", 16.0)
    assert apart.width > close.width + 3.0
    assert lay_out("(a)-0.3", 16.0).width > lay_out("(a){-0.3}", 16.0).width + 3.0


def test_every_digit_finds_its_place() -> None:
    """Among more than ten, in indices and in fractions: within a pixel of where it is laid out alone."""
    rng = np.random.default_rng(0)
    shape = r"\hat{y}^{(0)}_{0} = \frac{e^{z^{(00)}_{0}}}{0.000} - 000.00 \times 10^{-00}"
    for _ in range(4):
        latex = "".join(str(rng.integers(10)) if char == "0" else char for char in shape)
        ((_, drawn),) = typeset(latex, 16.0, "#000000").outlines
        outline = QPainterPath()
        for mark in lay_out(latex, 16.0).marks:
            outline.addPath(mark.path())
        assert drawn.elementCount() == outline.elementCount(), "the same glyphs"
        for n in range(0, drawn.elementCount(), 7):
            ours, alone = drawn.elementAt(n), outline.elementAt(n)
            assert abs(ours.x - alone.x) < 1.2
            assert abs(ours.y - alone.y) < 0.2


def test_no_old_colour_stays_after_a_theme_switch(qtbot: QtBot, theme: Theme) -> None:
    setter = Typesetter()
    view = FormulaView(theme, setter)
    qtbot.addWidget(view)
    view.resize(300, 40)
    view.set_latex(DELTA, "δ⁽¹⁾₁ = w₇")
    setter.flush()
    old = {theme.text_color(token).name() for token in ("delta", "positive")}
    setter.hold()
    theme.set_choice("light")
    assert not old & colours(view), "at once, whether or not anything is typeset now"


def test_bad_latex_shows_the_plain_text(view: FormulaView, theme: Theme) -> None:
    with pytest.raises(FormulaError):
        typeset(r"\frac{", 16.0, "#000000")
    view.set_latex(r"\frac{", "one half")
    assert view.typeset_lines == 0
    assert view.accessibleName() == "one half"
    assert len(colours(view)) > 1


def test_a_wide_formula_is_scaled_down_but_stays_readable(view: FormulaView) -> None:
    wide = " + ".join(f"w_{{{k}}} x_{{{k}}}" for k in range(12))
    view.set_latex(wide, "a sum")
    full = view.sizeHint()
    view.resize(full.width() - 40, 40)
    assert view._scale() == pytest.approx((full.width() - 40) / full.width(), rel=0.01)
    view.resize(60, 40)
    assert view._scale() * 16.0 == SMALLEST
    view._scroll(1e6)
    assert 0 < view._offset <= full.width() * view._scale()


def test_lines_stack(view: FormulaView) -> None:
    view.set_lines(["a = b", "= c"], "a = b\n= c")
    two = view.sizeHint().height()
    view.set_latex("a = b")
    assert two > view.sizeHint().height() * 1.8


def test_copies(view: FormulaView) -> None:
    view.set_latex(DELTA, "δ⁽¹⁾₁ = w₇")
    view.copy_latex()
    assert QGuiApplication.clipboard().text() == r"\delta^{(1)}_{1} = w_{7}"
    view.copy_text()
    assert QGuiApplication.clipboard().text() == "δ⁽¹⁾₁ = w₇"
    view.copy_markdown()
    assert QGuiApplication.clipboard().text() == "$$\n\\delta^{(1)}_{1} = w_{7}\n$$\n"
    forms = ["Copy as LaTeX", "Copy as text", "Copy as Markdown"]
    assert [action.text() for action in view.menu().actions()] == forms


def test_colour_commands_are_replaced_or_removed(theme: Theme) -> None:
    assert coloured(r"\textcolor{delta}{x}", theme) == r"\textcolor{#FF5FA8}{x}"
    assert coloured(r"\textcolor{red}{x}", theme) == r"\textcolor{red}{x}"
    assert uncoloured(r"a\textcolor{delta}{x}b") == "a{x}b"


def test_what_waits_while_something_is_trained_is_plain_text(qtbot: QtBot, theme: Theme) -> None:
    setter = Typesetter()
    views = [FormulaView(theme, setter) for _ in range(3)]
    for number, view in enumerate(views):
        qtbot.addWidget(view)
        view.set_latex(f"x_{{{number}}}", "δ⁽¹⁾₁ = (w⁽²⁾₃₁ δ⁽²⁾₃\n  + ⋯) · tanh′(z⁽¹⁾₁)")
    setter.set_gentle(True, plain=True)
    assert [view.typeset_lines for view in views] == [0, 0, 0]
    assert len(colours(views[0])) > 1
    views[0].adjustSize()
    picture = views[0].grab().toImage()
    rim = {picture.pixel(x, y) for x in range(picture.width()) for y in (0, picture.height() - 1)}
    assert len(rim) == 1, "no line is cut off"
    qtbot.waitUntil(lambda: all(view.typeset_lines == 1 for view in views), timeout=3000)
    views[0].set_latex("y")
    setter.flush()
    assert views[0].latex == ("y",) and not setter._timer.isActive()


def test_a_symbol_of_something_else_is_never_shown_meanwhile(qtbot: QtBot, theme: Theme) -> None:
    setter = Typesetter()
    chip = Chip(theme, setter)
    qtbot.addWidget(chip)
    chip.show_quantity(Quantity("W", 1, (0, 0)), "w_{1}", "w₁", "weight w1")
    setter.flush()
    assert chip._symbol.typeset_lines == 1
    chip.show_quantity(Quantity("W", 1, (0, 0)), "w_{1}", "w₁", "weight w1")
    assert chip._symbol.typeset_lines == 1
    chip.show_quantity(Quantity("b", 1, (0,)), "b_{1}", "b₁", "bias b1")
    assert chip._symbol.typeset_lines == 0 and chip._symbol.text == "b₁"
    assert len(colours(chip._symbol)) > 1
    setter.flush()
    assert chip._symbol.typeset_lines == 1


def test_a_dimmed_formula_is_fainter(view: FormulaView) -> None:
    view.set_latex("x", "x", "loss")
    strong = colours(view)
    view.set_dimmed(True)
    assert colours(view) != strong
