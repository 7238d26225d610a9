"""The two notations of a worked solution: by layer and unit, or with names as a textbook gives them."""

import re
from dataclasses import replace
from itertools import accumulate, count

from deltaglow.explain.pieces import Label
from deltaglow.explain.symbols import subscript, superscript
from deltaglow.model.project import Layer, Project

_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUB = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LETTERS = {"ᵢ": "ⁱ", "ⱼ": "ʲ"}
_LATEX = re.compile(
    r"(?P<letter>(?<![a-z])[zam]|\\delta|\\hat\{x\}|\\mu|\\sigma)"
    r"\^\{\((?P<layer>\d+)\)(?P<row>\\langle \d+\\rangle)?\}_\{(?P<unit>\d+|[a-z])\}"
)
_TEXT = re.compile(r"(?P<letter>x̂|[zamδμσ])⁽(?P<layer>[⁰¹²³⁴-⁹]+)⁾(?P<row>⟨\d+⟩)?(?P<unit>[₀-₉]+|[ᵢⱼ])")


class Notation:
    """How a project's numbers are written in one solution.

    named: with the project's names, those without one numbered through in reading order (w₁, w₂ …), and units
    numbered through from the first hidden one, z⁽¹⁾ to z⁽⁴⁾; else by layer and unit, w⁽²⁾₁₂. `project` is the
    project with its parameters named so.
    """

    def __init__(self, project: Project, choice: str = "") -> None:
        self.named = choice == "named" or (choice != "index" and has_names(project))
        layers = _numbered(project) if self.named else [_nameless(each) for each in project.network.layers]
        self.project = replace(project, network=replace(project.network, layers=tuple(layers)))
        self._before = [0, *accumulate(layer.units for layer in layers)]

    def __call__(self, found: Label) -> Label:
        """A formula, written by layer and unit, in this notation."""
        if not self.named:
            return found
        return Label(_LATEX.sub(self._latex, found.latex), _TEXT.sub(self._text, found.text))

    def words(self) -> str:
        """One sentence on how to read it."""
        if not self.named:
            return (
                "w⁽ᵏ⁾ⱼᵢ is the weight from unit i of the layer before to unit j of layer k; b⁽ᵏ⁾ⱼ is that "
                "unit's bias, z⁽ᵏ⁾ⱼ its sum, a⁽ᵏ⁾ⱼ its activation and δ⁽ᵏ⁾ⱼ its error ∂L/∂z."
            )
        last = len(self._before) - 2
        counted = f"hidden units are 1 to {self._before[last]}, outputs" if last else "the outputs are"
        return (
            f"Units are numbered through: {counted} {self._before[last] + 1} to {self._before[-1]}. z⁽ⁿ⁾ is "
            "the sum of unit n, a⁽ⁿ⁾ its activation and δ⁽ⁿ⁾ its error ∂L/∂z. A bias b⁽ᵏ⁾ⱼ is that of unit j "
            "in layer k: each unit learns its own."
        )

    def _latex(self, match: re.Match[str]) -> str:
        unit = match["unit"]
        if unit.isdecimal():
            unit = str(self._before[int(match["layer"]) - 1] + int(unit))
        return rf"{match['letter']}^{{({unit}){match['row'] or ''}}}"

    def _text(self, match: re.Match[str]) -> str:
        layer, unit = int(match["layer"].translate(_SUPER)), match["unit"].translate(_SUB)
        number = _LETTERS.get(unit) or superscript(self._before[layer - 1] + int(unit))
        return f"{match['letter']}⁽{number}⁾{match['row'] or ''}"


def has_names(project: Project) -> bool:
    """Whether the project names any of its weights."""
    return any(name for layer in project.network.layers for row in layer.names_W or () for name in row)


def in_index(project: Project) -> list[tuple[str, str]]:
    """Each name that the project gives a weight, and how it is written by layer and unit."""
    return [
        (_written(name), f"w⁽{superscript(k)}⁾{subscript(j + 1)}{subscript(i + 1)}")
        for k, layer in enumerate(project.network.layers, start=1)
        for j, row in enumerate(layer.names_W or ())
        for i, name in enumerate(row)
        if name
    ]


def _written(name: str) -> str:
    match = re.fullmatch(r"([A-Za-z])_?([0-9]+)", name)
    return match[1] + subscript(int(match[2])) if match else name


def _nameless(layer: Layer) -> Layer:
    return replace(layer, names_W=None, names_b=None)


def _numbered(project: Project) -> list[Layer]:
    """The layers with a name for every weight of a dense one: its own, or the next number that is free."""
    layers = project.network.layers
    taken = {name for layer in layers for row in layer.names_W or () for name in row}
    free = (name for name in (f"w{n}" for n in count(1)) if name not in taken)
    made, before = [], project.network.inputs
    for layer in layers:
        if layer.part is None:
            own = layer.names_W or (("",) * before,) * layer.units
            names = tuple(tuple(name or next(free) for name in row) for row in own)
            made.append(replace(layer, names_W=names))
        else:
            made.append(layer)
        before = layer.units
    return made
