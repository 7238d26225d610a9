"""How a state machine of windows is run, and how its windows go: shared by those that do things at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from PySide6.QtCore import QCoreApplication, QEvent

from deltaglow.ui.main_window import MainWindow

PATIENCE_S = 60.0


def run(machine: type[RuleBasedStateMachine], number: int, times: int, steps: int) -> None:
    """So many times new windows, in which so many things are done; number: which things at random."""
    run_state_machine_as_test(
        seed(number)(type(f"{machine.__name__}{number}", (machine,), {})),
        settings=settings(
            max_examples=times,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            deadline=None,
            derandomize=False,
            database=None,
        ),
    )


def wait_until(done: Callable[[], bool], otherwise: str) -> None:
    """Let the windows work until it is done."""
    until = monotonic() + PATIENCE_S
    while not done():
        QCoreApplication.processEvents()
        assert monotonic() < until, otherwise


def end(windows: Iterable[MainWindow]) -> None:
    """Close them without asking, and have them gone."""
    for window in windows:
        window.lab.document.undo_stack.setClean()
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
