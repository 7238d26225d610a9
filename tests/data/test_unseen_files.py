"""Tables as loggers, accounts, Fortran and old Russian programs write them: read right, or told where not."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.data import delimited
from deltaglow.data.delimited import Column, TableError, read
from deltaglow.data.tabular import misread

CITIES = ("Москва", "Казань", "Пермь", "Омск")


def column(data: bytes | str, name: str) -> Column:
    return next(each for each in read(data).columns if each.name == name)


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251"])
@pytest.mark.parametrize(
    "words", [CITIES, [city.upper() for city in CITIES], [city.lower() for city in CITIES]]
)
def test_two_russian_alphabets_are_told_apart(encoding: str, words: list[str]) -> None:
    lines = [
        f"{word};{k};{kind}" for k, (word, kind) in enumerate(zip(words, ("да", "нет") * 2, strict=True))
    ]
    text = "\n".join(["город;население;тип", *lines])
    found = read(text.encode(encoding))
    assert found.format.encoding == encoding
    assert found.columns[0].name == "город" and found.columns[0].labels == tuple(words)


@pytest.mark.parametrize("mark", ["#", "%", "// "])
def test_remarks_before_a_table_divided_by_spaces_are_left_out(mark: str) -> None:
    rows = "".join(f"{k}.5 {k}.25 {'ab'[k % 2]}\n" for k in range(9))
    found = read(f"{mark} made by a logger, version 2\n{mark} unit: mV\nch1 ch2 label\n{rows}")
    assert [each.name for each in found.columns] == ["ch1", "ch2", "label"] and found.rows == 9


def test_names_after_a_sharp_are_names() -> None:
    rows = "".join(f"{k},{k}.25,{'ab'[k % 2]}\n" for k in range(9))
    found = read(f"# from a probe\n#id,value,kind\n{rows}")
    assert [each.name for each in found.columns] == ["#id", "value", "kind"] and found.rows == 9


def test_numbers_of_accounts_and_of_fortran() -> None:
    amounts = column("amount,kind\n(1.25),a\n17.5,b\n,a\n(1200),b\n", "amount").numbers
    assert (
        amounts is not None and amounts[[0, 1, 3]].tolist() == [-1.25, 17.5, -1200.0] and np.isnan(amounts[2])
    )
    assert column("mark,kind\n(1),a\n(2),b\n", "mark").numbers is None  # all of them: no account
    double = column("x,kind\n1.5D-01,a\n-.25d+3,b\n", "x").numbers
    assert double is not None and double.tolist() == [0.15, -250.0]
    assert column("code,kind\n1D2,a\n3D1,b\n", "code").numbers is None


def test_names_that_come_again_are_told_of_where_they_do() -> None:
    rows = "".join(f"{k}.5,{k},{'ab'[k % 2]}\n" for k in range(12))
    found = misread(read(f"u,v,kind\n{rows}u,v,kind\n{rows}"))
    assert [(each.line, "'u'" in each.reason) for each in found] == [(14, True), (14, False)]


def test_a_file_that_was_not_written_to_its_end_says_from_which_line() -> None:
    with pytest.raises(TableError, match="line 3: ends in 512 null bytes"):
        delimited.read(b"a,b\n1,2\n" + bytes(512))
