"""The loss opened: what each output costs flies from its row of the card into L."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from deltaglow.explain import softmax_lab
from deltaglow.explain.context import Context
from deltaglow.explain.numbers import show
from deltaglow.explain.opening import DONE_AT
from deltaglow.explain.worked import cost, so_far
from deltaglow.ui.diagram import plates
from deltaglow.ui.diagram.moves import ARRIVES_AT, LEAVES_AT
from deltaglow.ui.diagram.scale import smooth
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import glow, place

ROOMY = 40.0
"""Pixels from which a row has a line of its own for the error, where the plate can stand."""
BELOW = 8.0
"""Pixels from the middle of a row to that line."""
FOOT, HEAD = 6.0, 18.0
"""Pixels from the plate to the card's lower edge, and from its upper edge to the loss."""
PULSE = 5.0


def draw(painter: QPainter, scene: Scene, area: QRectF) -> None:
    """The cost under way, on its plate, and a pulse from the row `area` of its output to the loss at the top.

    The plate stands where the row's error will, or under the rows where they are too narrow: on no number.
    """
    detail = scene.detail
    if detail is None or detail.move.kind != "cost" or detail.move.unit is None:
        return
    said = cost(Context(scene.project, scene.frame, scene.sample, None), detail.move.unit)
    card = scene.geometry.softmax
    plate = plates.fitting(scene, [said.numbers, f"= {said.result}"], card.width() - 12)
    if plate is not None and (scene.still or detail.alpha < DONE_AT):
        inside = area.height() > ROOMY and len(plate.lines) == 1
        top = area.center().y() + BELOW if inside else card.bottom() - plate.height - FOOT
        box = QRectF(card.center().x() - plate.width / 2, top, plate.width, plate.height)
        plates.draw(painter, scene, box, plate, "loss")
    if not scene.still and LEAVES_AT < detail.alpha < ARRIVES_AT:
        t = smooth((detail.alpha - LEAVES_AT) / (ARRIVES_AT - LEAVES_AT))
        start, end = area.center().y(), card.top() + HEAD
        ratio = painter.device().devicePixelRatioF()
        sprite = glow(scene.color("loss").rgb(), PULSE, ratio)
        place(painter, QPointF(card.right() - PULSE, start + (end - start) * t), sprite)


def running(scene: Scene) -> float | None:
    """The loss as far as it is added up, while the costs fly into it."""
    detail = scene.detail
    if detail is None or detail.move.kind not in ("cost", "total"):
        return None
    costs = softmax_lab.costs(scene.frame, scene.sample).tolist()
    if detail.move.unit is None:
        return so_far(costs, len(costs) - 1)
    arrived = detail.move.unit + (1 if scene.still or detail.alpha >= ARRIVES_AT else 0)
    return so_far(costs, arrived - 1)


def of_output(scene: Scene, k: int) -> str:
    """What output k has added to the loss, with its sign; "" before it is known, and after the loss."""
    detail = scene.detail
    if detail is None or detail.move.kind not in ("cost", "total"):
        return ""
    done = detail.move.unit is None or k < detail.move.unit
    if not done and not (k == detail.move.unit and (scene.still or detail.alpha >= DONE_AT)):
        return ""
    number = float(softmax_lab.costs(scene.frame, scene.sample)[k])
    return f"+{show(number, 3).text}"
