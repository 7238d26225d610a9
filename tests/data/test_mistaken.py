"""What is no table says what it is; a broken place, in which line; digits in groups by spaces are numbers."""

from __future__ import annotations

import pytest

from deltaglow.data import delimited


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04" + bytes(200), "is a workbook or an archive"),
        (b"\x1f\x8b\x08" + bytes(200), "is compressed"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"<!DOCTYPE html><table></table>", "line 1: begins as HTML"),
        (b'[{"a": 1}, {"a": 2}]', "line 1: begins as HTML, XML or JSON"),
        (b"a,b\n1,2\n3,\x004\n", "line 3: holds a null character"),
        (bytes(64), "holds null bytes"),
    ],
)
def test_what_is_no_table_says_so(data: bytes, said: str) -> None:
    with pytest.raises(delimited.TableError) as caught:
        delimited.read(data)
    assert said in str(caught.value)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
def test_digits_in_groups_by_spaces(space: str) -> None:
    table = delimited.read(f"v;w\n1{space}234,5;2 €\n2{space}345{space}678,25;3 €\n")
    assert [column.numbers.tolist() for column in table.columns if column.numbers is not None] == [
        [1234.5, 2345678.25],
        [2.0, 3.0],
    ]
