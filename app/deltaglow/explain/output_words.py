"""What the output and its loss are called, by pair: for captions, headings, cards and reports."""

from dataclasses import dataclass, replace

from deltaglow.engine import LossSpec


@dataclass(frozen=True, slots=True)
class OutputWords:
    """The words for one pair of output and loss.

    address: the command line's name of the output's phase. title, caption: of that phase. loss, delta:
    captions of the phases after it. output, measure: the names of the two, for a sentence. output_formula,
    loss_formula, slope: formulas in plain text, `slope` being ∂L/∂logit, and `short` that in few letters.
    card: the heading of the diagram's card. one: a single output in words. logit: what becomes of a logit.
    why: why the slope is as simple as it is, or is not. axis: what a plot of the loss is labelled with.
    """

    address: str
    title: str
    caption: str
    loss: str
    delta: str
    output: str
    measure: str
    output_formula: str
    loss_formula: str
    slope: str
    short: str
    card: str
    one: str
    logit: str
    why: str
    axis: str


_SOFTMAX_CAPTION = "The logits become probabilities: exponentials, divided by their sum."
_NAIVE_CAPTION = "The logits become probabilities, unprotected: from 710 on, an exponential overflows."
_SOFTMAX_FORMULA = "s = logit − largest logit,  S = Σ e^s,  ŷ = e^s / S"
_NAIVE_FORMULA = "s = logit,  S = Σ e^s,  ŷ = e^s / S"
_COLLAPSE = (
    "Why so simple: the loss passes −yᵢ/ŷᵢ back to each ŷᵢ, softmax's Jacobian turns that into Σᵢ (−yᵢ/ŷᵢ) "
    "ŷᵢ ([i = j] − ŷⱼ), and because the targets add up to 1 the sum collapses to ŷⱼ − yⱼ."
)
_OPTIONS_COLLAPSE = (
    "Why so simple: with t = {t} in the place of y, the loss passes −tᵢ/ŷᵢ back to each ŷᵢ, softmax's "
    "Jacobian turns that into Σᵢ (−tᵢ/ŷᵢ) ŷᵢ ([i = j] − ŷⱼ), and the sum collapses to (Σ t) ŷⱼ − tⱼ."
)

_WORDS = {
    "softmax_cross_entropy": OutputWords(
        address="softmax",
        title="Softmax",
        caption=_SOFTMAX_CAPTION,
        loss="Cross-entropy: minus the logarithm of the probability given to the target.",
        delta="The error at the output is prediction minus target, δ = ŷ − y; it sums to zero.",
        output="softmax",
        measure="cross-entropy",
        output_formula=_SOFTMAX_FORMULA,
        loss_formula="L = −Σ y ln ŷ",
        slope="ŷ − y",
        short="ŷ − y",
        card="SOFTMAX",
        one="softmax output",
        logit="which softmax takes as its logit",
        why=_COLLAPSE,
        axis="loss (nats)",
    ),
    "softmax_squared_error": OutputWords(
        address="softmax",
        title="Softmax",
        caption=_SOFTMAX_CAPTION,
        loss="Squared error: half the squared gaps between the probabilities and the target, added up.",
        delta="Each gap ŷ − y comes back through softmax's whole Jacobian J: δ = J (ŷ − y); it sums to zero.",
        output="softmax",
        measure="squared error",
        output_formula=_SOFTMAX_FORMULA,
        loss_formula="L = ½ Σ (ŷ − y)²",
        slope="Σᵢ (ŷᵢ − yᵢ) ŷᵢ ([i = j] − ŷⱼ)",
        short="J (ŷ − y)",
        card="SOFTMAX",
        one="softmax output",
        logit="which softmax takes as its logit",
        why=(
            "Every output depends on every logit: the loss passes ŷᵢ − yᵢ back to each ŷᵢ, and softmax's "
            "Jacobian ∂ŷᵢ/∂logitⱼ = ŷᵢ ([i = j] − ŷⱼ) shares it out. Where the network is sure, every entry "
            "of the Jacobian is nearly 0, right or wrong; with cross-entropy the 1/ŷ of its logarithm "
            "makes up for that, and ŷ − y is left."
        ),
        axis="loss",
    ),
    "sigmoid_cross_entropy": OutputWords(
        address="output",
        title="Sigmoids",
        caption="Each logit becomes a probability of its own, through a sigmoid: any number may be near 1.",
        loss="Binary cross-entropy of every label, added up: minus the logarithm of what it was given.",
        delta="The error at the output is prediction minus target, δ = ŷ − y, for each label by itself.",
        output="sigmoids",
        measure="binary cross-entropy",
        output_formula="ŷ = 1 / (1 + e^−logit)",
        loss_formula="L = −Σ (y ln ŷ + (1 − y) ln(1 − ŷ))",
        slope="ŷ − y",
        short="ŷ − y",
        card="SIGMOIDS",
        one="sigmoid output",
        logit="which its sigmoid takes as its logit",
        why=(
            "Why so simple: the loss passes (ŷ − y) / (ŷ (1 − ŷ)) back to ŷ, and the sigmoid's slope is "
            "ŷ (1 − ŷ): the two cancel."
        ),
        axis="loss (nats)",
    ),
    "squared_error": OutputWords(
        address="output",
        title="Prediction",
        caption="The last layer's activations are the predictions, as they are.",
        loss="Squared error: half the squared gaps between prediction and target, added up.",
        delta="The error at the output is prediction minus target: δ = ŷ − y.",
        output="as they are",
        measure="squared error",
        output_formula="ŷ = logit",
        loss_formula="L = ½ Σ (ŷ − y)²",
        slope="ŷ − y",
        short="ŷ − y",
        card="PREDICTION",
        one="prediction",
        logit="which is the prediction",
        why="Why so simple: the 2 of the square's slope 2 (ŷ − y) and the ½ of the loss cancel.",
        axis="loss",
    ),
}


def output_words(spec: LossSpec) -> OutputWords:
    """The words for a loss with its options."""
    words = _WORDS[spec.name]
    smooth, weighted = spec.label_smoothing > 0.0, spec.class_weights is not None
    if smooth or weighted:
        target = ("c " if weighted else "") + ("y′" if smooth else "y")
        slope = f"(Σ {target}) ŷ − {target}" if weighted else f"ŷ − {target}"
        formula = f"L = −Σ {target} ln ŷ" + (",  y′ = (1 − ε) y + ε/K" if smooth else "")
        kind = " and ".join(
            name for name, on in (("smoothed", smooth), ("weighted by class", weighted)) if on
        )
        words = replace(
            words,
            loss=f"Cross-entropy with targets {kind}: {formula}.",
            delta=f"The error at the output: δ = {slope}; it sums to zero.",
            loss_formula=formula,
            slope=slope,
            short=slope.replace(f"(Σ {target})", "C"),
            why=_OPTIONS_COLLAPSE.format(t=target),
        )
    if spec.naive:
        words = replace(
            words, title="Naive softmax", caption=_NAIVE_CAPTION, output="naive softmax",
            output_formula=_NAIVE_FORMULA,
        )  # fmt: skip
    return words
