"""The card beside the output column: ŷ against the target, δ (which after softmax sums to zero), the loss."""

from __future__ import annotations

from collections.abc import Hashable
from math import isfinite

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from deltaglow.engine import LOSSES
from deltaglow.explain import softmax_lab
from deltaglow.explain.numbers import apart, borne_out, plain, reconcile, reconcile_sum, show
from deltaglow.explain.opening import DONE_AT
from deltaglow.explain.output_words import OutputWords, output_words
from deltaglow.model.naming import unit_name
from deltaglow.model.output_names import short_name
from deltaglow.model.quantity import Quantity, value
from deltaglow.ui.diagram import costs
from deltaglow.ui.diagram import output_scale as scale
from deltaglow.ui.diagram.edges import phase_token
from deltaglow.ui.diagram.nodes import Hit, signed
from deltaglow.ui.diagram.scale import smooth
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import CENTRE, LEFT, RIGHT, write
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.told_apart import told_apart

HEAD = 34.0
FOOT = 58.0
ROOMY, TIGHT = 62.0, 22.0
"""Pixels a class takes at most and at least."""
MOST_NAME = 40.0
"""Pixels that the names of many classes take."""


def shown_classes(scene: Scene) -> list[int]:
    """The classes there is room for: all, or the target and the most probable ones, in their order."""
    card = scene.geometry.softmax
    count = scene.frame.y.shape[1]
    room = max(int((card.height() - HEAD - FOOT) / TIGHT), 1)
    if count <= room:
        return list(range(count))
    weight = scene.frame.y_hat[scene.sample] + 2.0 * scene.frame.y[scene.sample]
    return sorted(sorted(range(count), key=lambda k: -float(weight[k]))[: room - 1])


def rows(scene: Scene) -> list[tuple[int, QRectF]]:
    """Each class shown, with its rectangle; level with its output unit where that fits."""
    card = scene.geometry.softmax
    classes = shown_classes(scene)
    column = scene.geometry.columns[-1]
    pitch = min((card.height() - HEAD - FOOT) / len(classes), ROOMY)
    inner = card.adjusted(12, 0, -12, 0)
    top, bottom = card.top() + HEAD, card.bottom() - FOOT
    levels = [float(column.ys[k]) - pitch / 2 for k in classes]
    if column.pitch < pitch or levels[0] < top or levels[-1] + pitch > bottom:
        start = (top + bottom) / 2 - pitch * len(classes) / 2
        levels = [start + pitch * n for n in range(len(classes))]
    return [(k, QRectF(inner.left(), y, inner.width(), pitch)) for k, y in zip(classes, levels, strict=True)]


def hits(scene: Scene) -> list[Hit]:
    """What can be clicked on the card."""
    card, depth = scene.geometry.softmax, scene.phases.depth
    own = Quantity("loss", sample=scene.sample if scene.frame.samples > 1 else None)
    found: list[Hit] = [(QRectF(card.left(), card.top(), card.width(), HEAD), own)]
    for k, area in rows(scene):
        middle = area.top() + area.height() * (0.62 if area.height() > 40 else 0.5)
        upper = QRectF(area.left(), area.top(), area.width(), middle - area.top())
        lower = QRectF(area.left(), middle, area.width(), area.bottom() - middle)
        if not area.height() > 40:
            half = area.width() / 2
            upper, lower = area.adjusted(0, 0, -half, 0), area.adjusted(half, 0, 0, 0)
        found += [(upper, Quantity("y_hat", None, (k,))), (lower, Quantity(_error_of(scene, k), depth, (k,)))]
    phase = scene.moment.phase
    if phase is not None and phase.kind == "update" and scene.known("loss_after"):
        found.append(
            (QRectF(card.left() + 6, card.bottom() - 54, card.width() - 12, 20), Quantity("loss_after"))
        )
    return found


def _error_of(scene: Scene, k: int) -> str:
    """What the number of an output's error is: ∂L/∂a as soon as that is there, which is before δ."""
    depth, unit = scene.phases.depth, _one(scene, k)
    return "back" if scene.known("back", depth, unit) and not scene.known("delta", depth, unit) else "delta"


