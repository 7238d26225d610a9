"""Numbers that a step does not compute but finds: inputs, targets, parameters, the learning rate."""

from deltaglow.engine import INITIALIZERS, Start, gain_of
from deltaglow.explain.context import Context
from deltaglow.explain.numbers import plain, show
from deltaglow.explain.parts import Derivation
from deltaglow.model.parts import BatchNorm
from deltaglow.model.project import BuiltinData, Preparation
from deltaglow.model.quantity import Quantity
from deltaglow.model.samples import prepared


def x(ctx: Context, q: Quantity) -> Derivation:
    """One input feature of one sample."""
    noise = f", with noise of σ = {plain(ctx.frame.noise).text} added" if ctx.frame.noise else ""
    given = _given_by_data(ctx) + _prepared(ctx, q.index[0])
    return ctx.derivation(q, f"Input {q.index[0] + 1}", given + noise, ())


def _prepared(ctx: Context, i: int) -> str:
    """How the sample's features became input i, where they did not stay as they are."""
    chosen = ctx.project.preparation
    if chosen == Preparation() and not isinstance(ctx.project.data, BuiltinData):
        return ""
    made = prepared(ctx.project)
    name = made.dataset.feature_names[i]
    if i >= made.raw.x.shape[1]:
        return f": {name}, made of its features"
    if chosen.scale == "none":
        return "" if name.startswith("x") else f": its {name}"
    raw = made.raw.x[ctx.frame.rows[ctx.row], i]
    shift, span = (show(float(each[i]), 6).text for each in (made.scaling.shift, made.scaling.span))
    formula = f"({plain(float(raw)).text} − {shift}) / {span}"
    return f": its {name}, {plain(float(raw)).text}, scaled, {formula}"


def y(ctx: Context, q: Quantity) -> Derivation:
    """One entry of a sample's target."""
    number = ctx.value(q)
    meaning = (
        "the sample's class"
        if number == 1.0
        else "not the sample's class"
        if number == 0.0
        else "a soft target"
    )
    name = prepared(ctx.project).raw.class_names[q.index[0]]
    if isinstance(ctx.project.data, BuiltinData) and number in (0.0, 1.0):
        meaning = f"{name} is {meaning}"
    return ctx.derivation(
        q, f"The target of {ctx.unit(ctx.depth, q.index[0])}", f"{_given_by_data(ctx)}: {meaning}", ()
    )


def weight(ctx: Context, q: Quantity) -> Derivation:
    """A weight before the step."""
    k, (j, i) = q.layer or 1, q.index
    title = f"The weight {ctx.symbol(q)}"
    route = f"from {ctx.unit(k - 1, i)} to {ctx.unit(k, j)}"
    kind = ctx.layer(k).kind
    if kind == "dropout":
        return ctx.derivation(q, title, f"{route}: dropout has no weights, it passes a unit on or not", ())
    if not ctx.connected(k, j, i):
        if kind != "dense":
            return ctx.derivation(q, title, f"{route}, where there is no connection", ())
        return ctx.derivation(q, title, f"{route}, a deleted connection: exactly zero, and it stays zero", ())
    layer = ctx.project.network.layers[k - 1]
    initial = "given in the project" if layer.W is not None else _initialiser(ctx, k)
    if isinstance(layer.part, BatchNorm):
        title = f"γ of {ctx.unit(k, j)}"
        initial = "1" if layer.part.gamma is None else "given in the project"
        route = "the learnt scale of what is normalised"
    elif kind == "conv1d":
        route += ", shared by every position of the kernel"
    return ctx.derivation(q, title, f"{route}; {_origin(ctx, initial)}", ())


def bias(ctx: Context, q: Quantity) -> Derivation:
    """A bias before the step."""
    k = q.layer or 1
    layer = ctx.project.network.layers[k - 1]
    initial = "given in the project" if layer.b is not None else "biases start at zero"
    if isinstance(layer.part, BatchNorm):
        initial = "0" if layer.part.beta is None else "given in the project"
        return ctx.derivation(q, f"β of {ctx.unit(k, q.index[0])}", _origin(ctx, initial), ())
    return ctx.derivation(q, f"The bias of {ctx.unit(k, q.index[0])}", _origin(ctx, initial), ())


def learning_rate(ctx: Context, q: Quantity) -> Derivation:
    """η."""
    return ctx.derivation(
        q, "The learning rate", "how far one step goes against the gradient; set by you", ()
    )


def _given_by_data(ctx: Context) -> str:
    row = int(ctx.frame.rows[ctx.row]) + 1
    data = ctx.project.data
    name = f"the {data.name} data set" if isinstance(data, BuiltinData) else "the data set"
    return f"given by sample {row} of {name}"


def _origin(ctx: Context, initial: str) -> str:
    step = ctx.frame.step
    return initial if step == 0 else f"left by the update of step {step - 1}; at the start {initial}"


def _initialiser(ctx: Context, k: int) -> str:
    rule = INITIALIZERS[ctx.project.network.layers[k - 1].init]
    layer = ctx.project.network.layers[k - 1]
    if layer.init == "constant":
        return f"the constant {plain(layer.constant).text}, as every weight of the layer"
    factor = gain_of(Start(layer.init, layer.gain), layer.activation)
    times = "" if factor == 1.0 else f", times {show(factor, 4).text}"
    return f"drawn at random: {rule.label} ({rule.formula}){times}"
