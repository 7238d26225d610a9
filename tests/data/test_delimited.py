"""The reader of delimited text: files as people and programs write them, and broken ones, with their line."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaglow import resources
from deltaglow.data import delimited
from deltaglow.data.delimited import Cancelled, Column, Format, TableError, read

PLAIN = "width,height,kind\n1.5,2,oak\n-3e2,0.25,elm\n4,5,oak\n"


def cells(column: Column) -> list[object]:
    """A column as a list: numbers, words, None where one is missing."""
    if column.numbers is not None:
        return [None if math.isnan(v) else v for v in column.numbers.tolist()]
    assert column.codes is not None
    return [None if code < 0 else column.labels[code] for code in column.codes.tolist()]


def content(data: bytes | str, form: Format | None = None) -> dict[str, list[object]]:
    return {column.name: cells(column) for column in read(data, form).columns}


EXPECTED = {"width": [1.5, -300.0, 4.0], "height": [2.0, 0.25, 5.0], "kind": ["oak", "elm", "oak"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n  \n"])
def test_delimiters_and_line_ends(delimiter: str, end: str, last: str) -> None:
    text = (PLAIN.rstrip("\n") + last).replace(",", delimiter).replace("\n", end)
    table = read(text.encode())
    assert table.format == Format(delimiter, "utf-8", ".", True) and table.rows == 3
    assert content(text.encode()) == content(text) == EXPECTED


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings(encoding: str, found: str) -> None:
    text = "größe,art\n1,Bär\n2,Öl\n"
    table = read(text.encode(encoding))
    assert table.format.encoding == found
    assert content(text.encode(encoding)) == {"größe": [1, 2], "art": ["Bär", "Öl"]}


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas(delimiter: str) -> None:
    text = f"a{delimiter}b\n1,5{delimiter}x\n-2,25e1{delimiter}y\n3{delimiter}x\n"
    assert read(text).format.decimal == ","
    assert content(text) == {"a": [1.5, -22.5, 3.0], "b": ["x", "y", "x"]}
    # A point in such a file parts thousands, or is a slip: it is no number.
    assert content(text + f"1.5{delimiter}y\n")["a"] == ["1,5", "-2,25e1", "3", "1.5"]


def test_quoted_fields() -> None:
    text = 'name,note,n\n"Smith, John","said ""no""",1\n"two\nlines",plain,2\n'
    assert content(text) == {
        "name": ["Smith, John", "two\nlines"],
        "note": ['said "no"', "plain"],
        "n": [1, 2],
    }


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "NULL", "None", "?", " ", "-"])
def test_missing_values(word: str) -> None:
    text = f"a,b\n1,x\n{word},y\n3,{word}\n"
    table = read(text)
    assert content(text) == {"a": [1, None, 3], "b": ["x", "y", None]}
    assert [column.missing.tolist() for column in table.columns] == [
        [False, True, False],
        [False, False, True],
    ]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n", True),
        ("1,2\n3,4\n", False),
        ("a,1\nb,2\n", False),
        ("red,blue\nred,blue\nred,green\n", False),
        ("colour,taste\nred,sweet\nblue,sour\n", True),
        ("x\n", False),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", False),
        ("a,\n1,2\n", True),
        (",a\n1,b\n", False),
        (",b,,k\n1,2,3,x\n", True),
    ],
)
def test_headers(text: str, header: bool) -> None:
    assert read(text).format.header == header


def test_names_are_made_different() -> None:
    names = [column.name for column in read("a,a, b  c ,a\n1,2,3,4\n").columns]
    assert names == ["a", "a (2)", "b c", "a (3)"]
    assert [c.name for c in read("1,2\n", Format(header=False)).columns] == ["column 1", "column 2"]


def test_what_was_found_can_be_overruled() -> None:
    assert content("1,2\n3,4\n", Format(header=True)) == {"1": [3], "2": [4]}
    assert content("a;b\n1;2\n", Format(",")) == {"a;b": ["1;2"]}


