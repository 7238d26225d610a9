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


def draw(painter: QPainter, scene: Scene, area: QRectF) -> None:
    """The cost under way, on its plate, from the row `area` of its output to the loss at the card's top."""
    detail = scene.detail
    if detail is None or detail.move.kind != "cost" or detail.move.unit is None:
        return
    said = cost(Context(scene.project, scene.frame, scene.sample, None), detail.move.unit)
    card = scene.geometry.softmax
    plate = plates.fitting(scene, [said.numbers, f"= {said.result}"], card.width() - 12)
    if plate is None:
        return
    t = 1.0 if scene.still else smooth((detail.alpha - LEAVES_AT) / (ARRIVES_AT - LEAVES_AT))
    start, end = QPointF(area.center().x(), area.center().y()), QPointF(card.center().x(), card.top() + 36)
    at = start + (end - start) * t
    box = QRectF(card.center().x() - plate.width / 2, at.y() - plate.height / 2, plate.width, plate.height)
    plates.draw(painter, scene, box, plate, "loss")


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
