"""Files, drafts, other windows and other programs, on the shown window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from deltaglow.model import examples, fileformat
from deltaglow.model.project import Project
from deltaglow.session import autosave as session_autosave
from deltaglow.session.drafts import Drafts, data_folder
from deltaglow.session.lab import Lab
from deltaglow.ui import keeper
from deltaglow.ui.dialogs.history import HistoryDialog, show_history
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

Show = Callable[..., MainWindow]
Key, Left = Qt.Key, Qt.MouseButton.LeftButton
Ctrl, Shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def show(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Show]:
    """Opens windows that keep drafts and claims, as the program does."""
    opened: list[MainWindow] = []
    theme = Theme("dark")
    theme.apply(qapp)

    def make(path: Path | None = None) -> MainWindow:
        project = examples.load("xor") if path is None else fileformat.read(path)
        settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(Lab(project, path), theme, settings)
        opened.append(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    yield make
    for window in filter(isValid, opened):
        end(window)


def end(window: MainWindow) -> None:
    window.lab.document.undo_stack.setClean()
    window.close()
    window.deleteLater()


def saved(path: Path, rate: float = 0.1) -> Path:
    fileformat.write(with_rate(rate)(examples.load("xor")), path)
    return path


def with_rate(value: float) -> Callable[[Project], Project]:
    def change(project: Project) -> Project:
        optimizer = replace(project.training.optimizer, learning_rate=value)
        return replace(project, training=replace(project.training, optimizer=optimizer))

    return change


def rate(window: MainWindow) -> float:
    return window.lab.project.training.optimizer.learning_rate


def button(window: MainWindow, subject: str, text: str) -> QPushButton:
    bar = window.notices.bar(subject)
    assert bar is not None and bar.isVisible()
    return next(each for each in bar.buttons if each.text() == text)


def answer(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: getattr(QMessageBox.StandardButton, name))


def chosen(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


# Files


def test_a_new_one_is_small_and_can_be_trained(show: Show, qtbot: QtBot) -> None:
    window = show()
    qtbot.keyClick(window, Key.Key_N, Ctrl)
    assert window.lab.project.network.sizes == (2, 3) and window.windowTitle().startswith("Untitled")
    qtbot.keyClick(window, Key.Key_T)
    qtbot.waitUntil(lambda: window.lab.history.length > 5)
    window.lab.pause()
    assert window.windowTitle().startswith("Untitled •")


def test_files_opened_and_saved_are_offered_again_the_newest_first(
    show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show()
    one, two, three = (tmp_path / f"{name}.json" for name in ("one", "two", "three"))
    window.files.open_file(saved(one))
    window.files.open_file(saved(two))
    chosen(monkeypatch, three)
    qtbot.keyClick(window, Key.Key_S, Ctrl | Shift)
    assert [path.name for path in window.files.recent.paths] == ["three.json", "two.json", "one.json"]
    two.unlink()
    menu = window.actions_._recent
    menu.aboutToShow.emit()
    first, gone, last = menu.actions()[:3]
    assert (first.isEnabled(), gone.isEnabled(), last.isEnabled()) == (True, False, True)
    assert "not there any more" in gone.toolTip()
    last.trigger()
    assert window.lab.document.path == one
    end(window)
    again = show()
    assert [path.name for path in again.files.recent.paths] == ["one.json", "three.json", "two.json"]
    again.actions_._recent.aboutToShow.emit()
    again.actions_._recent.actions()[-1].trigger()
    assert again.files.recent.paths == []


def test_a_copy_has_no_file_and_the_file_stays(
    show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "net.json")
    window = show(path)
    before = path.read_bytes()
    qtbot.keyClick(window, Key.Key_D, Ctrl | Shift)
    assert window.windowTitle().startswith("Copy of net •") and window.lab.document.path is None
    window.lab.edit("Learning rate", with_rate(0.7))
    chosen(monkeypatch, tmp_path / "other.json")
    qtbot.keyClick(window, Key.Key_S, Ctrl)
    assert path.read_bytes() == before
    assert fileformat.read(tmp_path / "other.json").training.optimizer.learning_rate == 0.7
    assert not window.lab.document.modified


@pytest.mark.parametrize("typed", ["net", "net v1.2"])
def test_a_name_without_our_ending_gets_it_and_replaces_nothing_unasked(
    typed: str, show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show()
    path = tmp_path / f"{typed}.dglow"
    path.write_bytes(b"precious")
    chosen(monkeypatch, tmp_path / typed)
    answer(monkeypatch, "No")
    assert not window.files.save_as() and path.read_bytes() == b"precious"
    answer(monkeypatch, "Yes")
    assert window.files.save_as() and window.lab.document.path == path
    assert fileformat.read(path) == window.lab.project


def test_reverting_is_one_step_that_can_be_undone(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    window = show(saved(tmp_path / "net.json", 0.2))
    window.lab.edit("Learning rate", with_rate(0.7))
    window.files.revert()
    assert rate(window) == 0.2 and not window.lab.document.modified
    qtbot.keyClick(window, Key.Key_Z, Ctrl)
    assert rate(window) == 0.7 and window.lab.document.modified


def test_a_file_dropped_onto_the_window_is_opened(show: Show, tmp_path: Path) -> None:
    window = show()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(saved(tmp_path / "net.DGLOW", 0.4)))])
    position, action = QPointF(200, 200), Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(position, action, data, Left, Qt.KeyboardModifier.NoModifier))
    assert rate(window) == 0.4


# Drafts


def crashed(folder: Path, code: str) -> None:
    """A window of another process that makes changes and is killed."""
    program = f"""
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QSettings
from deltaglow import bootstrap
from deltaglow.model import examples, fileformat
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme.theme import Theme
app = bootstrap.application()
folder = Path(sys.argv[1])
settings = QSettings(str(folder / "other.ini"), QSettings.Format.IniFormat)
{code}
window.keeper.autosave.keep()
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program, str(folder)], env=dict(os.environ), check=False)
    assert done.returncode == -9


