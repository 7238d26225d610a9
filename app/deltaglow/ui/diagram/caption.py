"""Above the network: which phase is under way, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from deltaglow.ui.diagram.scene import Scene

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def words(scene: Scene) -> tuple[str, str]:
    """A title and a sentence for what is shown."""
    phase = scene.moment.phase
    if phase is None:
        return (
            "Start",
            "The inputs, the target and the weights are given. Press → or Space to send them forward.",
        )
    if scene.frame.left_out and phase.kind in ("delta", "gradients", "update"):
        scale = f"{scene.frame.scale:,.0f}"
        return (
            "Step left out",
            f"A gradient overflowed at the loss scale {scale}: nothing moves, and it is halved.",
        )
    if scene.position >= scene.phases.end:
        return (
            "Step complete",
            "Every weight has moved against its gradient: the next step begins with these.",
        )
    return phase.title, phase.caption


def draw(painter: QPainter, scene: Scene) -> None:
    """Title and sentence, at the top left."""
    title, sentence = words(scene)
    theme = scene.theme
    phase = scene.moment.phase
    token = "text"
    if phase is not None:
        forward = phase.kind in ("forward", "softmax", "output")
        token = "forward" if forward else "loss" if phase.kind == "loss" else "delta"
    painter.setFont(theme.ui_font(13, 600))
    painter.setPen(theme.text_color(token))
    painter.drawText(QRectF(18, 8, scene.geometry.width - 36, 20), LEFT, title)
    painter.setFont(theme.ui_font(12))
    painter.setPen(theme.color("muted"))
    box = QRectF(18, 28, scene.geometry.width - 36, 18)
    text = painter.fontMetrics().elidedText(sentence, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, LEFT, text)