def moment(scene: Scene) -> Hashable:
    """What of the position the card depends on: all of it while something happens on the card, else only
    which numbers are known.
    """
    if _here(scene):
        return scene.position
    return scene.moment.index, scene.known("loss"), scene.known("loss_after")


def _here(scene: Scene) -> bool:
    """Whether the phase under way takes place on the card."""
    phase = scene.moment.phase
    if phase is None:
        return False
    output = phase.kind == "delta" and phase.layer == scene.phases.depth
    return output or phase.kind in ("softmax", "output", "loss")


def draw(painter: QPainter, scene: Scene) -> None:
    """The whole card."""
    card, theme = scene.geometry.softmax, scene.theme
    phase, here = scene.moment.phase, _here(scene)
    edges = {"softmax": "forward", "output": "forward", "loss": "loss", "delta": "delta"}
    edge = edges[phase.kind] if here and phase else "hairline"
    painter.setPen(QPen(theme.color(edge), 1.4 if here else 1.0))
    painter.setBrush(theme.color("panel"))
    painter.drawRoundedRect(card, 8, 8)
    write(
        painter,
        QRectF(card.left() + 12, card.top() + 6, 90, 24),
        LEFT,
        _words(scene).card,
        theme.ui_font(10, 600),
        theme.color("muted"),
    )
    running = costs.running(scene)
    told = scene.known("loss") or running is not None
    number = float(scene.frame.losses[scene.sample]) if running is None else running
    loss = show(number, 3).text if told else "·"
    taken = QFontMetricsF(theme.ui_font(10, 600)).horizontalAdvance(_words(scene).card) + 10.0
    box = QRectF(card.left() + 12 + taken, card.top() + 6, card.width() - 24 - taken, 24)
    color = theme.text_color("loss") if told else theme.color("disabled")
    text = f"L = {loss}"
    write(painter, box, RIGHT, text, _fitted(theme, text, box.width()), color, scene.running)
    placed = rows(scene)
    for k, area in placed:
        _draw_class(painter, scene, k, area)
    _draw_foot(painter, scene)
    for k, area in placed:
        if _under_way(scene, k):
            costs.draw(painter, scene, area)


def _fitted(theme: Theme, text: str, room: float) -> QFont:
    """The largest font, down to a small one, in which a text has room."""
    fonts = [theme.mono_font(size, 500) for size in (13, 12, 11, 10, 9)]
    return next((font for font in fonts if QFontMetricsF(font).horizontalAdvance(text) <= room), fonts[-1])


