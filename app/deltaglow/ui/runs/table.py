"""The table of runs: settings and results of all of them, sorted, let through by words, and drawn as
parallel coordinates or as dots.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.model import atomic
from deltaglow.session.lab import Lab
from deltaglow.session.run_table import RESULTS, SECONDS, STEPS, RunRow, RunTable
from deltaglow.ui.clock import FrameClock
from deltaglow.ui.plots.card import MEANS
from deltaglow.ui.plots.export import Cell, Table
from deltaglow.ui.plots.picture import Picture
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.segments import Choice, Segments

from .parallel import ParallelPlot
from .scatter import ScatterPlot
from .table_model import NAME as RUN
from .table_model import RunFilter, RunModel

NAME = "table of runs"
TITLE = "Table of runs"
ALWAYS = ("Layers", "Optimiser", "Learning rate η", "Batch size", "Seed")
"""Settings that are shown also where all runs have the same."""
VIEWS = (
    Choice("table", "A row for each run; press a heading to sort by it", ""),
    Choice("parallel", "An axis for each column that is shown, a line for each run", ""),
    Choice("scatter", "Each result against each column, a dot for each run", ""),
)
ALONE = (
    "There is one run yet. Go back to a step and change something, or repeat the run over seeds"
    " (Ctrl+Shift+R): each run is a row here."
)


class RunTableDialog(QDialog):
    """It stays open beside the window and follows it."""

    def __init__(self, parent: QWidget, lab: Lab, theme: Theme, clock: FrameClock) -> None:
        super().__init__(parent)
        self._lab, self._theme = lab, theme
        self._runs = RunTable(lab)
        self._wanted: dict[str, bool] = {}
        """Columns that somebody has chosen, or does not want."""
        self._wrong = ""
        """What is wrong with the filter as a regular expression."""
        self.setObjectName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(TITLE)
        self.resize(1080, 560)
        self.model = RunModel(lab.overlays, theme, self)
        self.model.ticked.connect(self._on_ticked)
        self.shown = RunFilter(self.model)
        self.empty = label(ALONE, "muted", wrap=True)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Only runs with… (words, or a regular expression)")
        self.filter.setToolTip(
            "Lets runs through whose name or a column of which matches: adam, Run [23], rate η: 0\\.0"
        )
        self.filter.setAccessibleName("Filter of the runs")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._on_filter)
        self.views = Segments("View of the runs", VIEWS)
        self.views.show_choice("table")
        self.views.chosen.connect(self._on_view)
        self.tint = Combo(self)
        self.tint.setFixedWidth(170)
        self.tint.setToolTip("The column that colours lines and dots, from its least to its greatest")
        self.tint.setAccessibleName("Column that colours the runs")
        self.tint.activated.connect(self._draw)
        self.columns = QListWidget()
        self.table = QTableView()
        self.parallel, self.scatter = ParallelPlot(theme), ScatterPlot(theme)
        self.stack = QStackedWidget()
        self.told = label("", "muted", wrap=True)
        self.draw = self._button("Dra&w these in the plots", "", self._on_draw)
        self.go = self._button("&Go there", "", self._on_go)
        self._set_up()
        self._arrange()
        for signal in (lab.branchesChanged, lab.runningChanged, lab.bandChanged, lab.overlays.changed):
            signal.connect(self.refresh)
        clock.textDue.connect(self._on_clock)
        theme.changed.connect(self.refresh)
        self.refresh()

    def _button(self, text: str, tip: str, action: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(action)
        return button

    def _set_up(self) -> None:
        table, header = self.table, self.table.horizontalHeader()
        table.setModel(self.shown)
        table.setAccessibleName(TITLE)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.verticalHeader().hide()
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setTabKeyNavigation(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        table.selectionModel().selectionChanged.connect(self._enable)
        table.activated.connect(self._on_go)
        self.shown.layoutChanged.connect(self._draw)
        self.parallel.narrowed.connect(self._enable)
        for plot in (self.parallel, self.scatter):
            plot.pointed.connect(self._tell)
        self.columns.setAccessibleName("Columns that are shown")
        self.columns.setToolTip("Which settings and results are shown (Space)")
        self.columns.setFixedWidth(210)
        self.columns.setSpacing(1)
        self.columns.itemChanged.connect(self._on_column)
        self.more = QToolButton()
        self.more.setProperty("role", "quiet")
        self.more.setIcon(self._theme.icon("more", "muted"))
        self.more.setToolTip("Export what is shown")
        self.more.setAccessibleName("Menu of the table of runs")
        self.more.clicked.connect(self._open_menu)

    def _arrange(self) -> None:
        column, top, middle, below = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget, stretch in ((self.filter, 1), (self.views, 0), (self.tint, 0), (self.more, 0)):
            top.addWidget(widget, stretch)
        self.stack.addWidget(self.table)
        for plot in (self.parallel, self.scatter):
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QScrollArea.Shape.NoFrame)
            area.setWidget(plot)
            self.stack.addWidget(area)
        middle.addWidget(self.columns)
        middle.addWidget(self.stack, 1)
        for button in (self.go, self.draw):
            below.addWidget(button)
        below.addWidget(self.told, 1)
        column.addLayout(top)
        column.addWidget(self.empty)
        column.addLayout(middle, 1)
        column.addLayout(below)

    # What is shown

    @Slot()
    def _on_clock(self) -> None:
        if self._lab.running and self.isVisible():
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the runs there are."""
        runs = self._runs.rows()
        self.empty.setVisible(len(runs) == 1)
        self._offer_columns(runs)
        self._show(runs)

    def _show(self, runs: list[RunRow]) -> None:
        columns, chosen = self.chosen_columns, self._chosen()
        before = self.model.columns
        self.model.show_runs(runs, columns)
        self.shown.sort(self.shown.sortColumn(), self.shown.sortOrder())
        if before != columns:
            self._widen()
            usual = [name for name in ("Loss, validation", "Loss") if name in columns]
            tinted = self.tint.name() if self.tint.name() in columns else [*usual, *columns, ""][0]
            self.tint.offer([(name, name, "") for name in columns], tinted)
        keys = [run.key for run in self.shown.shown]
        here = chosen.key if chosen is not None else next((run.key for run in runs if run.current), "")
        if here in keys and (self._chosen() is None or here != getattr(self._chosen(), "key", "")):
            self.table.selectRow(keys.index(here))
        self._draw()

    def _widen(self) -> None:
        """Every column as wide as what it says, up to a limit."""
        self.table.resizeColumnsToContents()
        header = self.table.horizontalHeader()
        for place in range(header.count()):
            header.resizeSection(place, min(max(header.sectionSize(place) + 8, 64), 220))

    @staticmethod
    def _is_result(name: str) -> bool:
        return name in (STEPS, SECONDS, *RESULTS.values())

    @property
    def chosen_columns(self) -> list[str]:
        """Those that are ticked, in their order."""
        items = (self.columns.item(row) for row in range(self.columns.count()))
        return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]

    def _offer_columns(self, runs: list[RunRow]) -> None:
        """Results, settings in which runs differ, and then those that all have alike."""
        known = (STEPS, *RESULTS.values(), SECONDS)
        results = [name for name in known if any(name in run.results for run in runs)]
        settings = list(dict.fromkeys(name for run in runs for name in run.settings))
        told = {name: {run.settings.get(name) for run in runs} for name in settings}
        differ = [name for name in settings if len(told[name]) > 1]
        offered = [*results, *differ, *(name for name in settings if name not in differ)]
        self.columns.blockSignals(True)
        if [self.columns.item(row).text() for row in range(self.columns.count())] != offered:
            self.columns.clear()
            for name in offered:
                usual = name in results or name in differ or name in ALWAYS
                item = QListWidgetItem(name, self.columns)
                on = self._wanted.get(name, usual)
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                what = "A result" if name in results else "A setting"
                alike = "" if name in results or name in differ else ", the same in all runs"
                item.setToolTip(f"{what}{alike}")
        self.columns.blockSignals(False)

    @Slot()
    def _draw(self) -> None:
        """What is let through, as a picture where one is looked at."""
        runs, columns, tinted = self.shown.shown, self.chosen_columns, self.tint.name()
        view = self.stack.currentIndex()
        self.tint.setVisible(view > 0)
        if view == 1:
            results = [name for name in columns if self._is_result(name)]
            self.parallel.show_runs(runs, [*(n for n in columns if n not in results), *results], tinted)
        elif view == 2:
            results = [name for name in columns if self._is_result(name) and name != STEPS]
            across = [name for name in columns if name not in results]
            self.scatter.show_runs(runs, across or results, results or across, tinted)
        self._enable()

    @Slot()
    def _enable(self) -> None:
        runs, chosen = self.kept, self._chosen()
        self.draw.setEnabled(any(not run.current for run in runs))
        self.draw.setToolTip(
            "Draw the curves of exactly the runs that are let through here, in the plots of the window"
            if self.draw.isEnabled()
            else "There is no other run than the one that you are on"
        )
        other = chosen is not None and chosen.branch is not None and not chosen.current
        self.go.setEnabled(other)
        seeds = chosen is not None and chosen.branch is None
        why = "A run from a seed has curves alone, and no steps to go to" if seeds else "You are on this run"
        self.go.setToolTip("Go to the end of the run (Enter)" if other else why)
        self._tell("")

    @property
    def kept(self) -> list[RunRow]:
        """The runs that are let through: by words, and by the axes where those are seen."""
        return self.parallel.kept if self.stack.currentIndex() == 1 else self.shown.shown

    @Slot(str)
    def _tell(self, words: str) -> None:
        there = len(self.model.runs)
        count = f"{len(self.kept)} of {there} runs" if len(self.kept) != there else f"{there} runs"
        self.told.setText(words or self._wrong or ("1 run" if there == 1 else count))

    def _chosen(self) -> RunRow | None:
        rows = self.table.selectionModel().selectedRows()
        return self.model.runs[self.shown.mapToSource(rows[0]).row()] if rows else None

    # What is done

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        self._wrong = self.shown.look_for(text)
        self._draw()

    @Slot(str)
    def _on_view(self, name: str) -> None:
        self.stack.setCurrentIndex([view.name for view in VIEWS].index(name))
        self._draw()

    @Slot(QListWidgetItem)
    def _on_column(self, item: QListWidgetItem) -> None:
        self._wanted[item.text()] = item.checkState() == Qt.CheckState.Checked
        self._show(self.model.runs)

    @Slot(str, bool)
    def _on_ticked(self, key: str, on: bool) -> None:
        self._lab.overlays.show([key], on)

    @Slot()
    def _on_draw(self) -> None:
        """Exactly those that are let through are drawn."""
        kept = {run.key for run in self.kept}
        overlays = self._lab.overlays
        overlays.show([run.key for run in self.model.runs if run.key not in kept], False)
        overlays.show([run.key for run in self.kept if not run.current])

    @Slot()
    @Slot(QModelIndex)
    def _on_go(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen.branch is not None and not chosen.current:
            self._lab.switch_to(chosen.branch)

    # What others get of it

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy table")
        copy.setToolTip("The rows that are let through, to the clipboard, for a spreadsheet")
        copy.triggered.connect(self.copy)
        for kind, means in MEANS.items():
            action = menu.addAction(f"Export as {kind}…")
            action.setToolTip(means)
            action.triggered.connect(lambda _=False, kind=kind: self._ask_where(kind))
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def rows(self) -> Table:
        """What is let through, as numbers at full precision."""
        columns = self.chosen_columns
        rows: list[list[Cell]] = []
        for run in self.kept:
            entries = [run.entry(name) for name in columns]
            rows.append([run.title, *("" if entry is None else entry.value for entry in entries)])
        return Table([RUN, *columns], rows)

    @Slot()
    def copy(self) -> None:
        """The table as it is read, with tabs, to the clipboard."""
        columns = self.chosen_columns
        lines = [[RUN, *columns]]
        for run in self.kept:
            entries = [run.entry(name) for name in columns]
            lines.append([run.title, *("" if entry is None else entry.text for entry in entries)])
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    def _ask_where(self, kind: str) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, f"Export as {kind}", f"runs.{kind.lower()}", f"{kind} (*.{kind.lower()})"
        )
        if name:
            self.export(kind, Path(name))

    def export(self, kind: str, target: Path) -> bool:
        """Writes what is shown as one of MEANS; False, and words below the table, on failure."""
        bodies: tuple[QWidget, ...] = (self.table, self.parallel, self.scatter)
        picture = Picture(self._theme, TITLE, "", bodies[self.stack.currentIndex()])
        data = self.rows().csv() if kind == "CSV" else picture.png() if kind == "PNG" else picture.svg()
        try:
            atomic.write(target, data)
        except OSError as error:
            self.told.setText(f"{target}: {error.strerror or error}")
            return False
        self.told.setText(f"Written: {target}")
        return True


def show_run_table(parent: QWidget, lab: Lab, theme: Theme, clock: FrameClock) -> None:
    """Open the table, or bring it to the front; it does not block."""
    known = parent.findChild(RunTableDialog, NAME)
    if known is None:
        known = RunTableDialog(parent, lab, theme, clock)
        known.show()
    known.activateWindow()
    known.table.setFocus()
