"""The words beside the heading of a history plot: what its lines are, or what they say under the pointer."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from deltaglow.model.quantity import KINDS, AddressError, parse

from .curve_words import said_by_all, value_at
from .orders import entries, in_order
from .readout import Entry
from .run_colours import run_color, run_sign
from .scales import step_words
from .versus import other, titles

if TYPE_CHECKING:
    from deltaglow.session.lab import Lab
    from deltaglow.ui.theme import Theme

    from .chart import Chart
    from .history_plot import HistoryPlot

GAP = "&nbsp;&nbsp;"


def tinted(column: str, text: str, colour: str) -> str:
    """Rich text in a curve's colour; a link that explains the number where the column is an address."""
    style = f"color:{colour}; text-decoration:none"
    if column.partition("[")[0] in KINDS:
        return f'<a href="{column}" style="{style}">{text}</a>'
    return f'<span style="{style}">{text}</span>'


def lead(lab: Lab, address: str) -> None:
    """Explain the number of the step shown whose curve was pressed."""
    try:
        lab.select(parse(address))
    except AddressError:
        return  # the curve is of a network that was edited since: there is no such number now


def told(plot: HistoryPlot, lab: Lab, chart: Chart | None, step: int) -> tuple[str, list[Entry]]:
    """At the step under the pointer: the words, and what has no room among them."""
    columns, parts = plot.drawn_columns, [step_words(step, plot.across, chart)]
    if chart is not None and len(chart.overlaid):
        branch = other(lab)
        runs = [lab.branches.here.title, *([] if branch is None else [branch.title])]
        names = [plot.readout_label(column) or plot.short_label(column) for column in columns]
        said = said_by_all(plot.pyramid, chart, step, names, runs)
        return parts[0], entries(in_order(said, plot.order, chart.pointed_at))
    values = [value_at(plot.pyramid, chart, n, step, plot.sparse(c)) for n, c in enumerate(columns)]
    names = [plot.readout_label(column) for column in columns]
    for column, name, value in zip(columns, names, values, strict=True):
        parts.append(plot.tinted(column, f"{name}: {value}" if name else value))
    plain = " ".join([parts[0], *(f"{n}: {v} " for n, v in zip(names, values, strict=True))])
    if not plot.too_long(plain):
        return GAP.join(parts), []
    return parts[0], [
        (name or plot.label(column), value, plot.colour(column))
        for column, name, value in zip(columns, names, values, strict=True)
    ]


def legend(plot: HistoryPlot, lab: Lab, theme: Theme, chart: Chart | None) -> str:
    """What the lines are, and what they say at the step shown, as far as there is room."""
    columns = plot.drawn_columns
    names = _fitting(plot, chart)
    parts = [plot.tinted(column, n) for column, n in zip(columns, names, strict=True)]
    if chart is not None and len(chart.overlaid):
        return _of_runs(plot, lab, theme, chart)
    runs = titles(lab)
    if runs:
        parts = [escape(titles(lab, short=True) if plot.too_long(runs) else runs)]
    elif chart is not None and len(chart.seeds) and lab.band is not None:
        said = f"band: {len(lab.band.seeds)} seeds"
        parts = [said] if plot.too_long("  ".join([*names, said])) else [*parts, said]
    elif plot.too_long("  ".join(names)):
        if not plot.too_long(" ".join(names)):
            return "&nbsp;".join(parts)
        return GAP.join([parts[0], "…", parts[-1]])
    return GAP.join(parts)


def _fitting(plot: HistoryPlot, chart: Chart | None) -> list[str]:
    """The names of the lines with their numbers, or else without, or else short ones."""
    columns = plot.drawn_columns
    ways = plot.label, plot.short_label, plot.readout_label
    long, short, shortest = ([name(column) for column in columns] for name in ways)
    choices, last = [long], len(plot.pyramid) - 1
    if chart is not None and last >= 0:
        step = plot.step_shown if plot.step_shown >= 0 else last
        values = [value_at(plot.pyramid, chart, n, step, plot.sparse(c)) for n, c in enumerate(columns)]
        choices = [*(_beside(names, values) for names in (long, short, shortest)), long]
    return next((names for names in choices if not plot.too_long("  ".join(names))), short)


def _beside(names: list[str], values: list[str]) -> list[str]:
    return [f"{name} {value}".strip() for name, value in zip(names, values, strict=True)]


def _of_runs(plot: HistoryPlot, lab: Lab, theme: Theme, chart: Chart) -> str:
    """Which colour is which run, as far as there is room to say so."""
    drawn, columns = chart.overlaid.runs, plot.drawn_columns
    own = f"━ {lab.branches.here.title}"
    for words in ([f"{run_sign(run.number)} {run.title}" for run in drawn], [run.short for run in drawn]):
        if not plot.too_long("  ".join([own, *words])):
            tinted = [
                f'<span style="color:{run_color(theme, run.number).name()}">{escape(word)}</span>'
                for run, word in zip(drawn, words, strict=True)
            ]
            return GAP.join([plot.tinted(columns[0], escape(own)), *tinted])
    return f"{len(drawn) + 1} runs"
