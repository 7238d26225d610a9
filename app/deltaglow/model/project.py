"""The project: what a person edits, saves and opens. Frozen; every edit makes a new one.

Arrays in a project are float64 (masks bool), C-ordered and read-only, so a project can be shared with a
worker thread, kept in an undo history and compared without fear that somebody writes into it. Edit with
`dataclasses.replace`. These classes only hold values; `deltaglow.model.validate` judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from deltaglow.engine import Clip, EarlyStopping, LossScale, LossSpec
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Part, Skip, frozen, same
from deltaglow.model.run_state import RunState

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Names = tuple[tuple[str, ...], ...]
Settings = tuple[tuple[str, float], ...]
"""Those settings of a rule that are chosen, by name and in its order; the others are the rule's own."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: dense, z = a_before Wᵀ + b and a = φ(z), unless `part` makes it another kind.

    units: how many, (units,) is the shape of b and W is (units, units of the layer before).
    activation: φ, a key of the engine's ACTIVATIONS.
    init: how W is drawn when it is not given, a key of the engine's INITIALIZERS; b then starts at zero.
    gain: what the drawn weights are multiplied by, or "auto" for the activation's own.
    constant: the weight that the rule "constant" gives.
    W, b: the parameters before the first step, or None.
    mask: True where a connection exists, the shape of W, or None for all of them.
    names_W, names_b: what a text calls the parameters ("w7"), of the shapes of W and b; "" for no name.
    part: what makes it batch normalisation, dropout or a convolution. skip: a connection around layers that
    ends in this one, which must be dense. frozen: training leaves its parameters as they are; frozen_W,
    frozen_b: True for single ones, of the shapes of W and b. name, unit_names: what people call the layer and
    each of its units, "" for nothing.
    """

    units: int
    activation: str = "identity"
    init: str = "xavier_normal"
    W: Array | None = None
    b: Array | None = None
    mask: Mask | None = None
    names_W: Names | None = None
    names_b: tuple[str, ...] | None = None
    gain: float | str = 1.0
    constant: float = 0.1
    part: Part | None = None
    skip: Skip | None = None
    frozen: bool = False
    frozen_W: Mask | None = None
    frozen_b: Mask | None = None
    name: str = ""
    unit_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("W", "b", "mask", "frozen_W", "frozen_b"):
            values = getattr(self, name)
            if values is not None:
                dtype = np.float64 if name in ("W", "b") else np.bool_
                object.__setattr__(self, name, frozen(values, dtype))
        if self.names_W is not None:
            object.__setattr__(self, "names_W", _tuples(self.names_W))
        if self.names_b is not None:
            object.__setattr__(self, "names_b", tuple(self.names_b))

    @property
    def type(self) -> str:
        """The kind of layer, as the file format calls it."""
        return "dense" if self.part is None else TYPES[type(self.part)]

    def _plain(self) -> tuple[object, ...]:
        start = (self.init, self.gain, self.constant)
        named = (self.names_W, self.names_b, self.name, self.unit_names)
        return (self.units, self.activation, start, *named, self.part, self.skip, self.frozen)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        return (
            self._plain() == other._plain()
            and same(self.W, other.W)
            and same(self.b, other.b)
            and same(self.mask, other.mask)
            and same(self.frozen_W, other.frozen_W)
            and same(self.frozen_b, other.frozen_b)
        )

    def __hash__(self) -> int:
        return hash(self._plain())


TYPES: dict[type, str] = {BatchNorm: "batch_norm", Dropout: "dropout", Conv1d: "conv1d"}
"""The kinds of layer beside dense: what makes them → their name in the file format."""


def _tuples(rows: Iterable[Iterable[str]]) -> Names:
    return tuple(tuple(row) for row in rows)


@dataclass(frozen=True)
class NetworkSpec:
    """The network's shape: `inputs` features, then the layers; the last one's activations are the logits,
    which the loss makes the outputs of. input_names: what people call the inputs, "" for nothing.
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: LossSpec = field(default_factory=LossSpec)
    input_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))

    @property
    def outputs(self) -> int:
        """How many numbers the network gives, one a class or label: the units of the last layer."""
        return self.layers[-1].units

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every column, the input first: (3, 2, 2) for the worked example."""
        return (self.inputs, *(layer.units for layer in self.layers))

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change: every weight and every bias."""
        return sum(map(self.parameters_of, range(1, len(self.layers) + 1)))

    @property
    def channels(self) -> tuple[int, ...]:
        """Into how many channels every column's units fall, the input first."""
        found = [1]
        for layer in self.layers:
            match layer.part:
                case Conv1d():
                    found.append(layer.part.channels)
                case None:
                    found.append(1)
                case _:
                    found.append(found[-1])
        return tuple(found)

    def in_channels(self, k: int) -> int:
        """How many channels the convolution that is layer k (from 1) looks at."""
        part = self.layers[k - 1].part
        given = part.in_channels if isinstance(part, Conv1d) else None
        return self.channels[k - 1] if given is None else given

    def parameters_of(self, k: int) -> int:
        """How many parameters layer k (from 1) has."""
        layer, sizes = self.layers[k - 1], self.sizes
        match layer.part:
            case BatchNorm():
                return 2 * layer.units
            case Dropout():
                return 0
            case Conv1d():
                return layer.part.channels * (layer.part.kernel * self.in_channels(k) + 1)
        around = sizes[layer.skip.source] if layer.skip is not None and layer.skip.projection else 0
        return layer.units * (sizes[k - 1] + 1 + around)


