"""The keys of the diagram: every command, digits that begin a number, and ways to select without a mouse."""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from deltaglow.ui.diagram.editing import commands
from deltaglow.ui.diagram.editing.command import Command
from deltaglow.ui.diagram.editing.editor import Editor, parameter_of
from deltaglow.ui.diagram.editing.selection import Selection

Key = Qt.Key
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier
PAN = 60.0
_PAN_KEYS = {Key.Key_Left: (1, 0), Key.Key_Right: (-1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}


class Keyboard:
    """Keys that edit; what is none of them is left to the diagram."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key was one of these."""
        editor, key = self._editor, Key(event.key())
        modifiers = event.modifiers() & ~KEYPAD
        editor.say("")
        if key == Key.Key_Escape:
            return self._let_go()
        if self._types(event) or self._selects(key, modifiers) or self._pans(key, modifiers):
            return True
        if key in (Key.Key_Plus, Key.Key_Underscore):
            modifiers &= ~SHIFT  # the keyboard needs it to type the character
        pressed = QKeySequence(QKeyCombination(modifiers, key))
        command = self._given_by(pressed)
        if command is None:
            return self._wants_a_selection(pressed)
        reason = command.why_not()
        if reason:
            editor.say(reason)
        elif command.run is not None:
            command.run()
        return True

    def _given_by(self, pressed: QKeySequence) -> Command | None:
        """The command on what is selected that has this key."""
        for command in commands.flat(commands.for_selection(self._editor)):
            if any(QKeySequence(keys) == pressed for keys in command.keys.split(" ")):
                return command
        return None

    def _wants_a_selection(self, pressed: QKeySequence) -> bool:
        """With nothing selected, say so of a key that a selected unit would answer to."""
        editor = self._editor
        if editor.selection:
            return False
        editor.choose(Selection(units=frozenset([(1, 0)])), explain=False)
        known = self._given_by(pressed) is not None
        editor.choose(Selection(), explain=False)
        if known:
            editor.say("First click a unit, a connection or a layer's title")
        return known

    def _let_go(self) -> bool:
        editor = self._editor
        if editor.popover is not None:
            editor.close_popover()
        elif editor.selection:
            editor.choose(Selection())
        else:
            return False
        return True

    def _types(self, event: QKeyEvent) -> bool:
        """A digit begins a number; on a connection a sign does too."""
        text, found = event.text(), parameter_of(self._editor.selection)
        starts = "0123456789.," + ("-−" if self._editor.selection.connections else "")
        if found is None or not text or text not in starts or event.modifiers() & ~KEYPAD & ~SHIFT:
            return False
        self._editor.type_number(found, text)
        return True

    def _selects(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        if key in (Key.Key_Up, Key.Key_Down) and modifiers == SHIFT:
            return self._extend(1 if key == Key.Key_Down else -1)
        if key == Key.Key_W and modifiers in (NONE, SHIFT):
            return self._next_connection(-1 if modifiers == SHIFT else 1)
        return False

    def _extend(self, by: int) -> bool:
        """The unit above the highest or below the lowest that is selected is selected too."""
        editor = self._editor
        column, units = editor.selection.column, editor.selection.units
        if column is None or not units:
            return False
        places = [unit for _, unit in units]
        unit = (max(places) if by > 0 else min(places)) + by
        if 0 <= unit < editor.lab.project.network.sizes[column]:
            editor.choose(
                editor.selection.joined(Selection(units=frozenset([(column, unit)]))), explain=False
            )
        return True

    def _next_connection(self, by: int) -> bool:
        """From a unit to its first connection, from one connection of a unit to its next."""
        editor = self._editor
        chosen, sizes = editor.selection, editor.lab.project.network.sizes
        if len(chosen.connections) == 1:
            ((k, j, i),) = chosen.connections
            i = (i + by) % sizes[k - 1]
        elif len(chosen.units) == 1:
            ((k, j),) = chosen.units
            if not k:
                k, j, i = 1, 0, j
            else:
                i = 0 if by > 0 else sizes[k - 1] - 1
        else:
            return False
        editor.choose(Selection(connections=frozenset([(k, j, i)])))
        return True

    def _pans(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if key not in _PAN_KEYS or modifiers != control:
            return False
        x, y = _PAN_KEYS[key]
        self._editor.pan(QPointF(x * PAN, y * PAN))
        return True