@pytest.mark.parametrize("word", ["1.2.3", "1_000", "inf", "-Infinity", "1 000", "1,5"])
def test_what_is_no_number_makes_words_and_says_where(word: str) -> None:
    rows = [f"{k}\tx" for k in range(25_000)]
    rows[20_000] = f"{word}\tx"
    table = read("a\tb\n" + "\n".join(rows), Format("\t"))
    column = table.columns[0]
    assert column.numbers is None and column.first_text == (20_002, word)
    assert cells(column)[:2] == ["0", "1"] and cells(column)[20_000] == word


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "is empty"),
        (b"a,b\n1,2\n\n3\n", "line 4: has 1 field, the first row has 2"),
        (b"a,b\n1,2\n3,4,5\n", "line 3: has 3 fields, the first row has 2"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "line 3: opens a quoted field that is never closed"),
        (b'a,b\n"1\n2",3\n4,"x"y\n', "line 4: goes on after a closing quote"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture, no table"),
        (b"a,b\n1,2\n3,\x81\n", "line 3: is neither UTF-8 nor in an alphabet that is recognised"),
        (b"a,b\n", "line 1: has the names of the columns, and no row follows"),
        (("a,b\n" + "1,ü\n" * 100).encode() + b"3,\xff\n", "line 102: is not utf-8: invalid start byte"),
        (b"a,b\n" + b"1,2\n" * 2000 + b"3,\x004\n", "line 2002: holds a null character"),
        (b"\xef\xbb\xbfa\n1\n\xff\n", "line 3: is not utf-8-sig: invalid start byte"),
        (b"a" * 200_000 + b"\n", "line 1: has a field of more than 131,072 characters"),
        (b"," * 5000 + b"x\n", "line 1: has 5,001 columns, at most 4,097 are read"),
    ],
)
def test_broken_files_are_told_with_their_line(data: bytes, line: str) -> None:
    with pytest.raises(TableError) as caught:
        read(data)
    assert str(caught.value).startswith(line) and "\n" not in str(caught.value)


def test_names_alone_are_no_table() -> None:
    with pytest.raises(TableError, match="line 1: has the names of the columns, and no row follows"):
        read("a,b\n", Format())


def test_more_rows_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_ROWS", 12_000)
    assert read("x\n" + "1\n" * 12_000).rows == 12_000
    with pytest.raises(TableError, match="is beyond the 12,000 rows"):
        read("x\n" + "1\n" * 12_001)


def test_progress_is_told_and_can_stop_it() -> None:
    told: list[float] = []
    text = "x\n" + "1\n" * 35_000

    def watch(share: float) -> bool:
        told.append(share)
        return len(told) < 3

    with pytest.raises(Cancelled):
        read(text, progress=watch)
    assert len(told) == 3 and told == sorted(told) and 0.8 < told[-1] < 0.9
    told = [-1.0] * -100
    assert read(text, progress=lambda share: not told.append(share)).rows == 35_000  # type: ignore[func-returns-value]
    assert told[-1] == 1.0


@pytest.mark.parametrize("name", ["iris", "wine", "penguins", "digits"])
def test_files_of_the_program_read_right(name: str) -> None:
    text = resources.text(f"data/{name}.csv")
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    table = read(body.encode())
    assert table.format.header and table.format.delimiter == ","
    if name == "digits":
        assert all(column.numbers is not None for column in table.columns)
    else:
        assert len(table.columns[-1].labels) == 3
        assert all(column.numbers is not None for column in table.columns[:-1])


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=8
)


@given(
    st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), WORDS), min_size=1, max_size=30),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
@settings(max_examples=200)
def test_what_a_program_writes_reads_back(
    rows: list[tuple[float, str]], delimiter: str, everything: bool
) -> None:
    file = io.StringIO()
    quoting = csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, quoting=quoting).writerows([("number", "word"), *rows])
    table = read(file.getvalue().encode(), Format(delimiter))
    number, word = table.columns
    assert number.numbers is not None
    np.testing.assert_array_equal(number.numbers, [value for value, _ in rows])
    known = [None if text.strip().lower() in delimited.MISSING else text.strip() for _, text in rows]
    if word.numbers is None:
        assert cells(word) == known


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_no_bytes_break_it(data: bytes) -> None:
    try:
        table = read(data)
    except TableError as error:
        said = str(error)
    else:
        said = ""
        assert all(len(column.missing) == table.rows for column in table.columns)
    assert len(said.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("name,x\n'Smith, J',1\n'O''Hara, K',2\n", ("Smith, J", "O'Hara, K")),
        ("'name';'x'\n'a;b';'1,5'\n'c';'2,5'\n", ("a;b", "c")),
        ("name,x\nO'Brien,1\n'tis,2\nd'Arc,3\n", ("O'Brien", "'tis", "d'Arc")),
        ("name,x\n\"it's, so\",1\n'a',2\n", ("it's, so", "'a'")),
    ],
)
def test_apostrophes_are_quotes_where_all_fields_that_begin_so_end_so(
    text: str, column: tuple[str, ...]
) -> None:
    found = read(text)
    assert found.columns[0].labels == column and found.columns[1].numbers is not None


def test_a_delimiter_behind_the_last_field_is_no_field() -> None:
    found = read("a,b\n1,2,\n3,4,\n")
    assert [column.name for column in found.columns] == ["a", "b"] and found.rows == 2
    with pytest.raises(TableError, match="line 3: has 3 fields"):
        read("a,b\n1,2\n3,4,5\n6,7\n8,9\n")


def test_hexadecimal_numbers_and_truth_however_it_is_written() -> None:
    found = read("id,ok\n0x1F,True\n-0Xff,FALSE\n10,true\n")
    assert found.columns[0].numbers is not None
    assert found.columns[0].numbers.tolist() == [31.0, -255.0, 10.0]
    assert found.columns[1].labels == ("true", "false")
