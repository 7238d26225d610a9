"""How a network may be trained."""

from __future__ import annotations

from deltaglow.engine import AUTO_SEGMENTS, DEVICES, OPTIMIZERS, PRECISIONS, SCHEDULES, LossScale
from deltaglow.model.rules.constraint import Rule

TRAINING: dict[str, Rule] = {
    "optimizer": Rule(
        "Optimiser",
        "How a gradient becomes a change of the parameters",
        choices=tuple(OPTIMIZERS),
        default="sgd",
    ),
    "learning_rate": Rule(
        "Learning rate η",
        "How far a step goes: each parameter moves by −η times its gradient",
        0,
        1000,
        exclusive=True,
        default=0.1,
    ),
    "momentum": Rule(
        "Momentum β", "How much of its velocity a parameter keeps from step to step", 0, 0.9999, default=0.9
    ),
    "alpha": Rule(
        "Decay α", "How much of the mean square of past gradients is kept", 0, 0.999999, default=0.99
    ),
    "beta1": Rule("β₁", "How much of the mean of past gradients is kept", 0, 0.999999, default=0.9),
    "beta2": Rule("β₂", "How much of the mean square of past gradients is kept", 0, 0.999999, default=0.999),
    "epsilon": Rule("ε", "Keeps the division by a root from being one by 0", 0, 1, True, default=1e-8),
    "schedule": Rule(
        "Schedule",
        "How the learning rate changes along the run",
        choices=tuple(SCHEDULES),
        default="constant",
    ),
    "every": Rule(
        "Every", "How many updates lie between two drops", 1, 10**9, False, True, unit="updates", default=1000
    ),
    "gamma": Rule("Factor γ", "By what the learning rate is multiplied each time", 0, 1, True, default=0.1),
    "steps": Rule(
        "Length",
        "Over how many updates the schedule runs",
        1,
        10**9,
        False,
        True,
        unit="updates",
        default=1000,
    ),
    "warmup": Rule(
        "Warm-up", "How many updates the way up takes", 1, 10**9, False, True, unit="updates", default=100
    ),
    "start": Rule("Start", "Which share of η the warm-up starts from", 0, 1, True, default=1 / 3),
    "minimum": Rule("Minimum η", "Where the learning rate ends", 0, 1000, default=0.0),
    "peak": Rule("Peak", "After which share of the run the learning rate is largest", 0, 1, default=0.3),
    "rise": Rule("Rise", "By what η is divided to give the first learning rate", 1, 1e9, default=25.0),
    "fall": Rule("Fall", "By what the first learning rate is divided to give the last", 1, 1e12, default=1e4),
    "l1": Rule("L1 λ₁", "Adds λ₁ Σ|w| to the loss: drives small weights to zero", 0, 1000, default=0.0),
    "l2": Rule("L2 λ₂", "Adds ½ λ₂ Σw² to the loss: keeps weights small", 0, 1000, default=0.0),
    "weight_decay": Rule(
        "Weight decay λ", "Shrinks every weight by the factor 1 − η λ in each update", 0, 1000, default=0.0
    ),
    "clip_norm": Rule(
        "Clip norm", "Scales the gradient down when its norm is larger than this", 0, 1e9, True, default=1.0
    ),
    "clip_value": Rule(
        "Clip value", "Holds every number of the gradient between ± this", 0, 1e9, True, default=1.0
    ),
    "accumulate": Rule(
        "Gather",
        "How many batches' gradients are averaged for one update",
        1,
        100_000,
        False,
        True,
        default=1,
    ),
    "precision": Rule(
        "Precision",
        "What numbers the training computes with",
        choices=tuple(PRECISIONS),
        default="float64",
    ),
    "initial": Rule(
        "Loss scale",
        "What errors are multiplied by at first in mixed precision, a power of two",
        1,
        2**24,
        integer=True,
        default=int(LossScale().initial),
    ),
    "grow_after": Rule(
        "Grow after",
        "After how many good steps in a row the loss scale is doubled",
        1,
        10**6,
        False,
        True,
        unit="steps",
        default=LossScale().grow_after,
    ),
    "device": Rule("Device", "What the training computes on", choices=tuple(DEVICES), default="cpu"),
    "sparse_inputs": Rule(
        "Sparse inputs",
        "Whether weights of inputs that are zero in a whole batch are left alone and cost no work",
        default=False,
    ),
    "top_k": Rule(
        "Top-k share",
        "Which share of the gradient's numbers, the largest, an update uses; the rest is held back for later",
        0,
        1,
        exclusive=True,
        default=0.1,
    ),
    "checkpoint": Rule(
        "Segments",
        "In how many segments the layers take turns in the same memory: the activations of one are written "
        "over by the next, and worked out again on the way back: the same numbers in a longer step",
        1,
        64,
        integer=True,
        word=AUTO_SEGMENTS,
        default=1,
    ),
    "micro_batches": Rule(
        "Micro-batches",
        "In how many parts a batch is computed at the same time, on as many processors as there are: "
        "it gains time only where layers are wide and batches large",
        1,
        64,
        integer=True,
        unit="parts",
        default=1,
    ),
    "input_noise": Rule(
        "Input noise σ",
        "Standard deviation of noise added to every input, anew in every step",
        0,
        10,
        unit="the features' units",
        default=0.0,
    ),
    "patience": Rule(
        "Patience",
        "After how many epochs without a better loss the run stops",
        1,
        10**6,
        False,
        True,
        unit="epochs",
        default=10,
    ),
    "min_delta": Rule("Least gain", "By how much a loss must be lower to be better", 0, 1e6, default=0.0),
    "restore_best": Rule(
        "Restore the best", "Whether the parameters of the best epoch come back in the end", default=True
    ),
    "validation": Rule(
        "Validation",
        "Which share of the samples is kept out of the training, to judge it by",
        0,
        0.9,
        default=0.0,
    ),
    "batch_size": Rule(
        "Batch size",
        "How many samples a step averages over; more than the set has means all of it",
        1,
        100_000,
        integer=True,
        unit="samples",
        default=1,
    ),
    "shuffle": Rule("Shuffle", "Whether every epoch visits the samples in a new random order", default=False),
    "seed": Rule(
        "Seed",
        "Where the random numbers start; the same seed repeats a run bit for bit",
        0,
        2**31 - 1,
        integer=True,
        default=0,
    ),
}
