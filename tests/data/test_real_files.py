"""Files as they are really written, and broken as they really are: read right, or told where and why not."""

from __future__ import annotations

import codecs
import math

import pytest

from deltaglow.data.delimited import Column, read
from deltaglow.model.errors import ProjectError
from deltaglow.model.importing import project

X, Y = "x", "y"
AS_IT_IS = {"a": [1, 3], "b": [2, 4], "k": [X, Y]}


def cells(column: Column) -> list[object]:
    if column.numbers is not None:
        return [None if math.isnan(v) else v for v in column.numbers.tolist()]
    assert column.codes is not None
    return [None if code < 0 else column.labels[code] for code in column.codes.tolist()]


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        (codecs.BOM_UTF8 + b"a,b,k\n1,2,x\n3,4,y\n", AS_IT_IS),
        ("a\tb\tk\n1\t2\tx\n3\t4\ty\n".encode("utf-16"), AS_IT_IS),
        ("a\tb\tk\n1\t2\tx\n3\t4\ty\n".encode("utf-16-le"), AS_IT_IS),
        ("a\tb\tk\n1\t2\tx\n3\t4\ty\n".encode("utf-16-be"), AS_IT_IS),
        ("a,b,k\n1,2,x\n3,4,y\n".encode("utf-32"), AS_IT_IS),
        (b"a,b,k\r1,2,x\r3,4,y\r", AS_IT_IS),
        (b"a,b,k\r\r\n1,2,x\r\r\n3,4,y\r\r\n", AS_IT_IS),
        (b"a,b,k\n1,2,x\r\n3,4,y\r", AS_IT_IS),
        (b"  a   b   k\n  1   2   x\n  3   4   y\n", AS_IT_IS),
        (b"sep=;\na;b;k\n1;2;x\n3;4;y\n", AS_IT_IS),
        (b"# made by\n# 2024\na,b,k\n1,2,x\n3,4,y\n", AS_IT_IS),
        (b"Measurements 2024\n\na,b,k\n1,2,x\n3,4,y\n", AS_IT_IS),
        (b"a,b,k,\n1,2,x,\n3,4,y,\n", AS_IT_IS | {"column 4": [None, None]}),
        (b",b,,k\n1,2,3,x\n4,5,6,y\n", {"column 1": [1, 4], "b": [2, 5], "column 3": [3, 6], "k": [X, Y]}),
        (b"a,a,a,k\n1,2,3,x\n4,5,6,y\n", {"a": [1, 4], "a (2)": [2, 5], "a (3)": [3, 6], "k": [X, Y]}),
        ("größe;art\n1,5;Bär\n2,5;Öl\n".encode("latin-1"), {"größe": [1.5, 2.5], "art": ["Bär", "Öl"]}),
        (b"x;y;k\n1,5;2,25;a\n-0,5;1e-3;b\n", {"x": [1.5, -0.5], "y": [2.25, 0.001], "k": ["a", "b"]}),
        (b"x;k\n1.234,5;a\n2.000,0;b\n12;a\n", {"x": [1234.5, 2000, 12], "k": ["a", "b", "a"]}),
        (b'x,k\n"1,234.5",a\n"2,000",b\n', {"x": [1234.5, 2000], "k": ["a", "b"]}),
        (b'x,k\n"1,00,000",a\n"12,34,567.5",b\n', {"x": [100000, 1234567.5], "k": ["a", "b"]}),
        (b"x,k\n10%,a\n20.5 %,b\n-3%,a\n", {"x": [10, 20.5, -3], "k": ["a", "b", "a"]}),
        (b'x,k\n"$1,234.50",a\n-$20,b\n$ 3,a\n', {"x": [1234.5, -20, 3], "k": ["a", "b", "a"]}),
        ("x;k\n12,5 €;a\n3 €;b\n".encode(), {"x": [12.5, 3], "k": ["a", "b"]}),
        ("x;k\n$12;a\n€3;b\n".encode(), {"x": ["$12", "€3"], "k": ["a", "b"]}),
        (b"x,k\n10%,a\n20,b\n", {"x": ["10%", "20"], "k": ["a", "b"]}),
        (b'x,k\n"1,5",a\n"2,25",b\n', {"x": [1.5, 2.25], "k": ["a", "b"]}),
        ("x,k\n1\u00a0000,x\n2'500,y\n3’000.5,x\n".encode(), {"x": [1000, 2500, 3000.5], "k": [X, Y, X]}),
        ("x,k\n\u22121.5,a\n+2,b\n.5,a\n4.,b\n".encode(), {"x": [-1.5, 2, 0.5, 4], "k": ["a", "b"] * 2}),
        (b'i,t\n1,"one\ntwo"\n2,""\n3,"x""y"\n', {"i": [1, 2, 3], "t": ["one\ntwo", None, 'x"y']}),
        (b"d,v\n2024-01-02,1\n2024-01-03,2\n", {"d": ["2024-01-02", "2024-01-03"], "v": [1, 2]}),
        (b"d;v\n02.01.2024;1,5\n03.01.2024;2,5\n", {"d": ["02.01.2024", "03.01.2024"], "v": [1.5, 2.5]}),
        (b"a\tk\n\tx\n3\ty\n<NA>\tx\n#VALUE!\ty\n", {"a": [None, 3, None, None], "k": [X, Y, X, Y]}),
        (b"1,2,0\n3,4,1\n", {"column 1": [1, 3], "column 2": [2, 4], "column 3": [0, 1]}),
        ("a,k\n1,😀\n2,🎉\n".encode(), {"a": [1, 2], "k": ["😀", "🎉"]}),
        (b"a,k\n1e-320,x\n1.7e308,y\n", {"a": [1e-320, 1.7e308], "k": [X, Y]}),
        (b"a,k\n1,x\n\x0c\n3,y\n\n \n", {"a": [1, 3], "k": [X, Y]}),
    ],
)  # fmt: skip
def test_it_is_read_right(data: bytes, columns: dict[str, list[object]]) -> None:
    assert {column.name: cells(column) for column in read(data).columns} == columns


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a,b,c\n", "line 1: has the names of the columns, and no row follows"),
        (b"a,b,k\nNA,NA,NA\n1,,NA\n", "has no column beside"),
        (b"a,b,k\n1,2,x\n3,4,x\n", "has a single class, 'x', in the column 'k'"),
        (b"a,b\n1,2\n4,5,6\n", "line 3: has 3 fields, the first row has 2"),
        (b'a,b\n1,"one\ntwo"\n4\n', "line 4: has 1 field, the first row has 2"),
        (b"a,b,k\n1,2,x\n3,4,y\nTotal: 2 rows\n", "line 4: has 1 field, the first row has 3"),
        (b'a,b,k\n1,"2,x\n3,4,y\n', "line 2: opens a quoted field that is never closed"),
        (b'a,b\n1,"4"5\n', "line 2: goes on after a closing quote"),
        (b"a,b,k\n1,2,x\n3,\x004,y\n", "is no text"),
        (b"a,b\n" + b"1,2\n" * 3000 + b"\x00,2\n", "line 3002: holds a null character"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0" * 9, "is a picture, no table"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0" * 9, "is a workbook or an archive"),
        (bytes(range(1, 256)) * 20, "line 2: is neither UTF-8 nor in an alphabet that is recognised"),
        (b"a,k\n" + "1,ü\n".encode() * 9 + b"3,\xff\xfe\n", "line 11: is not utf-8"),
        (b"a,b,k\n1e309,2,x\n3,4,y\n", "line 2: has '1e309' in the column 'a', whose other cells are"),
        (b"a,b,k\n1,2,x\n-inf,4,y\n", "line 3: has '-inf' in the column 'a'"),
        (b"a,b,k\n" + b"1,2,x\n3,4,y\n" * 9 + b"oops,2,x\n", "line 20: has 'oops' in the column 'a'"),
        (b"a,b,k\n(cm),,\n" + b"1,2,x\n3,4,y\n" * 9, "line 2: has '(cm)' in the column 'a'"),
        (b"a,b,k\n1e308,2,x\n-1e308,4,y\n1.7e308,1,x\n", "has 1.7e+308 in the column 'a', which is too"),
        (b"a,k\n" + b"".join(b"%d,c%d\n" % (i, i) for i in range(99)), "'k' has 99 different words"),
        (b"a,b\n1,%s\n" % (b"x" * 200_000), "line 2: has a field of more than 131,072 characters"),
        (b'{"deltaglow": 1, "network": {}}\n', "line 1: begins as HTML, XML or JSON"),
    ],
)  # fmt: skip
def test_it_is_told_what_is_wrong_and_where(data: bytes, why: str) -> None:
    with pytest.raises(ProjectError) as caught:
        project(data, "t.csv")
    assert why in str(caught.value) and "\n" not in str(caught.value)


def test_decimal_commas_are_not_taken_for_delimiters_by_their_number() -> None:
    text = "a;b;c\n" + "1,5;2,25;0,5\n-3,125;4,5;2,75\n" * 60
    table = read(text.encode())
    assert (table.format.delimiter, table.format.decimal, table.format.skip) == (";", ",", 0)
    assert [column.name for column in table.columns] == ["a", "b", "c"]
    assert cells(table.columns[0])[:2] == [1.5, -3.125]


def test_lines_before_the_table_are_counted() -> None:
    table = read(b"# one\n# two\na,b\n1,2\n3,4\n")
    assert table.format.skip == 2 and table.rows == 2
    with pytest.raises(ProjectError, match="line 54: has 1 field"):
        project(b"# one\n# two\na,b\n" + b"1,2\n" * 50 + b"5\n", "t.csv")
