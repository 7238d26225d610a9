"""Wires the program together: the only place that makes an application, a laboratory and a window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import (
    QBuffer,
    QCoreApplication,
    QEventLoop,
    QIODevice,
    QMessageLogContext,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QAccessible, QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from deltaglow import __version__, resources
from deltaglow.display import display_available
from deltaglow.model import atomic, examples, fileformat, importing
from deltaglow.model.errors import ProjectError
from deltaglow.model.quantity import parse
from deltaglow.session.farewell import Farewell
from deltaglow.session.faults import Faults
from deltaglow.session.garbage import Garbage
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import speech
from deltaglow.ui.dialogs.fault import FaultReporter
from deltaglow.ui.main_window import WARM_UP_MS, MainWindow
from deltaglow.ui.theme.theme import Theme

if TYPE_CHECKING:
    from deltaglow.explain.solution import Sheet

MessageHandler = Callable[[QtMsgType, QMessageLogContext, str], None]

SWITCH_INTERVAL = 0.0005
"""Seconds after which a busy worker lets the window's thread run: at Python's 5 ms the window stutters."""
TOLD_TO_END = 128
"""What a program returns that a signal ended, by the custom of shells: this and the number of the signal."""
DEFAULT_PROJECT = "@worked-example"


def open_window(file: str | None = None, theme: str | None = None) -> int:
    """Open the window on a project file, or on the worked example; returns when it is closed."""
    project = examples.open_project(file or DEFAULT_PROJECT)
    if not os.environ.get("QT_QPA_PLATFORM") and not display_available():
        raise ProjectError(
            "no display",
            "there is no screen to open a window on; 'deltaglow solve' and 'deltaglow shot' need none",
        )
    app = application()
    settings = QSettings("Deltaglow", "Deltaglow")
    colors = Theme(theme or _saved_theme(settings))
    colors.apply(app)
    faults = Faults()
    path = _path(file)
    past = None if path is None else fileformat.read_history(path)
    window = MainWindow(Lab(project, path, past), colors, settings)
    if path is not None:
        window.files.recent.add(path)
    faults.caught.connect(FaultReporter(window).report)
    farewell = Farewell()
    farewell.asked.connect(lambda number: (window.end(), app.exit(TOLD_TO_END + number)))
    if window.keeper is not None:
        app.commitDataRequest.connect(window.keeper.autosave.keep, Qt.ConnectionType.DirectConnection)
    window.show()
    QTimer.singleShot(WARM_UP_MS, window.fit_screen)
    try:
        return app.exec()
    finally:
        farewell.release()
        faults.release()


def shot(
    file: str,
    out: Path,
    size: tuple[int, int] = (1280, 800),
    theme: str = "dark",
    phase: str | None = None,
    select: str | None = None,
    page: str = "network",
    depth: str = "layer",
) -> None:
    """Draw the window off screen to a PNG, with a phase, a selected address and a page in the centre.

    depth: into what the phase is opened, one of DEPTHS.
    """
    project = examples.open_project(file)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = application()
    colors = Theme(theme)
    colors.apply(app)
    faults = Faults()
    lab = Lab(project, _path(file))
    window = MainWindow(lab, colors)
    lab.set_depth(depth)
    try:
        if phase is not None:
            lab.set_position(lab.phases.position(phase))
        if select is not None:
            lab.select(parse(select, project))
        window.resize(*size)
        window.centre.show_page(page)
        window.show()
        window.refresh_plots()
        settle(window)
        _write(window.grab(), out)
        if faults.texts:
            raise ProjectError(str(out), f"drawing went wrong: {faults.texts[0].splitlines()[-1]}")
    finally:
        window.close()
        faults.release()


def printed(sheet: Sheet, paper: str) -> bytes:
    """A worked solution as a PDF, drawn off screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    from deltaglow.ui.printing import pdf  # no window waits for it

    return pdf(sheet, paper)


def settle(window: MainWindow) -> None:
    """Let everything that is due be laid out and painted: no event loop runs yet that would do so."""
    window.explanation.settle()
    window.centre.settle()
    QCoreApplication.sendPostedEvents()
    QCoreApplication.processEvents()


def selftest() -> int:
    """Does it work as installed? Opens the window off screen, plays a step, trains to step 100, closes."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = application()
    colors = Theme("dark")
    colors.apply(app)
    faults = Faults()
    lab = Lab(examples.open_project(DEFAULT_PROJECT))
    window = MainWindow(lab, colors)
    window.show()
    settle(window)
    _say("initialised")
    before = lab.frame.loss
    while lab.head == 0:
        lab.step_forward()
        settle(window)
    trained = QEventLoop()
    lab.train(until=100)
    lab.runningChanged.connect(trained.quit)
    trained.exec()
    settle(window)
    picture = window.grab()
    after = lab.frame.loss
    lab.document.undo_stack.setClean()
    window.close()
    faults.release()
    ok = after < before and not picture.isNull() and not faults.texts
    verdict = "ok" if ok else "FAILED"
    _say(f"selftest: loss {before:.6f} → {after:.6f} after {lab.head} steps: {verdict}")
    return 0 if ok else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def application() -> QApplication:
    """The one application object, named and with its icon."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = QApplication.instance() or QApplication(["deltaglow"])
    assert isinstance(app, QApplication)
    if app.platformName() == "offscreen":
        _keep_quiet_about_hints()
    app.setApplicationName("Deltaglow")
    app.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("deltaglow")
    app.setWindowIcon(QIcon(str(resources.path("icons/deltaglow.svg"))))
    QAccessible.installFactory(speech.interface)
    Garbage.of(app)
    return app


def _keep_quiet_about_hints() -> None:
    """Off screen Qt remarks that windows have no frame there to give hints to; pass on all else."""
    before = cast("MessageHandler | None", qInstallMessageHandler(None))

    def pass_on(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if "propagateSizeHints" in text:
            return
        if before is not None:
            before(kind, context, text)
        else:
            sys.stderr.write(text + "\n")

    qInstallMessageHandler(pass_on)


def _saved_theme(settings: QSettings) -> str:
    saved = str(settings.value("theme", "system"))
    return saved if saved in ("system", "dark", "light") else "system"


def _path(file: str | None) -> Path | None:
    return None if file is None or file.startswith("@") or importing.is_table(file) else Path(file).absolute()


def _write(picture: QPixmap, out: Path) -> None:
    """Write it as a PNG, whole or not at all. Raises ProjectError."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    try:
        atomic.write(out, bytes(buffer.data().data()))
    except OSError as error:
        raise ProjectError(str(out), f"the picture cannot be written there: {error.strerror}") from None
