"""What a network may be: layers, their parameters, the loss."""

from __future__ import annotations

from deltaglow.engine import ACTIVATIONS, AUTO, INITIALIZERS, LOSSES
from deltaglow.model.rules.constraint import Rule

NETWORK: dict[str, Rule] = {
    "inputs": Rule("Inputs", "How many features a sample has", 1, 4096, integer=True, default=2),
    "layers": Rule("Layers", "How many layers of units follow the input", 1, 64, integer=True, default=2),
    "units": Rule(
        "Units",
        "How many units the layer has; the last layer has one for each class",
        1,
        4096,
        integer=True,
        default=2,
    ),
    "type": Rule(
        "Layer type",
        "What the layer does with what the one before says",
        choices=("dense", "batch_norm", "dropout", "conv1d"),
        default="dense",
    ),
    "from": Rule(
        "Skip from",
        "The layer that the connection around starts from; 0 is the input",
        0,
        63,
        integer=True,
        default=0,
    ),
    "projection": Rule("Projection", "Whether the connection around has a matrix of its own", default=False),
    "rate": Rule(
        "Dropout rate",
        "The probability that a unit is silenced in a training step",
        0,
        0.99,
        default=0.5,
    ),
    "eps": Rule("ε", "What is added to the variance before its square root", 0, 1, True, default=1e-5),
    "running_momentum": Rule(
        "Momentum", "How far a step moves the running mean and variance", 0, 1, default=0.1
    ),
    "running_mean": Rule("Running mean", "The mean that evaluation subtracts", default=0.0),
    "running_var": Rule("Running variance", "The variance that evaluation divides by", 0, default=1.0),
    "channels": Rule("Channels", "How many channels the convolution gives", 1, 4096, integer=True, default=4),
    "in_channels": Rule(
        "Channels before", "As how many channels the units before are seen", 1, 4096, integer=True, default=1
    ),
    "kernel": Rule("Kernel", "How many positions a kernel looks at", 1, 4096, integer=True, default=3),
    "stride": Rule(
        "Stride", "Positions from one stop of the kernel to the next", 1, 4096, integer=True, default=1
    ),
    "activation": Rule(
        "Activation",
        "The function φ that turns each unit's z into its a",
        choices=tuple(ACTIVATIONS),
        default="identity",
    ),
    "init": Rule(
        "Initialisation",
        "How weights are drawn before the first step; biases start at zero",
        choices=tuple(INITIALIZERS),
        default="xavier_normal",
    ),
    "gain": Rule(
        "Gain",
        "What the drawn weights are multiplied by, to make up for what the activation takes away",
        0,
        1000,
        exclusive=True,
        word=AUTO,
        default=1.0,
    ),
    "constant": Rule(
        "Constant", "The weight that every connection of the layer starts with", -1000, 1000, default=0.1
    ),
    "loss": Rule(
        "Loss",
        "What the outputs are made of, and what training makes small",
        choices=tuple(LOSSES),
        default="softmax_cross_entropy",
    ),
    "label_smoothing": Rule(
        "Label smoothing ε",
        "The share of every target that is spread over all classes: y′ = (1 − ε) y + ε/K",
        0,
        0.99,
        default=0.0,
    ),
    "class_weight": Rule("Class weight", "How much the class counts in the loss", 1e-6, 1e6, default=1.0),
    "naive": Rule(
        "Naive softmax",
        "Whether softmax leaves the largest logit in, as textbooks warn: a logit above 709 then overflows",
        default=False,
    ),
    "weight": Rule("Weight", "How strongly one unit listens to another", default=0.0),
    "bias": Rule("Bias", "What a unit adds to its weighted sum", default=0.0),
    "mask": Rule(
        "Connection",
        "Whether the connection exists: 1, or 0 where it was deleted",
        0,
        1,
        integer=True,
        default=1,
    ),
    "frozen": Rule("Frozen", "Whether training leaves the parameters as they are", default=False),
    "frozen_one": Rule(
        "Frozen", "Whether training leaves it as it is: 1, or 0 to train it", 0, 1, integer=True, default=0
    ),
}
