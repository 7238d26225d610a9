"""Worked solutions: complete, in both notations, in every text format, for every kind of network."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from deltaglow.engine import Frame
from deltaglow.explain.derivation import derive
from deltaglow.explain.pieces import uncoloured
from deltaglow.explain.solution import Choices, Sheet, SolutionError, worked_solution
from deltaglow.explain.solution.html import html
from deltaglow.explain.solution.latex import latex, prose
from deltaglow.explain.solution.markdown import markdown
from deltaglow.explain.solution.sheet import Block, Equation, Heading, Paragraph, Table
from deltaglow.model import build, examples
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity


def solved(name: str, steps: int = 1, **choices: object) -> tuple[Sheet, list[Frame]]:
    project = examples.load(name)
    trainer = build.trainer(project)
    frames = [trainer.step(capture=True) for _ in range(steps)]
    return worked_solution(project, [f for f in frames if f], Choices(**choices)), [f for f in frames if f]


def written(block: Block) -> str:
    match block:
        case Heading() | Paragraph():
            return block.text
        case Equation():
            return " ".join([block.left.text, *(right.text for right in block.rights)])
        case Table():
            cells = itertools.chain(block.header, *block.rows)
            return " | ".join(cell if isinstance(cell, str) else cell.text for cell in cells)


def text(sheet: Sheet) -> str:
    return "\n".join(map(written, sheet.blocks))


def test_the_worked_example_is_solved_whole_in_its_own_notation() -> None:
    sheet, _ = solved("worked-example")
    said = text(sheet)
    for line in (
        "z⁽¹⁾ = w₁ x₁ + w₂ x₂ + w₃ x₃ + b⁽¹⁾₁ = 0.200·1 + (−0.300)·2 + 0.400·(−1) + 0.500 = −0.300",
        "z⁽⁴⁾ = w₈ a⁽¹⁾ + w₁₀ a⁽²⁾ + b⁽²⁾₂ = −0.100·0.426 + 0.200·0.500 + 0.100 = 0.157",
        "ŷ₁ = exp(z⁽³⁾) / Σⱼ exp(z⁽ʲ⁾) = e^s₁ / S = 1.000 / 1.763 = 0.567",
        "L = −Σⱼ yⱼ ln ŷⱼ = −y₁ ln ŷ₁ = −1·ln(0.567) = 0.567",
        "δ⁽³⁾ = ŷ₁ − y₁ = 0.567 − 1 = −0.433",
        "= (0.300·(−0.433) + (−0.100)·0.433)·0.244 = −0.0423",
        "w₈⁺ = w₈ − η ∂L/∂w₈ = −0.100 − 0.1·0.184 = −0.118",
        "Why so simple",
        "after it | 0.5137",
    ):
        assert line in said
    for n in range(1, 11):
        name = "w" + "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(n))
        assert f"∂L/∂{name} = " in said
        assert f"{name}⁺ = " in said
    told = ". The printed example "
    slips = [line.split(told)[0].strip("> ") for line in said.splitlines() if told in line]
    assert slips == ["z⁽⁴⁾", "∂L/∂w₇", "∂L/∂w₉", "∂L/∂b⁽²⁾₁", "∂L/∂w₁", "∂L/∂w₄", "η"]


def test_index_notation_says_what_the_texts_names_are() -> None:
    sheet, _ = solved("worked-example", notation="index")
    said = text(sheet)
    assert "z⁽²⁾₂ = w⁽²⁾₂₁ a⁽¹⁾₁ + w⁽²⁾₂₂ a⁽¹⁾₂ + b⁽²⁾₂" in said
    assert "w₈ is w⁽²⁾₂₁" in said
    assert "w⁽²⁾₂₁⁺ = w⁽²⁾₂₁ − η ∂L/∂w⁽²⁾₂₁" in said


def test_unnamed_weights_are_numbered_through_if_asked() -> None:
    sheet, _ = solved("xor", notation="named")
    names = {int(n) for n in re.findall(r"w_\{(\d+)\}", "".join(rights(sheet)))}
    network = examples.load("xor").network
    sizes = network.sizes
    assert names == set(range(1, sum(a * b for a, b in itertools.pairwise(sizes)) + 1))


def rights(sheet: Sheet) -> list[str]:
    return [right.latex for block in sheet.blocks if isinstance(block, Equation) for right in block.rights]


@pytest.mark.parametrize("name", examples.names())
def test_every_example_is_written_in_every_format_without_colours(name: str) -> None:
    sheet, (frame,) = solved(name)
    page, source, marked = html(sheet), latex(sheet), markdown(sheet)
    for made in (page, source, marked):
        assert "textcolor" not in made
        assert "nan" not in re.findall(r"\w+", made)
    assert balanced(page)
    assert not re.search(r"(src|href)\s*=|@import|url\(", page), "nothing is fetched"
    assert source.count(r"\begin{") == source.count(r"\end{")
    assert marked.count("\n$$\n") % 2 == 0
    assert len(page) < 400_000, "a few pages"
    assert f"Forward, layer {len(frame.layers)}" in page


def balanced(page: str) -> bool:
    """Whether every element of the page is closed where it should be."""
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "mspace"):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in ("meta", "mspace"):
                assert opened.pop() == tag

    Reader().feed(page)
    return not opened


@pytest.mark.parametrize("name", ["adam", "adamw", "rmsprop", "momentum", "nesterov", "adagrad"])
def test_what_lies_between_gradient_and_update_is_worked_out(name: str) -> None:
    project = examples.load("worked-example")
    optimizer = type(project.training.optimizer)(name, 0.1)
    project = replace(project, training=replace(project.training, optimizer=optimizer))
    frame = build.trainer(project).step(capture=True)
    assert frame is not None
    sheet = worked_solution(project, [frame], Choices())
    lefts = [block.left.text for block in sheet.blocks if isinstance(block, Equation)]
    between = {"momentum": ["v(w₁)"], "nesterov": ["v(w₁)"], "rmsprop": ["v(w₁)", "r(w₁)"]}
    between |= {"adagrad": ["v(w₁)", "r(w₁)"]}
    wanted = [*between.get(name, ["m(w₁)", "m̂(w₁)", "v(w₁)", "v̂(w₁)", "r(w₁)"]), "w₁⁺"]
    places = [lefts.index(left) for left in wanted]
    assert places[-1] == max(places), "the update comes last"


def test_the_loss_after_is_that_of_the_same_batch_with_the_new_parameters() -> None:
    project = examples.load("worked-example")
    trainer = build.trainer(project)
    first, second = trainer.step(capture=True), trainer.step(capture=True)
    assert first is not None
    assert second is not None
    said = text(worked_solution(project, [first], Choices()))
    assert f"after it | {second.loss:.4f}" in said


def test_several_samples_and_steps() -> None:
    sheet, frames = solved("blobs", steps=2, samples=None)
    said = text(sheet)
    for row in range(min(frames[0].samples, 32)):
        assert said.count(f"Loss, sample ⟨{row + 1}⟩") == 2
    assert "The steps together" in said
    with pytest.raises(SolutionError, match="step 0 has no sample 900"):
        solved("blobs", samples=(899,))


def test_depth_is_obeyed() -> None:
    brief, auto, full = (len(solved("iris", depth=depth)[0].blocks) for depth in ("brief", "auto", "full"))
    assert brief <= auto < full


def test_a_step_that_is_not_finite_is_refused() -> None:
    project, frame = _exploded()
    with pytest.raises(SolutionError, match="step 0 ends in a number that is not finite"):
        worked_solution(project, [frame], Choices())


def _exploded() -> tuple[Project, Frame]:
    project = examples.load("worked-example")
    frame = build.trainer(project).preview()
    return project, replace(frame, theta_after=frame.theta_after * math.inf)


def test_prose_becomes_latex() -> None:
    assert prose("δ of w₁₀ & 5 %") == r"\ensuremath{\delta} of w\ensuremath{_{10}} \& 5 \%"
    assert prose("x̂ − η") == r"\ensuremath{\hat{x}} \ensuremath{-} \ensuremath{\eta}"


def test_a_title_in_any_script_compiles_under_pdftex() -> None:
    sheet = Sheet("訓練 & test_1", "", (Paragraph("ж"),))
    source = latex(sheet)
    assert r"\DeclareUnicodeCharacter{8A13}" in source
    assert r"\DeclareUnicodeCharacter{0436}" in source
    assert r"test\_1" in source


def test_colours_go_and_braces_that_matter_stay() -> None:
    assert uncoloured(r"\textcolor{delta}{a}^{2}") == "{a}^{2}"
    assert uncoloured(r"\ln\textcolor{y_hat}{y}") == r"\ln{y}"
    assert uncoloured(r"\frac{\textcolor{text}{a_{1}}}{2}") == r"\frac{a_{1}}{2}"
    project = examples.load("worked-example")
    frame = build.trainer(project).preview()
    for kind, index in (("dW", (0, 0)), ("delta", (0,)), ("slope", (0,))):
        for line in derive(project, frame, Quantity(kind, 1, index)).numeric:
            plain = uncoloured(line)
            assert "textcolor" not in plain
            assert plain.count("{") == plain.count("}")
