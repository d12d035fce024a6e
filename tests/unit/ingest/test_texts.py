"""The encoding of a text is found, or the file is refused; nothing is guessed into nonsense."""

from pathlib import Path

import pytest

from orchestration.ingest.errors import FileUndecodable
from orchestration.ingest.texts import Encoding, encoding_of

SAMPLES = {
    "cp1252": "1,Jürgen Müller\n2,Zoë Ångström\n3,François Lefèvre\n",
    "cp1250": "1;Łukasz Wiśniewski\n2;Małgorzata Nowak\n3;Stanisław Dąbrowski\n",
    "cp1251": "1,Иван Петров\n2,Анна Смирнова\n3,Сергей Кузнецов\n",
    "koi8-r": "1,Иван Петров\n2,Анна Смирнова\n3,Сергей Кузнецов\n",
    "cp1253": "1,Γιώργος Παπαδόπουλος\n2,Μαρία Νικολάου\n",
    "mac-roman": "1,Jürgen Müller\n2,José\n",
    "shift_jis": "1,山田太郎\n2,佐藤花子,東京\n3,鈴木一郎\n",
    "gb18030": "1,张伟,北京\n2,王芳,上海\n3,李娜\n",
    "utf-8": "1,Jürgen\n2,山田太郎\n",
}


def _encoding(folder: Path, content: bytes, stated: str = "detect") -> Encoding:
    path = folder / "text"
    path.write_bytes(content)
    return encoding_of(path, stated=stated, display="till/receipts.csv", source="till")


@pytest.mark.parametrize("codec", SAMPLES)
def test_a_detected_encoding_gives_the_text_that_was_written(tmp_path: Path, codec: str) -> None:
    content = SAMPLES[codec].encode(codec)
    assert content.decode(_encoding(tmp_path, content).codec) == SAMPLES[codec]


def test_a_text_that_is_utf8_but_for_a_few_bytes_is_utf8(tmp_path: Path) -> None:
    assert _encoding(tmp_path, "Jürgen Müller äöü\n".encode() * 20 + b"\xff\n").codec == "utf-8"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, codec: str) -> None:
    mark = "\ufeff".encode(codec)
    found = _encoding(tmp_path, mark + "a,b\n".encode(codec))
    assert (found.codec, found.bom_bytes) == (codec, len(mark))


def test_a_first_character_nul_makes_no_other_mark_of_that_of_the_stated_encoding(tmp_path: Path) -> None:
    assert _encoding(tmp_path, "\0a".encode("utf-16"), "utf-16") == Encoding("utf-16-le", 2, is_line_safe=False)


def test_a_utf8_mark_says_more_than_the_contract(tmp_path: Path) -> None:
    assert _encoding(tmp_path, b"\xef\xbb\xbfa,b\n", "cp1252") == Encoding("utf-8", 3, is_line_safe=True)


def test_a_multi_byte_text_in_another_encoding_than_stated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUndecodable, match=r"no shift_jis text.*lake/contracts/till\.yml"):
        _encoding(tmp_path, b"a,b\n\x81", "shift_jis")


@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
def test_a_text_without_the_mark_that_its_stated_encoding_has_is_refused(tmp_path: Path, codec: str) -> None:
    with pytest.raises(FileUndecodable, match=rf"no {codec} text"):
        _encoding(tmp_path, "a,b\n".encode(f"{codec}-le"), codec)


@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "ascii", "koi8-r", "mac-roman", "utf-8"])
def test_records_are_told_apart_without_decoding_where_ascii_is_ascii(tmp_path: Path, codec: str) -> None:
    assert _encoding(tmp_path, b"a,b\n", codec).is_line_safe


@pytest.mark.parametrize("codec", ["utf-16", "shift_jis", "gb18030", "big5", "cp037", "utf-7"])
def test_records_are_not_told_apart_without_decoding_elsewhere(tmp_path: Path, codec: str) -> None:
    assert not _encoding(tmp_path, "a,b\n".encode(codec), codec).is_line_safe