@dataclass(frozen=True, eq=False)
class InlineData:
    """Samples kept in the project itself: x is (N, features), y is (N, outputs).

    features, classes: what the columns of x and y are called, where they have names. picture: rows and
    columns, where the features are the pixels of one, row by row.
    """

    x: Array
    y: Array
    features: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    picture: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", frozen(self.x, np.float64))
        object.__setattr__(self, "y", frozen(self.y, np.float64))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InlineData):
            return NotImplemented
        named = (self.features, self.classes) == (other.features, other.classes)
        return named and self.picture == other.picture and same(self.x, other.x) and same(self.y, other.y)

    def __hash__(self) -> int:
        return hash((self.x.shape, self.y.shape, self.features, self.classes))


@dataclass(frozen=True)
class BuiltinData:
    """A built-in set, drawn anew from its seed: `name` is a key of deltaglow.data.DATASETS.

    noise is a standard deviation in the units of the features, or of a stored set in units of each feature's
    own deviation; classes None means the set's own number. balance: see `deltaglow.data.drawing.shares`.
    """

    name: str
    samples: int
    noise: float = 0.0
    classes: int | None = None
    seed: int = 0
    balance: float = 1.0


@dataclass(frozen=True)
class Preparation:
    """How features become inputs: scaled, then followed by the features engineered from them.

    scale: a key of SCALINGS. features: keys of FEATURES, in its order.
    """

    scale: str = "none"
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Optimizer:
    """How a gradient becomes a step. learning_rate is η, per unit of gradient.

    settings: of those that the engine's optimiser of this name takes, the ones that are chosen.
    """

    name: str = "sgd"
    learning_rate: float = 0.1
    settings: Settings = ()


@dataclass(frozen=True)
class Schedule:
    """How η changes from update to update: a key of the engine's SCHEDULES, with the settings chosen."""

    name: str = "constant"
    settings: Settings = ()


@dataclass(frozen=True)
class Training:
    """How samples are fed: batch_size rows a step, in their order or a new one each epoch, all from seed.

    l1, l2: penalties on the weights. weight_decay: decoupled; None is the optimiser's own. accumulate:
    batches averaged for one update. top_k: the share of a gradient's numbers that an update uses, None for
    all of them. sparse_inputs: weights of inputs that are zero in a whole batch cost no work. checkpoint: in
    how many segments the layers share the memory of their activations, or "auto". micro_batches: parts of a
    batch computed at the same time. noise: σ of the noise added to the inputs. precision, device: keys of the
    engine's PRECISIONS and DEVICES. loss_scale: how errors are scaled in mixed precision; None for the usual.
    """

    optimizer: Optimizer = field(default_factory=Optimizer)
    batch_size: int = 1
    shuffle: bool = False
    seed: int = 0
    schedule: Schedule = field(default_factory=Schedule)
    l1: float = 0.0
    l2: float = 0.0
    weight_decay: float | None = None
    clip: Clip | None = None
    accumulate: int = 1
    top_k: float | None = None
    sparse_inputs: bool = False
    checkpoint: int | str = 1
    micro_batches: int = 1
    noise: float = 0.0
    early_stopping: EarlyStopping | None = None
    precision: str = "float64"
    loss_scale: LossScale | None = None
    device: str = "cpu"


@dataclass(frozen=True)
class Validation:
    """The samples that are kept out of the training: a `fraction` of all, picked at random from `seed`."""

    fraction: float
    seed: int = 0


@dataclass(frozen=True)
class Project:
    """A whole laboratory bench: network, data, training and a title to show.

    state: where the run stood that the parameters are of, as files keep it; None for the start of a run. It
    is bound to the rest: whoever edits a project takes it away first.
    """

    network: NetworkSpec
    data: InlineData | BuiltinData
    training: Training = field(default_factory=Training)
    title: str = ""
    validation: Validation | None = None
    preparation: Preparation = field(default_factory=Preparation)
    state: RunState | None = None


Change = Callable[[Project], Project]
"""An edit: from a project to a project."""


def unchanged(project: Project) -> Project:
    """The edit that does nothing."""
    return project