def _draw_class(painter: QPainter, scene: Scene, k: int, area: QRectF) -> None:
    theme, target = scene.theme, scale.target(scene, k)
    roomy = area.height() > 40
    if _under_way(scene, k):
        painter.setPen(QPen(theme.color(phase_token(scene)), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        height = min(area.height() - 2, 62.0)
        painter.drawRoundedRect(
            QRectF(area.left() - 6, area.center().y() - height / 2, area.width() + 12, height), 5, 5
        )
    if roomy:
        y = area.center().y() - 28
        _draw_name(painter, scene, k, QRectF(area.left(), y - 3, area.width(), 16), target)
        _draw_output(painter, scene, k, QRectF(area.left(), y + 18, area.width() - 58, 14), 12)
        _draw_delta(painter, scene, k, QRectF(area.left(), y + 38, area.width() - 78, 9), 12)
    else:
        font = theme.mono_font(9)
        names = [short_name(scene.project, each) for each in range(scene.frame.y.shape[1])]
        longest = max(map(QFontMetricsF(font).horizontalAdvance, names))
        named = min(max(longest + 6.0, 16.0), MOST_NAME)
        name = told_apart(names, font, named - 4.0)[k]
        color = theme.color("text" if target > 0.5 or not scale.probabilities(scene) else "muted")
        write(painter, QRectF(area.left(), area.top(), named, area.height()), LEFT, name, font, color)
        half = (area.width() - named) / 2
        y = area.center().y() - 4
        _draw_output(painter, scene, k, QRectF(area.left() + named, y, half - 38, 8), 9)
        _draw_delta(painter, scene, k, QRectF(area.left() + named + 4 + half, y, half - 44, 8), 9)


def _draw_name(painter: QPainter, scene: Scene, k: int, area: QRectF, target: float) -> None:
    """What an output is called, and what it should say."""
    theme = scene.theme
    font, symbol, wanted = theme.ui_font(11), f"ŷ{_subscript(k + 1)}", f"target {plain(target, 3).text}"
    names = [unit_name(scene.project, scene.phases.depth, each) for each in range(scene.frame.y.shape[1])]
    if not names[k]:
        write(painter, area, LEFT, f"{symbol}   {wanted}", font, theme.color("muted"))
        return
    metrics = QFontMetricsF(font)
    begin = metrics.horizontalAdvance(symbol) + 6.0
    room = area.width() - begin - metrics.horizontalAdvance(wanted) - 8.0
    name = told_apart(names, font, room)[k]
    write(painter, area, LEFT, symbol, font, theme.color("muted"))
    write(painter, area.adjusted(begin, 0, 0, 0), LEFT, name, font, theme.color("text"))
    end = begin + metrics.horizontalAdvance(name) + 8.0  # at the right δ of the row above stands
    write(painter, area.adjusted(end, 0, 0, 0), LEFT, wanted, font, theme.color("muted"))


def _draw_output(painter: QPainter, scene: Scene, k: int, track: QRectF, size: int) -> None:
    """A probability grows from the left of its track, a prediction from the middle; a mark is the target."""
    theme = scene.theme
    value, target = float(scene.frame.y_hat[scene.sample, k]), scale.target(scene, k)
    share = scale.probabilities(scene)
    span = 1.0 if share else scale.value_span(scene)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(track, 3, 3)
    known = scene.known("y_hat", None, _one(scene, k))
    grown = 1.0 if known else _growing(scene, k, "share", scene.alpha("output"))
    zero, room = (track.left(), track.width()) if share else (track.center().x(), track.width() / 2)
    length = room * scale.part(value, span) * grown
    if length > 0:
        painter.setBrush(theme.color("y_hat"))
        left = zero if value > 0 else zero - length
        painter.drawRoundedRect(QRectF(left, track.top(), length, track.height()), 3, 3)
    if not share:
        painter.setPen(QPen(theme.color("muted"), 1))
        painter.drawLine(QLineF(zero, track.top(), zero, track.bottom()))
    painter.setPen(QPen(theme.color("target"), 2))
    x = zero + room * scale.part(target, span) * (1 if target >= 0 else -1)
    painter.drawLine(QLineF(x, track.top() - 2, x, track.bottom() + 3))
    box = QRectF(track.right() + 4, track.center().y() - 9, 54 if size > 10 else 34, 18)
    text, token = scale.number(scene, value, size > 10) if known else "·", "y_hat"
    if not known and scene.opened and _has_exponentials(scene) and scene.known("exp", None, k):
        text, token = show(float(scene.frame.exps[scene.sample, k]), 3 if size > 10 else 2).text, "forward"
    color = theme.color("disabled") if text == "·" else theme.text_color(token)
    write(painter, box, RIGHT, text, theme.mono_font(size), color, scene.running)


def _one(scene: Scene, k: int) -> int | None:
    """The output to ask about, where they may differ in what is known of them."""
    return k if scene.opened else None


def _under_way(scene: Scene, k: int) -> bool:
    """Whether an output has the move under way to itself."""
    return scene.detail is not None and scene.detail.move.unit == k and _here(scene)


def _growing(scene: Scene, k: int, kind: str, alpha: float) -> float:
    """How far a bar whose number is not known yet has grown in the move under way, if it is its own; without
    one, by α of the phase. With reduced motion it comes with its number.
    """
    if scene.still:
        return 0.0
    detail = scene.detail
    if detail is None:
        return smooth(alpha / DONE_AT)
    own = _under_way(scene, k) or (detail.move.kind == "share" and detail.move.unit is None)
    own = own and detail.move.kind == kind
    return smooth(detail.alpha / DONE_AT) if own else 0.0


def _has_exponentials(scene: Scene) -> bool:
    return LOSSES[scene.frame.architecture.loss.name].softmax


def _draw_delta(painter: QPainter, scene: Scene, k: int, track: QRectF, size: int) -> None:
    theme, depth = scene.theme, scene.phases.depth
    value = float(scene.frame.layers[depth - 1].back[scene.sample, k])
    known = scene.known("back", depth, _one(scene, k))
    middle = track.center().x()
    painter.setPen(QPen(theme.color("muted"), 1))
    painter.drawLine(QLineF(middle, track.top() - 2, middle, track.bottom() + 2))
    grown = 1.0 if known else _growing(scene, k, "unit", scene.alpha(f"delta:{depth}") * DONE_AT / 0.5)
    if grown > 0 and value == value:
        length = track.width() / 2 * scale.part(value, scale.delta_span(scene)) * grown
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("delta"))
        left = middle if value > 0 else middle - length
        painter.drawRoundedRect(QRectF(left, track.top(), length, track.height()), 2, 2)
    box = QRectF(track.right() + 2, track.center().y() - 9, 76 if size > 10 else 38, 18)
    text = signed(scale.number(scene, value, size > 10)) if known else "·"
    text = f"δ {text}" if size > 10 else text
    color = theme.text_color("delta") if known else theme.color("disabled")
    added = "" if known else costs.of_output(scene, k)
    if added:
        text, color = added, theme.text_color("loss")
    write(painter, box, RIGHT, text, theme.mono_font(size), color, scene.running)


def _draw_foot(painter: QPainter, scene: Scene) -> None:
    """How δ is made, and what adds up: after softmax the errors, to zero, with a bar of two equal halves;
    otherwise the outputs' losses. Numbers for few outputs.
    """
    card, theme, depth = scene.geometry.softmax, scene.theme, scene.phases.depth
    deltas = [float(d) for d in scene.frame.layers[depth - 1].back[scene.sample]]
    line = QRectF(card.left() + 6, card.bottom() - 52, card.width() - 12, 16)
    hidden = len(deltas) - len(shown_classes(scene))
    extra = f"   (+{hidden} more)" if hidden else ""
    plain_output = scene.frame.layers[-1].activation == "identity"
    name = "δ" if plain_output else "∂L/∂a"
    softmax = LOSSES[scene.frame.architecture.loss.name].softmax
    zero = ",  Σ = 0" if softmax else ""
    formula = f"{name} = {_words(scene).short}{zero}{extra}"
    phase = scene.moment.phase
    if phase is not None and phase.kind == "update" and not scene.running:
        _draw_losses(painter, scene, line)
        formula = ""
    if phase is not None and phase.kind == "loss":
        formula = _words(scene).loss_formula
    if phase is not None and phase.kind == "softmax" and scene.opened and scene.known("exp_sum"):
        formula = f"S = Σ e^s = {show(float(scene.frame.exp_sums[scene.sample]), 3).text}"
    write(painter, line, CENTRE, formula, theme.ui_font(11), theme.color("muted"))
    few = len(deltas) <= (2 if card.width() < 216 else 3)
    if not softmax:
        if few and scene.known("loss"):
            _draw_costs(painter, scene, line.translated(0, 20))
        return
    if not scene.known("back", depth):
        return
    _draw_balance(painter, scene, deltas, QRectF(card.left() + 12, card.bottom() - 32, card.width() - 24, 7))
    if few and all(map(isfinite, deltas)):
        _draw_sum(painter, scene, line.translated(0, 32), 0.0, deltas, "delta")


def _draw_losses(painter: QPainter, scene: Scene, line: QRectF) -> None:
    """The batch's loss before the step, and once it is known after it: "L 0.567 → 0.514"."""
    before, after = show(scene.frame.loss, 3).text, ""
    if scene.known("loss_after"):
        pair = apart(scene.frame.loss, value(Quantity("loss_after"), scene.frame))
        before, after = pair[0].text, pair[1].text
    several, theme = scene.frame.samples > 1, scene.theme
    for font in (theme.mono_font(10), theme.mono_font(9)):
        text = losses(before, after, several, font, line.width())
        if QFontMetricsF(font).horizontalAdvance(text) <= line.width():
            break
    write(painter, line, CENTRE, text, font, theme.text_color("loss"))


def losses(before: str, after: str, batch: bool, font: QFont, width: float) -> str:
    """The loss before the step, and after it unless that is "", in as many words as `width` has room for: of
    several samples never as L alone, which is the one sample's over it.
    """
    metrics = QFontMetricsF(font)
    names = ("L of the batch", "batch L", "batch") if batch else ("L",)
    told = (f"→ {after}",) if after else ("before the step", "before")
    texts = [f"{name} {before} {end}" for name in names for end in told]
    return next((text for text in texts if metrics.horizontalAdvance(text) <= width), texts[-1])


def _draw_sum(
    painter: QPainter, scene: Scene, line: QRectF, total: float, terms: list[float], token: str
) -> None:
    """What adds up to what, with as many digits as there is room for; nothing if there is none."""
    font = scene.theme.mono_font(10)
    metrics = QFontMetricsF(font)
    for digits in (3, 2, 1):
        whole, parts = reconcile_sum(total, terms, digits)
        text = " ".join(signed(part.text, " ") for part in parts).removeprefix("+ ")
        text += f" = {whole.text if total else 0}"
        if metrics.horizontalAdvance(text) <= line.width():
            write(painter, line, CENTRE, text, font, scene.theme.text_color(token), scene.running)
            return


def _draw_costs(painter: QPainter, scene: Scene, line: QRectF) -> None:
    """The outputs' losses, and that they add up to the sample's."""
    costs, theme = softmax_lab.costs(scene.frame, scene.sample).tolist(), scene.theme
    if not all(map(isfinite, costs)):
        return
    loss = float(scene.frame.losses[scene.sample])
    if len(costs) > 1:
        _draw_sum(painter, scene, line, loss, costs, "loss")
        return
    text = f"L = {show(loss, 3).text}"
    if scene.frame.architecture.loss.name == "squared_error" and scene.known("back", scene.phases.depth):
        room = line.width() / QFontMetricsF(theme.mono_font(10)).horizontalAdvance("0")
        text = _halved(float(scene.frame.layers[-1].back[scene.sample, 0]), loss, int(room))
    write(painter, line, CENTRE, text, theme.mono_font(10), theme.text_color("loss"), scene.running)


def _halved(gap: float, loss: float, room: int) -> str:
    """As in "½ · (−0.06305)² = 0.00199": digits that hold as printed, and no more letters than have room."""

    def evaluate(digits: int) -> tuple[float, float]:
        return 0.5 * show(gap, digits).value ** 2, 1e-15 * loss

    found = reconcile(loss, [evaluate])
    text = f"½ · ({show(gap, found.digits).text})² = {found.result.text}"
    if len(text) <= room:
        return text
    shown = show(gap, 3)
    return f"½ · ({shown.text})² = {borne_out(loss, 0.5 * shown.value**2).text}"


def _draw_balance(painter: QPainter, scene: Scene, deltas: list[float], track: QRectF) -> None:
    middle = track.center().x()
    painter.setPen(QPen(scene.theme.color("panel"), 1))
    painter.setBrush(scene.theme.color("delta"))
    for sign in (-1, 1):
        x = middle
        for delta in sorted((d for d in deltas if d * sign > 0), key=abs, reverse=True):
            length = track.width() / 2 * scale.part(delta, scale.delta_span(scene))
            painter.drawRect(QRectF(x - length if sign < 0 else x, track.top(), length, track.height()))
            x += sign * length
    painter.setPen(QPen(scene.theme.color("text"), 1.4))
    painter.drawLine(QLineF(middle, track.top() - 3, middle, track.bottom() + 3))


def _words(scene: Scene) -> OutputWords:
    return output_words(scene.frame.architecture.loss)


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
