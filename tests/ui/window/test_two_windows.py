"""Two windows on the same few files, in any order of edits, saves and openings: no work of either is lost."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from tests.ui.window import machines

from deltaglow.model import examples, fileformat
from deltaglow.model.project import Change, Project
from deltaglow.session.lab import Lab
from deltaglow.ui import keeper
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

FILES = ("one.json", "two.dglow", "three.json")
BARS = (keeper.TWO_WINDOWS, keeper.ON_DISK)
which, names = st.integers(0, 1), st.sampled_from(FILES)


def with_rate(value: float) -> Change:
    def change(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=value)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    return change


class Pair(RuleBasedStateMachine):
    """Two windows of one user, as the program makes them."""

    chosen = ""
    """What is chosen in the dialog that asks for a name."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="deltaglow-"))
        self.windows: list[MainWindow] = []
        self.on_disk: dict[Path, str] = {}

    @initialize()
    def begin(self) -> None:
        for number, name in enumerate(FILES):
            path = self.folder / name
            fileformat.write(with_rate((number + 1) / 10)(examples.load("xor")), path)
            self.on_disk[path] = fileformat.dumps(fileformat.read(path))
        remembered = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)
        for _ in range(2):
            path = self.folder / FILES[0]
            window = MainWindow(Lab(fileformat.read(path), path), Theme("dark"), remembered)
            window.show()
            self.windows.append(window)

    @rule(place=which, value=st.integers(1, 50))
    def edit(self, place: int, value: int) -> None:
        self.windows[place].lab.edit("Learning rate", with_rate(value / 100))

    @rule(place=which)
    def undo(self, place: int) -> None:
        self.windows[place].lab.document.undo_stack.undo()

    @rule(place=which, name=names)
    def open(self, place: int, name: str) -> None:
        window, path = self.windows[place], self.folder / name
        window.files.open_file(path)
        assert window.lab.document.path == path and not window.lab.document.modified
        assert fileformat.dumps(window.lab.saved_project) == self.on_disk[path]

    @rule(place=which, name=names, elsewhere=st.booleans())
    def save(self, place: int, name: str, elsewhere: bool) -> None:
        """Under another name where that is asked for, or wanted."""
        window, Pair.chosen = self.windows[place], str(self.folder / name)
        before, theirs = window.lab.document.path, window.files.read_only
        asked = window.files.conflict and not theirs and not elsewhere
        window.files.save_as() if elsewhere else window.files.save()
        goes = self.folder / name if elsewhere or theirs else before
        assert goes is not None
        if asked or (theirs and goes == before):
            assert window.lab.document.path == before, "nothing is written over what is another's"
        else:
            assert window.lab.document.path == goes and not window.lab.document.modified
            self.on_disk[goes] = fileformat.dumps(window.lab.saved_project)

    @rule(
        place=which, subject=st.sampled_from([keeper.TWO_WINDOWS, keeper.ON_DISK]), number=st.integers(0, 1)
    )
    def answer(self, place: int, subject: str, number: int) -> None:
        """One of the answers in a bar, if there is one."""
        window = self.windows[place]
        bar = window.notices.bar(subject)
        if bar is not None:
            buttons = bar.findChildren(QPushButton)
            QTest.mouseClick(buttons[number % len(buttons)], Qt.MouseButton.LeftButton)

    @rule(place=which)
    def keep_a_draft(self, place: int) -> None:
        keeper_ = self.windows[place].keeper
        assert keeper_ is not None
        keeper_.autosave.keep()

    @invariant()
    def nobody_writes_over_the_other(self) -> None:
        if not self.windows:
            return
        QCoreApplication.processEvents()
        for path, text in self.on_disk.items():
            assert fileformat.dumps(fileformat.read(path)) == text
        one, two = (window.keeper for window in self.windows)
        assert one is not None and two is not None
        assert not (one.claim.held and two.claim.held and one.claim.record == two.claim.record)
        for window, keeper_ in zip(self.windows, (one, two), strict=True):
            machines.wait_until(
                lambda window=window, keeper_=keeper_: window.files.read_only != keeper_.claim.held,
                "who has lost a file is told, and who has it may write",
            )

    def teardown(self) -> None:
        machines.end(self.windows)
        shutil.rmtree(self.folder)


@pytest.fixture
def answers(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not saved may always go, what is there be replaced, and a name is always given."""
    buttons = QMessageBox.StandardButton

    def question(
        parent: object, title: str, text: str, offered: QMessageBox.StandardButton, *_: object
    ) -> object:
        return buttons.Yes if offered & buttons.Yes else buttons.Discard

    monkeypatch.setattr(QMessageBox, "question", question)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (Pair.chosen, ""))


@pytest.mark.usefixtures("answers")
def test_two_windows_lose_nothing() -> None:
    machines.run(Pair, 0, 3, 12)


@pytest.mark.slow
@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("number", [1, 2])
def test_two_windows_lose_nothing_at_length(number: int) -> None:
    machines.run(Pair, number, 30, 40)
