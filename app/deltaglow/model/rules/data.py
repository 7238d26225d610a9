"""What a network may learn from, and how it is prepared."""

from __future__ import annotations

from deltaglow.data import DATASETS, FEATURES, SCALINGS
from deltaglow.model.rules.constraint import Rule

DATA: dict[str, Rule] = {
    "data": Rule(
        "Data set", "What the network learns from", choices=tuple(DATASETS), default="worked-example"
    ),
    "samples": Rule(
        "Samples", "How many samples the data set has", 1, 100_000, integer=True, unit="samples", default=300
    ),
    "noise": Rule(
        "Noise",
        "Standard deviation of the blur added to every feature, or to targets that are numbers",
        0,
        2,
        unit="the data's units",
        default=0.0,
    ),
    "classes": Rule("Classes", "How many classes the data set has", 2, 10, integer=True, default=2),
    "balance": Rule(
        "Class balance",
        "How many samples the last class has for one that it would have; the classes between fall evenly",
        0.05,
        1,
        default=1.0,
    ),
    "scale": Rule(
        "Scaling",
        "How features are brought to one size, by what the training samples say of them",
        choices=tuple(SCALINGS),
        default="none",
    ),
    "engineered": Rule(
        "Engineered features",
        "What is made of the features and given to the network beside them",
        choices=tuple(FEATURES),
        default="square",
    ),
    "feature": Rule("Feature", "One number of one sample's input", default=0.0),
    "picture": Rule(
        "Picture", "Rows, and columns, where a sample is one", 1, 4096, integer=True, unit="pixels", default=8
    ),
    "target": Rule(
        "Target",
        "The probability that the sample belongs to the class; after softmax, a row of them sums to 1",
        0,
        1,
        default=0.0,
    ),
    "value": Rule("Target", "What the output should be", default=0.0),
}
