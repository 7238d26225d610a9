"""The page "Softmax": everything between the logits and δ, as the step has it and as it might be."""

from __future__ import annotations

from deltaglow.engine import LOSSES
from deltaglow.session.lab import Lab
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.pipeline import Pipeline
from deltaglow.ui.pages.rivals import RivalsSection
from deltaglow.ui.pages.slopes import SlopesSection
from deltaglow.ui.pages.stability import StabilitySection
from deltaglow.ui.pages.temperature import TemperatureSection
from deltaglow.ui.pages.two_ways import TwoWaysSection
from deltaglow.ui.theme import Theme

_INTRO = {
    "softmax_cross_entropy": (
        "Softmax turns logits into probabilities; cross-entropy looks at the one of the target; what goes "
        "back is the difference of the two. Every number is a link: the panel on the right derives it."
    ),
    "softmax_squared_error": (
        "Softmax turns logits into probabilities; squared error compares each with its target. What goes "
        "back has softmax's own slope as a factor, and that is the trouble with it."
    ),
    "sigmoid_cross_entropy": (
        "This network ends in sigmoids, not in softmax: each output is a yes or no of its own, and they do "
        "not share a whole of 1. With cross-entropy each one's δ is ŷ − y all the same."
    ),
    "squared_error": (
        "This network predicts numbers: there are no probabilities and no softmax. The output is the last "
        "layer's own number, and with half the squared error its δ is ŷ − y as well."
    ),
}


def watched(depth: int) -> list[tuple[str, int | None]]:
    """The kinds of number on the page, each with its layer."""
    layered = [(kind, depth) for kind in ("z", "a", "back", "delta")]
    return [*layered, *((kind, None) for kind in ("shifted", "exp", "exp_sum", "y_hat", "loss"))]


class SoftmaxPage(Page):
    """Sections that follow the frame; those with sliders are what-ifs on the same logits."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__(lab, theme, "Softmax, opened")
        self.pipeline = PipelineSection(lab, theme, self)
        self.two_ways = TwoWaysSection(lab, theme, self)
        self.rivals = RivalsSection(lab, theme, self)
        self.stability = StabilitySection(lab, theme, self)
        self.temperature = TemperatureSection(lab, theme, self)
        self._softmax_only = [self.two_ways, self.stability, self.temperature, self.rivals]
        self.slopes = SlopesSection(lab, theme, self)
        self.put([self.pipeline, *self._softmax_only, self.slopes])

    def state(self) -> object:
        """The frame, the row, and which kinds of number are known by now."""
        lab = self.lab
        known = [lab.position >= lab.phases.kind_known_from(*kind) for kind in watched(lab.phases.depth)]
        return lab.frame, lab.sample, known, lab.selected

    def refresh(self) -> None:
        loss = self.lab.frame.architecture.loss
        softmax = LOSSES[loss.name].softmax
        self.heading.setText("Softmax, opened" if softmax else "The output, opened")
        for section in self._softmax_only:
            section.setVisible(softmax)
        self.slopes.setVisible(not softmax)
        self.intro.setText(_INTRO[loss.name])
        super().refresh()


class PipelineSection(Section):
    """The step's own numbers."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("Class by class", wide=True)
        self.sheet = Pipeline(lab, theme, page.typesetter)
        self.heading.hide()
        self.add(self.sheet)

    def refresh(self) -> None:
        self.sheet.refresh()
