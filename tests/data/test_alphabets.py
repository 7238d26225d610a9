"""Texts in older encodings are read in the one that they were written in."""

from __future__ import annotations

import pytest

from deltaglow.data import delimited

TEXTS = [
    ("cp1251", "город,население,класс\nМосква,12.6,большой\nТверь,0.4,малый\n"),
    ("cp1251", "вид;длина\nёж;1,5\n"),
    ("cp1253", "πόλη,τιμή\nΑθήνα,1\nΠάτρα,2\n"),
    ("cp1250", "miasto,wartość\nŁódź,1\nKraków,2\nGdańsk,3\n"),
    ("cp1256", "اسم,b\nعلي,1\nسارة,2\n"),
    ("shift_jis", "名前,値\n東京,1\n大阪,2\n"),
    ("gb18030", "城市,人口\n北京,1\n上海,2\n"),
    ("cp1252", "Stadt,Größe\nMünchen,1.5\nKöln,1.1\n"),
    ("cp1252", "name,temp °C,area m²,price £,share ½\nœuvre,20,3,4,5\n"),
    ("cp1252", "años,niño,crème brûlée\n1,2,3\n"),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_an_alphabet_is_recognised(encoding: str, text: str) -> None:
    found, form = delimited.opened(text.encode(encoding))
    assert (form.encoding, found) == (encoding, text)


def test_a_long_text_is_judged_by_its_head_and_read_whole() -> None:
    text = "имя,число\n" + "".join(f"строка,{k}\n" for k in range(12_000)) + "конец,—\n"
    found, form = delimited.opened(text.encode("cp1251"))
    assert form.encoding == "cp1251" and found == text


def test_what_is_no_text_in_a_recognised_alphabet_says_where() -> None:
    with pytest.raises(delimited.TableError, match=r"line 2: .*encoding must be chosen"):
        delimited.opened(b"a,b\n1,\x81\n")
