"""Cells of tables: the numbers they are, as people and programs write them, and those that are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite

import numpy as np
import numpy.typing as npt

MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "?", "-", ".", "<na>", "nat"}
    | {"#n/a", "#na", "#value!", "#div/0!", "#num!", "#ref!", "#null!", "#name?"}
)
"""How files write a value that is not there, in small letters; spreadsheets, one that went wrong."""

SPACES = " \u00a0\u2009\u202f"
"""What divides digits into groups in French, Polish or Russian: a plain space where decimals have commas."""
COMMA_NUMBER = re.compile(rf"[+-]?(\d{{1,3}}([.'’{SPACES}]\d{{3}})+|\d+),\d+([eE][+-]?\d+)?")
GROUPED = {
    mark: re.compile(rf"[+-]?\d{{1,3}}(?:([{others}])\d{{3}})(?:\1\d{{3}})*(?:{re.escape(mark)}\d*)?")
    for mark, others in ((".", f",'’{SPACES[1:]}"), (",", f".'’{SPACES}"))
}
"""Numbers with a mark before every three digits, by their decimal mark."""
HEXADECIMAL = re.compile(r"([+-]?)0[xX]([0-9a-fA-F]{1,200})")
INDIAN = re.compile(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?")
"""Lakhs and crores: a mark before the last three digits, and before every two above them."""
BRACKETED = re.compile(r"\(([$€£¥₹]?\s*[\d.,]*\d\s*[$€£¥₹%]?)\)")
FORTRAN = re.compile(r"([+-]?(?:\d+\.\d*|\.\d+))[dD]([+-]?\d{1,3})")
"""A number in double precision, as Fortran writes it."""
SIGNS = "$€£¥₹%"
SIGNED = re.compile(rf"([+-]?)\s*([{SIGNS}]?)\s*([+-]?\d[\d.,'’{SPACES}]*|[.,]\d+)\s*([{SIGNS}]?)")
"""An amount of money, or a percentage."""


def numbers_of(cells: Sequence[str], decimal: str) -> npt.NDArray[np.float64] | None:
    """The cells as numbers, if they all are."""
    joined = "\0".join(cells)
    if "_" not in joined and (decimal == "." or "." not in joined):
        plain = cells if decimal == "." else joined.replace(",", ".").split("\0")
        try:
            found = np.array(list(map(float, plain)))
        except ValueError:
            pass
        else:
            return found if np.isfinite(found).all() else _one_by_one(cells, decimal)
    found_so = _one_by_one(cells, decimal)
    return found_so if found_so is not None else _one_by_one(_without_sign(_accounted(cells)), decimal)


def _without_sign(cells: Sequence[str]) -> Sequence[str]:
    """The cells without the sign of money, or of per cent, that all of them have but those that are missing;
    the very cells if they have none, or not the same.
    """
    signs, bare = set(), []
    for cell in cells:
        word = cell.strip().replace("\N{MINUS SIGN}", "-")
        if word.lower() in MISSING:
            bare.append(word)
            continue
        found = SIGNED.fullmatch(word)
        if found is None or bool(found[2]) == bool(found[4]):
            return cells
        signs.add(found[2] or found[4])
        bare.append(found[1] + found[3])
    return bare if len(signs) == 1 else cells


def _accounted(cells: Sequence[str]) -> Sequence[str]:
    """The cells with a minus sign where a number stands between brackets, as accounts have it, if some do and
    others do not; else the very cells.
    """
    found = [BRACKETED.fullmatch(cell.strip()) for cell in cells]
    plain = any(
        not each and cell.strip().lower() not in MISSING for each, cell in zip(found, cells, strict=True)
    )
    if not plain or not any(found):
        return cells
    return [f"-{each[1]}" if each else cell for each, cell in zip(found, cells, strict=True)]


def _one_by_one(cells: Sequence[str], decimal: str) -> npt.NDArray[np.float64] | None:
    made = np.empty(len(cells))
    for k, cell in enumerate(cells):
        number = number_of(cell, decimal)
        if number is None:
            return None
        made[k] = number
    return made


def number_of(cell: str, decimal: str) -> float | None:
    """The number that a cell holds: NaN if it is missing, None if it is none, or none that is finite."""
    word = cell.strip()
    if word.lower() in MISSING:
        return float("nan")
    found = _plain(word, decimal)
    if found is None:
        word = word.replace("\N{MINUS SIGN}", "-")
        grouped = GROUPED[decimal].fullmatch(word)
        mark = grouped[1] if grouped else "," if decimal == "." and INDIAN.fullmatch(word) else ""
        found = _plain(word.replace(mark, "") if mark else word, decimal)
    if found is None and (whole := HEXADECIMAL.fullmatch(word)):
        found = float(int(whole[1] + whole[2], 16))
    return found if found is not None and isfinite(found) else None


def _plain(word: str, decimal: str) -> float | None:
    """The number that a word is without marks between its digits."""
    if "_" in word or (decimal == "," and "." in word):
        return None
    try:
        return float(word.replace(decimal, "."))
    except ValueError:
        double = FORTRAN.fullmatch(word) if decimal == "." else None
        return None if double is None else float(f"{double[1]}e{double[2]}")


def looks_like_a_number(word: str) -> bool:
    """Whether a cell would be a number with one decimal mark or the other, or is one that is not finite."""
    plain = _plain(word, ".")
    if plain is not None:
        return True
    return any(number_of(word, mark) is not None for mark in ".,")