EDITED = """
window = MainWindow(Lab(fileformat.read(folder / "net.json"), folder / "net.json"), Theme("dark"), settings)
window.show()
while window.lab.head < 3:
    window.lab.next_step()
window.lab.edit("Learning rate", lambda p: replace(
    p, training=replace(p.training, optimizer=replace(p.training.optimizer, learning_rate=0.9))))
"""


def test_after_a_crash_the_work_is_offered_with_a_picture_and_restored(
    show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    path = saved(tmp_path / "net.json")
    before = path.read_bytes()
    crashed(tmp_path, EDITED)
    window = show()
    qtbot.waitUntil(lambda: window.notices.bar(keeper.DRAFT) is not None)
    bar = window.notices.bar(keeper.DRAFT)
    assert bar is not None and "net.json" in bar.text.text()
    assert "2-" in bar.detail.text() and "loss" in bar.detail.text() and "20" in bar.detail.text()
    qtbot.mouseClick(button(window, keeper.DRAFT, "Restore"), Left)
    assert rate(window) == 0.9 and window.lab.document.path == path
    assert window.lab.document.modified and path.read_bytes() == before
    assert window.notices.bar(keeper.DRAFT) is None
    assert len(list((data_folder() / "drafts").glob("*.dglow"))) == 1, "its own draft, in case of another"
    qtbot.keyClick(window, Key.Key_S, Ctrl)
    assert fileformat.read(path).training.optimizer.learning_rate == 0.9
    assert list((data_folder() / "drafts").glob("*.dglow")) == []


def test_a_program_that_is_told_to_end_keeps_what_is_not_saved(
    show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    """By `kill`, at the end of a session, while it trains: nobody is asked."""
    program = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from deltaglow import bootstrap
from deltaglow.ui.main_window import MainWindow
folder = Path(sys.argv[1])
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
shown = MainWindow.showEvent
def show_event(self, event):
    shown(self, event)
    self.lab.train()
    QTimer.singleShot(0, lambda: train_on(self))
def train_on(window):
    if window.lab.history.length > 20:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        QTimer.singleShot(5, lambda: train_on(window))
MainWindow.showEvent = show_event
sys.exit(bootstrap.open_window(str(folder / "net.json")))
"""
    path = saved(tmp_path / "net.json")
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=dict(os.environ),
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGTERM, b"", b"")
    window = show()
    qtbot.waitUntil(lambda: window.notices.bar(keeper.DRAFT) is not None)
    qtbot.mouseClick(button(window, keeper.DRAFT, "Restore"), Left)
    assert window.lab.head > 20 and window.lab.document.path == path and path.read_bytes() == before


def test_what_is_put_off_is_offered_again_and_what_is_discarded_is_not(
    show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    saved(tmp_path / "net.json")
    crashed(tmp_path, EDITED)
    for text in ("Later", "Discard"):
        window = show()
        qtbot.waitUntil(lambda window=window: window.notices.bar(keeper.DRAFT) is not None)
        qtbot.mouseClick(button(window, keeper.DRAFT, text), Left)
        assert window.notices.bar(keeper.DRAFT) is None
        end(window)
    assert Drafts(data_folder() / "drafts").left() == []


def test_a_draft_that_cannot_be_read_says_so_and_can_be_discarded(
    show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    saved(tmp_path / "net.json")
    crashed(tmp_path, EDITED)
    (kept,) = (data_folder() / "drafts").glob("*.dglow")
    kept.write_bytes(kept.read_bytes()[:-40])
    window = show()
    qtbot.waitUntil(lambda: window.notices.bar(keeper.DRAFT) is not None)
    qtbot.mouseClick(button(window, keeper.DRAFT, "Restore"), Left)
    assert "damaged" in window.banner.text and window.notices.bar(keeper.DRAFT) is not None
    qtbot.mouseClick(button(window, keeper.DRAFT, "Discard"), Left)
    assert window.notices.bar(keeper.DRAFT) is None


def test_a_draft_is_kept_while_it_trains_and_gone_when_all_is_undone(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show()
    assert window.keeper is not None
    autosave = window.keeper.autosave
    monkeypatch.setattr(session_autosave, "FIRST_MS", 1)
    window.lab.train()
    with qtbot.waitSignal(autosave.kept, timeout=20_000):
        pass
    autosave._timer.start(1)
    with qtbot.waitSignal(autosave.kept, timeout=20_000):
        pass
    window.lab.pause()
    draft = data_folder() / "drafts" / f"{autosave.key}.dglow"
    assert fileformat.read(draft).network.layers[0].W is not None
    qtbot.keyClick(window, Key.Key_Z, Ctrl)
    assert not draft.exists() and not window.lab.document.modified


def test_a_file_that_was_only_trained_closes_without_a_question_and_is_offered_again(
    show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    window = show(saved(tmp_path / "net.json"))
    window.lab.train()
    qtbot.waitUntil(lambda: window.lab.history.length > 5)
    assert window.close() and not window.lab.running
    learned = window.lab.trained_project.network.layers[0].W
    again = show()
    qtbot.waitUntil(lambda: again.notices.bar(keeper.DRAFT) is not None)
    qtbot.mouseClick(button(again, keeper.DRAFT, "Restore"), Left)
    assert again.lab.document.path == tmp_path / "net.json"
    assert np.array_equal(again.lab.project.network.layers[0].W, learned)


def test_a_file_that_cannot_be_read_is_told_before_it_is_asked_what_may_go(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def question(*_: object) -> object:
        raise AssertionError("asked")

    broken = tmp_path / "broken.dglow"
    broken.write_text("no project")
    window = show()
    window.lab.edit("Learning rate", with_rate(0.7))
    monkeypatch.setattr(QMessageBox, "question", question)
    window.files.open_file(broken)
    assert "damaged or no Deltaglow project" in window.banner.text
    assert window.banner.text.startswith("Not opened, and nothing here has changed")
    assert window.lab.document.modified


def test_an_example_that_was_trained_for_a_moment_leaves_nothing(show: Show, qtbot: QtBot) -> None:
    window = show()
    window.lab.train()
    qtbot.waitUntil(lambda: window.lab.history.length > 5)
    assert window.keeper is not None
    window.keeper.autosave.keep()  # the first is written after seconds, for crashes
    assert window.close()
    assert not list((data_folder() / "drafts").glob("*.dglow"))


def test_an_example_that_was_trained_until_there_was_a_second_draft_is_offered_again(
    show: Show, qtbot: QtBot
) -> None:
    window = show()
    window.lab.train()
    qtbot.waitUntil(lambda: window.lab.history.length > 5)
    assert window.keeper is not None
    window.keeper.autosave.keep()
    window.keeper.autosave.keep()
    assert window.close()
    learned = window.lab.trained_project.network.layers[0].W
    again = show()
    qtbot.waitUntil(lambda: again.notices.bar(keeper.DRAFT) is not None)
    bar = again.notices.bar(keeper.DRAFT)
    assert bar is not None and "was not saved when Deltaglow ended" in bar.text.text()
    qtbot.mouseClick(button(again, keeper.DRAFT, "Restore"), Left)
    assert again.lab.document.path is None
    assert np.array_equal(again.lab.project.network.layers[0].W, learned)


def test_drafts_that_cannot_be_kept_are_reported_once(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show()
    assert window.keeper is not None
    said: list[str] = []
    window.lab.message.connect(said.append)
    full = OSError(28, "No space left on device", "drafts")

    def fail(*_: object) -> None:
        raise full

    monkeypatch.setattr(window.keeper.drafts, "write", fail)
    window.lab.edit("Learning rate", with_rate(0.7))
    for _ in range(3):
        window.keeper.autosave.keep()
    assert said == ["Unsaved changes cannot be kept in case of a crash: drafts: No space left on device"]


def test_two_windows_do_not_offer_each_other_their_drafts(show: Show, qtbot: QtBot) -> None:
    one = show()
    one.lab.edit("Learning rate", with_rate(0.7))
    assert one.keeper is not None
    one.keeper.autosave.keep()
    two = show()
    assert two.keeper is not None
    two.keeper.offer_drafts()
    assert two.notices.bar(keeper.DRAFT) is None


# Two windows on one file


def test_the_second_window_on_a_file_knows_and_can_take_it_over(
    show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "net.json")
    one, two = show(path), show(path)
    assert one.notices.bar(keeper.TWO_WINDOWS) is None
    assert two.windowTitle() == "net.json (read-only) — Deltaglow"
    qtbot.mouseClick(button(two, keeper.TWO_WINDOWS, "Read only"), Left)
    two.lab.edit("Learning rate", with_rate(0.7))
    before = path.read_bytes()
    chosen(monkeypatch, tmp_path / "mine.json")
    qtbot.keyClick(two, Key.Key_S, Ctrl)
    assert path.read_bytes() == before and (tmp_path / "mine.json").exists()
    assert not two.files.read_only
    two.files.open_file(path)
    qtbot.mouseClick(button(two, keeper.TWO_WINDOWS, "Take over"), Left)
    assert two.windowTitle() == "net.json — Deltaglow"
    qtbot.waitUntil(lambda: one.files.read_only)
    bar = one.notices.bar(keeper.TWO_WINDOWS)
    assert bar is not None and "Another window has taken net.json over" in bar.text.text()


def test_the_second_window_is_told_that_the_first_has_saved(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    path = saved(tmp_path / "net.json")
    one, two = show(path), show(path)
    one.lab.edit("Learning rate", with_rate(0.2))
    assert one.files.write(path)
    qtbot.waitUntil(lambda: two.notices.bar(keeper.ON_DISK) is not None)
    bar = two.notices.bar(keeper.ON_DISK)
    assert bar is not None and "was changed by the other window" in bar.text.text()


def test_the_second_window_cannot_save_over_the_file_of_the_first(
    show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "net.json")
    one, two = show(path), show(path)
    two.lab.edit("Learning rate", with_rate(0.7))
    suggested: list[str] = []

    def choose(window: object, title: str, start: str, kinds: str) -> tuple[str, str]:
        suggested.append(start)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    qtbot.keyClick(two, Key.Key_S, Ctrl)
    assert suggested == [str(tmp_path / "Copy of net.dglow")]
    assert "another window has net.json" in two.banner.text
    assert rate(one) == fileformat.read(path).training.optimizer.learning_rate == 0.1
    assert two.lab.document.modified


def test_a_file_whose_window_is_gone_is_free(show: Show, tmp_path: Path) -> None:
    path = saved(tmp_path / "net.json")
    crashed(tmp_path, EDITED)
    assert not show(path).files.read_only
    one = show(saved(tmp_path / "other.json"))
    end(one)
    assert not show(tmp_path / "other.json").files.read_only


# Other programs


def test_a_file_changed_by_another_program_is_noticed_and_loaded(
    show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    path = saved(tmp_path / "net.json")
    window = show(path)
    path.write_text(fileformat.dumps(with_rate(0.5)(fileformat.read(path))))
    qtbot.waitUntil(lambda: window.notices.bar(keeper.ON_DISK) is not None)
    assert window.lab.document.modified
    qtbot.keyClick(window, Key.Key_S, Ctrl)
    assert "choose first" in window.banner.text
    qtbot.mouseClick(button(window, keeper.ON_DISK, "Load it"), Left)
    assert rate(window) == 0.5 and not window.lab.document.modified
    qtbot.keyClick(window, Key.Key_Z, Ctrl)
    assert rate(window) == 0.1


def test_what_is_here_can_be_kept_and_written_over_it(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    path = saved(tmp_path / "net.json")
    window = show(path)
    saved(path, 0.5)
    qtbot.waitUntil(lambda: window.notices.bar(keeper.ON_DISK) is not None)
    qtbot.mouseClick(button(window, keeper.ON_DISK, "Keep mine"), Left)
    qtbot.keyClick(window, Key.Key_S, Ctrl)
    assert fileformat.read(path).training.optimizer.learning_rate == 0.1
    assert not window.lab.document.modified


def test_a_file_that_goes_away_leaves_the_window_as_it_is(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    path = saved(tmp_path / "net.json")
    window = show(path)
    path.unlink()
    qtbot.waitUntil(lambda: window.notices.bar(keeper.ON_DISK) is not None)
    qtbot.mouseClick(button(window, keeper.ON_DISK, "Keep mine"), Left)
    qtbot.keyClick(window, Key.Key_S, Ctrl)
    assert path.exists()


def test_saving_is_not_taken_for_another_program(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    path = saved(tmp_path / "net.json")
    window = show(path)
    assert window.keeper is not None
    window.lab.edit("Learning rate", with_rate(0.7))
    with qtbot.waitSignal(window.keeper.watch._timer.timeout, timeout=5000):
        qtbot.keyClick(window, Key.Key_S, Ctrl)
    assert window.notices.bar(keeper.ON_DISK) is None


# The history


def test_the_list_of_steps_names_them_and_goes_to_any(show: Show, qtbot: QtBot) -> None:
    window = show()
    window.lab.edit("Learning rate", with_rate(0.7))
    window.lab.train()
    qtbot.waitUntil(lambda: window.lab.history.length > 5)
    window.lab.pause()
    window.lab.edit("Learning rate", with_rate(0.3))
    head = window.lab.head
    show_history(window, window.lab.document)
    dialog = window.findChild(HistoryDialog)
    assert dialog is not None
    texts = [dialog.steps.item(row).text() for row in range(dialog.steps.count())]
    assert texts == ["As opened", "Learning rate", f"Train {head:,} steps", "Learning rate"]
    assert dialog.steps.currentRow() == 3
    dialog.steps.setFocus()
    first = dialog.steps.visualItemRect(dialog.steps.item(0)).center()
    qtbot.mouseClick(dialog.steps.viewport(), Left, pos=first)
    assert (rate(window), window.lab.head) == (examples.load("xor").training.optimizer.learning_rate, 0)
    assert dialog.steps.item(2).font().italic()
    qtbot.keyClick(dialog.steps, Key.Key_Down)
    assert (rate(window), window.lab.head) == (0.7, 0)
    qtbot.keyClick(dialog.steps, Key.Key_End)
    assert (rate(window), window.lab.head) == (0.3, head)
    qtbot.keyClick(dialog.steps, Key.Key_Z, Ctrl)
    assert (rate(window), dialog.steps.currentRow()) == (0.7, 2)
    qtbot.keyClick(dialog.steps, Key.Key_Y, Ctrl)
    assert (rate(window), dialog.steps.currentRow()) == (0.3, 3)
    undo = window.actions_._undo
    assert undo.text() == "&Undo Learning rate" and undo.isEnabled()
    window.lab.document.jump(0)
    assert not undo.isEnabled() and window.actions_._redo.text() == "&Redo Learning rate"
    dialog.close()
