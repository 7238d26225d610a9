"""The list of keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

NAME = "keys"
BESIDE = ("Edit the diagram", "Window")
"""The parts of the list that stand beside the others."""
FRAME = QSize(40, 60)
"""Pixels of the screen that are left to the window's frame and what else stands at its edges."""
Group = tuple[str, tuple[tuple[str, str], ...]]
KEYS: tuple[Group, ...] = (
    (
        "Play and step",
        (
            ("Space", "play the phases of the step, or pause"),
            ("→  ←", "to the next stop, or back"),
            ("Shift+→  Shift+←", "by a whole phase: one layer"),
            ("Ctrl+→  Ctrl+←", "by a whole training step"),
            ("D", "open phases: layer, unit, term"),
            ("Home", "rewind to the start of the run"),
        ),
    ),
    (
        "Train",
        (
            ("T", "train from the step shown, or pause"),
            ("Ctrl+R", "forget the run, keep the starting weights"),
        ),
    ),
    (
        "Look",
        (
            ("↑  ↓", "through the units of a column (in the diagram)"),
            ("Page Up  Page Down", "through the columns"),
            ("Q", "through the numbers of a unit: a, z, δ, φ′ …"),
            ("M", "in each unit, what it says all over the plane of two features"),
            ("Ctrl+G", "type an address: delta[1][0], W[2][0,1], w8"),
            ("Alt+←  Alt+→", "back to the number explained before, and forward again"),
            ("Alt+1  Alt+2  Alt+3", "explain it in words, in numbers, by the chain rule from the loss"),
            ("F6  F7  F8", "network, softmax, batch in the centre; Esc: the network"),
            ("F9  F10", "the samples in a table; points drawn on the plane"),
            ("F12", "two runs side by side at one step; Return runs the shorter one on"),
            ("F4  Shift+F4", "the next misclassified sample, or the one before"),
            ("Insert  Delete", "a sample more, to be typed, or one less (in the table)"),
            ("1 … 9  B  E", "class, brush, eraser (on the plane); arrows, Return, Delete"),
            ("↑ ↓ ← →  Return", "through the numbers of a page (Tab leads there); explain"),
            ("Ctrl+Shift+C  X  M", "copy its derivation as text, LaTeX, Markdown"),
        ),
    ),
    (
        "Edit the diagram",
        (
            ("+  −", "a unit more or less in the column that is selected"),
            ("L  Shift+L", "a layer behind it, or before it"),
            ("E", "activation, kind and initialisation of the layer"),
            ("0 … 9  Return", "type the weight or the bias of what is selected"),
            ("Ctrl+↑  Ctrl+↓", "a little more or less of it; with Shift a tenth of that"),
            ("W  Shift+W", "through the connections of a unit"),
            ("Delete  Insert", "delete what is selected; bring a connection back"),
            ("Shift+Insert", "show deleted connections"),
            ("F", "freeze what is selected, or let it learn again"),
            ("F2  Shift+F2", "name the layer, unit, input or weight; name the bias"),
            ("Shift+↑  Shift+↓  Ctrl+A", "select more units, or all"),
            ("Alt+↑  Alt+↓", "move the unit"),
            ("Alt+Shift+←  Alt+Shift+→", "move the layer"),
            ("Ctrl+C  Ctrl+X  Ctrl+V  Ctrl+D", "copy, cut, paste, duplicate units or layers"),
            ("Ctrl+Delete", "remove the layer"),
            ("Ctrl++  Ctrl+−  Ctrl+0", "larger, smaller, the whole network"),
            ("Ctrl+Alt+arrows", "move what is shown"),
            ("Menu", "all that can be done with what is selected"),
            ("Esc", "give a gesture up; select nothing; back to the diagram"),
        ),
    ),
    (
        "Window",
        (
            ("Ctrl+N  Ctrl+O  Ctrl+S", "new, open, save"),
            ("Ctrl+Shift+D", "go on with a copy that has no file yet"),
            ("Ctrl+Shift+I  Ctrl+Shift+V", "import a table from a file, or from the clipboard"),
            ("Ctrl+Shift+E", "export a worked solution to hand out"),
            ("Ctrl+Z  Ctrl+Shift+Z", "undo, redo: edits and training runs"),
            ("Ctrl+Shift+T", "the network as a table, for a screen reader too"),
            ("Ctrl+H", "the list of all that was done"),
            ("Ctrl+Shift+R", "repeat the run over several seeds"),
            ("Ctrl+B", "the branches of the run: go to one, name, compare, delete"),
            ("Ctrl+Shift+B", "the table of runs: settings and results, sorted and filtered"),
            ("Ctrl+Shift+L", "dark or light"),
            ("Double click", "beside a plot's heading: enlarge the plot; Esc makes it small again"),
            ("F11", "full screen"),
            ("F5", "presenter mode: network and explanation alone, large; Esc leaves"),
        ),
    ),
)


def show_shortcuts(parent: QWidget) -> None:
    """Open the list, or bring it to the front; it does not block."""
    known = parent.findChild(QDialog, NAME)
    if isinstance(known, QDialog):
        known.activateWindow()
        return
    dialog = QDialog(parent)
    dialog.setObjectName(NAME)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Keys")
    column = QVBoxLayout(dialog)
    lists = QWidget()
    sides = QHBoxLayout(lists)
    sides.setContentsMargins(0, 0, 0, 0)
    sides.setSpacing(28)
    sides.addLayout(_table([group for group in KEYS if group[0] not in BESIDE]))
    sides.addLayout(_table([group for group in KEYS if group[0] in BESIDE]))
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setAccessibleName("Keys and what they do")
    area.setWidget(lists)
    column.addWidget(area)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column.addWidget(buttons)
    around = dialog.sizeHint() - area.sizeHint()
    dialog.resize((lists.sizeHint() + around).boundedTo(parent.screen().availableSize() - FRAME))
    area.setFocus()
    dialog.show()


def _table(groups: list[Group]) -> QGridLayout:
    """Headings, keys and what they do, one below the other."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(4)
    row = 0
    for heading, keys in groups:
        label = QLabel(heading)
        label.setProperty("role", "subheading")
        grid.addWidget(label, row, 0, 1, 2)
        row += 1
        for key, meaning in keys:
            name = QLabel(key)
            name.setProperty("role", "mono")
            grid.addWidget(name, row, 0)
            grid.addWidget(QLabel(meaning), row, 1)
            row += 1
    grid.setRowStretch(row, 1)
    return grid
