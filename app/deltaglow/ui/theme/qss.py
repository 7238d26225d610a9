"""The style sheet of every standard widget the program uses, written in tokens.

Labels and buttons are given a part to play with the dynamic property `role`; a `QFrame` with the property
`surface` set to "panel" is one of the window's rounded cards.
"""

from __future__ import annotations

import re

from deltaglow import resources

from .tokens import Tokens

_TOKEN = re.compile(r"@([a-z_0-9]+)")
_IMAGE = re.compile(r"\$([a-z-]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TEXT_SIZE = re.compile(r"font-size: (\d+)px")
BASE = 13
"""The size of text where nothing else is said, in pixels."""


def sheet(tokens: Tokens) -> str:
    """The style sheet in the colours of `tokens`. `@token` is a colour, `$name` one of the theme's marks."""

    def image(match: re.Match[str]) -> str:
        return f'url("{resources.path(f"themes/{tokens.name}/{match[1]}.svg").as_posix()}")'

    return _IMAGE.sub(image, _TOKEN.sub(lambda match: tokens.hex(match[1]), _TEMPLATE))


def larger(name: str, by: float) -> str:
    """What makes all text below the widget of this object name so many times as large."""
    rules = [f"#{name} QWidget {{ font-size: {BASE * by:g}px }}"]
    for selectors, body in _RULE.findall(_TEMPLATE):
        if (size := _TEXT_SIZE.search(body)) is not None:
            within = ", ".join(f"#{name} {one.strip()}" for one in selectors.split(","))
            rules.append(f"{within} {{ font-size: {float(size[1]) * by:g}px }}")
    return "\n".join(rules)


_TEMPLATE = """
QMainWindow, QDialog { background: @canvas; }
QWidget { outline: 0; }

QFrame[surface="panel"] { background: @panel; border: 1px solid @panel_border; border-radius: 8px; }
QFrame[surface="canvas"] { background: @canvas; border: 1px solid @hairline; border-radius: 8px; }
QFrame[surface="raised"] { background: @raised; border: 0; border-radius: 7px; }
QFrame[surface="good"] { background: @good_fill; border: 1px solid @good; border-radius: 7px; }
QFrame[surface="warn"] { background: @warn_fill; border: 1px solid @warn; border-radius: 7px; }
QFrame[surface="bad"] { background: @bad_fill; border: 1px solid @bad; border-radius: 7px; }
QFrame[surface="note"] { background: @note_fill; border: 0; border-left: 3px solid @positive;
  border-radius: 3px; }
QFrame[surface="line"] { background: @hairline; border: 0; max-height: 1px; min-height: 1px; }

QLabel { background: transparent; color: @text; }
QLabel:disabled { color: @disabled; }
QLabel[role="heading"] { font-size: 15px; font-weight: 600; }
QLabel[role="caption"] { font-size: 11px; font-weight: 600; letter-spacing: 1px; color: @muted; }
QLabel[role="subheading"] { font-weight: 600; }
QLabel[role="reading"] { font-size: 13px; font-weight: 400; }
QLabel[role="muted"] { font-size: 12px; color: @muted; }
QLabel[role="small"] { font-size: 11px; color: @muted; }
QLabel[role="mono"] { font-family: "JetBrains Mono", "DejaVu Sans Mono", monospace; font-size: 12px; }
QLabel[role="value"] { font-family: "JetBrains Mono", "DejaVu Sans Mono", monospace; font-size: 16px; }
QLabel[role="error"] { font-size: 12px; color: @bad; }
QLabel[role="complaint"] { font-size: 12px; color: @text; background: @bad_fill; border: 1px solid @bad;
  border-radius: 6px; padding: 4px 8px; }
QLabel[role="warning"] { font-size: 12px; color: @negative_text; }
QLabel[tone="positive"] { color: @positive_text; }
QLabel[tone="negative"] { color: @negative_text; }
QLabel[tone="zero"] { color: @zero_text; }
QLabel[tone="forward"] { color: @forward_text; }
QLabel[tone="delta"] { color: @delta_text; }
QLabel[tone="loss"] { color: @loss_text; }
QLabel[tone="y_hat"] { color: @y_hat_text; }
QLabel[tone="target"] { color: @target_text; }
QLabel[tone="muted"] { color: @muted; }
QLabel[tone="good"] { color: @forward_text; }
QLabel[tone="warn"] { color: @negative_text; }
QLabel[tone="bad"] { color: @loss_text; }

QPushButton { background: @raised; color: @text; border: 1px solid @hairline; border-radius: 6px;
  padding: 4px 12px; min-height: 18px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @pressed; }
QPushButton:focus { border-color: @focus; }
QPushButton:disabled { color: @disabled; background: @panel; }
QPushButton:default { border-color: @forward; }
QPushButton[role="primary"] { background: @delta; color: @on_accent; border-color: @delta; font-weight: 600; }
QPushButton[role="primary"]:hover { border-color: @text; }
QPushButton[role="primary"]:focus { border-color: @focus; }
QPushButton[role="page"] { padding: 4px 1px; font-size: 12px; }
QPushButton[role="chip"] { border-radius: 12px; padding: 2px 10px; min-height: 18px; }
QToolButton[role="depth"] { background: transparent; border: 1px solid transparent; border-radius: 5px;
  color: @muted; font-size: 11px; padding: 0 6px; }
QToolButton[role="depth"]:hover { color: @text; }
QToolButton[role="depth"]:checked { background: @pressed; color: @text; border-color: @hairline; }
QToolButton[role="depth"]:focus { border-color: @focus; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border: 1px solid transparent;
  padding: 2px 6px; color: @muted; border-radius: 5px; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: @raised; color: @text; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border-color: @focus; }
QPushButton[role="quiet"]:disabled, QToolButton[role="quiet"]:disabled { color: @disabled; }
QPushButton[role="quiet"]:checked, QToolButton[role="quiet"]:checked { background: @raised; color: @text; }

QToolButton { background: @raised; color: @text; border: 1px solid @hairline; border-radius: 6px;
  padding: 3px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @pressed; }
QToolButton:focus { border-color: @focus; }
QToolButton:disabled { color: @disabled; background: @panel; }
QToolButton[role="choice"] { font-size: 12px; padding: 3px 8px; }
QToolButton[role="choice"]:checked { border-color: @forward; font-weight: 600; }
QToolButton[role="quiet"] { font-size: 12px; padding: 2px; }
QPushButton[role="crumb"] { background: transparent; border: 1px solid transparent; border-radius: 4px;
    color: @muted; font-size: 11px; padding: 0px 2px; min-height: 0px; }
QPushButton[role="crumb"]:hover { color: @text; }
QPushButton[role="crumb"]:focus { border-color: @focus; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="plot-title"] { background: transparent; border: 1px solid transparent; border-radius: 5px;
  font-weight: 600; padding: 0 2px; }
QToolButton[role="plot-title"]:hover { background: @raised; }
QToolButton[role="plot-title"]:focus { border-color: @focus; }

QComboBox, QLineEdit, QAbstractSpinBox { background: @raised; color: @text; border: 1px solid @hairline;
  border-radius: 6px; padding: 2px 8px; min-height: 20px; selection-background-color: @selection;
  selection-color: @selection_text; }
QComboBox:hover, QLineEdit:hover, QAbstractSpinBox:hover { background: @hover; }
QComboBox:focus, QLineEdit:focus, QAbstractSpinBox:focus { border-color: @focus; }
QComboBox:disabled, QLineEdit:disabled, QAbstractSpinBox:disabled { color: @disabled; background: @panel; }
QComboBox[invalid="true"], QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"] { border-color: @bad; }
QAbstractSpinBox { padding-right: 3px; min-height: 20px; }
QComboBox { padding: 2px 4px 2px 7px; }
QComboBox::drop-down { border: 0; width: 18px; subcontrol-origin: border; subcontrol-position: center right; }
QComboBox::down-arrow { image: $chevron-down; width: 12px; height: 12px; }
QComboBox::down-arrow:disabled { image: $chevron-down-off; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @hairline; padding: 3px;
  selection-background-color: @selection; selection-color: @selection_text; outline: 0; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: 0; background: transparent; width: 18px;
  subcontrol-origin: border; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0;
  border-top-right-radius: 4px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0;
  border-bottom-right-radius: 4px; }
QAbstractSpinBox[tight="true"] { padding-left: 2px; padding-right: 0; }
QAbstractSpinBox[tight="true"]::up-button, QAbstractSpinBox[tight="true"]::down-button { width: 14px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hairline; }
QAbstractSpinBox::up-arrow { image: $chevron-up; width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: $chevron-down; width: 10px; height: 10px; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off { image: $chevron-up-off; }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off { image: $chevron-down-off; }

QCheckBox { color: @text; spacing: 8px; background: transparent; }
QCheckBox:disabled { color: @disabled; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @hairline; border-radius: 4px;
  background: @raised; }
QCheckBox::indicator:hover { background: @hover; }
QCheckBox::indicator:checked { background: @forward; border-color: @forward; image: $check; }
QCheckBox::indicator:focus { border-color: @focus; }
QCheckBox::indicator:disabled { background: @panel; }

QSlider { background: transparent; min-height: 20px; }
QSlider::groove:horizontal { height: 4px; background: @track; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @forward; border-radius: 2px; }
QSlider[tone="delta"]::sub-page:horizontal { background: @delta; }
QSlider[tone="plain"]::sub-page:horizontal { background: @track; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
  background: @handle; border: 1px solid @zero; }
QSlider::handle:horizontal:hover { border-color: @text; }
QSlider::handle:horizontal:focus { border: 2px solid @focus; width: 12px; height: 12px; }
QSlider::handle:horizontal:disabled { background: @disabled; }

QTabWidget { background: transparent; }
QTabWidget::pane { border: 0; border-top: 1px solid @hairline; top: -1px; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @muted; border: 0; border-bottom: 2px solid transparent;
  padding: 5px 2px; margin: 0 16px 0 0; }
QTabBar#centre_tabs::tab { padding-left: 1px; padding-right: 1px; margin-right: 10px; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; font-weight: 600; border-bottom: 2px solid @forward; }
QTabBar::tab:focus { color: @text; border-bottom: 2px solid @focus; }
QTabBar::tab:disabled { color: @disabled; }

QMenuBar { background: @canvas; color: @text; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @raised; color: @text; border: 1px solid @hairline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @selection_text; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @hairline; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 12px; height: 12px; left: 6px; border: 1px solid @hairline; border-radius: 3px;
  margin-right: 6px; }
QMenu::indicator:checked { background: @forward; border-color: @forward; image: $check; }
QMenu::right-arrow { image: $chevron-right; width: 12px; height: 12px; }

QToolTip { background: @tooltip; color: @text; border: 1px solid @hairline; padding: 4px 6px; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: 0; }
QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 9px; }
QScrollBar:horizontal { height: 9px; }
QScrollBar::handle { background: @hairline; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 28px; margin: 1px 2px 1px 1px; }
QScrollBar::handle:horizontal { min-width: 28px; margin: 1px 1px 2px 1px; }
QScrollBar::handle:hover { background: @zero; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }

QDockWidget { color: @text; }
QDockWidget::title { background: @panel; padding: 6px 8px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @hairline; }
QStatusBar { background: @canvas; color: @muted; }
QStatusBar::item { border: 0; }
QProgressBar { background: @track; border: 0; border-radius: 3px; color: @text; text-align: center; }
QProgressBar::chunk { background: @forward; border-radius: 3px; }

QTableView, QTreeView, QListView, QPlainTextEdit, QTextEdit, QTextBrowser { background: @raised; color: @text;
  border: 1px solid @hairline; border-radius: 6px; gridline-color: @hairline;
  selection-background-color: @selection; selection-color: @selection_text; }
QTableView:focus, QTreeView:focus, QListView:focus, QPlainTextEdit:focus,
QTextEdit:focus { border-color: @focus; }
QTableView::indicator, QTreeView::indicator, QListView::indicator {
  width: 14px; height: 14px; border: 1px solid @zero; border-radius: 4px; background: @panel; }
QTableView::indicator:checked, QTreeView::indicator:checked, QListView::indicator:checked {
  background: @forward; border-color: @forward; image: $check; }
QHeaderView::section { background: @panel; color: @muted; border: 0; border-bottom: 1px solid @hairline;
  padding: 4px 6px; }
"""
