"""A file that lost text is refused with the place and the remedy; one that was repaired without loss is parsed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import SAMPLES, parsed

from regtune.errors import UnusableInputError

_SAMPLE = SAMPLES / "travel-2024-01-01.pdf"
_REFUSED = (
    r"^규칙\.pdf: (the file is damaged: text of (page \d+|pages [\d, ]+|\d+ pages \(.*\)) is lost or altered \(.+\)"
    r"|not a readable PDF \(.+\)); get the file again\.$"
)
_ARTICLES = parsed(_SAMPLE).report.counts["articles"]


def _content() -> bytes:
    """The sample with its list of pages first, as most programs write it."""
    import pymupdf

    with pymupdf.open() as document, pymupdf.open(_SAMPLE) as sample:
        document.insert_pdf(sample)
        return bytes(document.tobytes())


def _cut(share: float) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(len(content) * share)]


def _altered_stream(content: bytes) -> bytes:
    """Each 20,000th byte is another one."""
    altered = bytearray(content)
    for i in range(20_000, len(altered), 20_000):
        altered[i] ^= 0x55
    return bytes(altered)


def _without_font_codes(content: bytes) -> bytes:
    """The object that tells the characters of a font is gone, so that all offsets are wrong."""
    number = re.search(rb"/ToUnicode (\d+) 0 R", content)
    assert number is not None
    return re.sub(rb"\n%s 0 obj.*?endobj" % number[1], b"", content, count=1, flags=re.DOTALL)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_cut(0.3), id="first 30%"),
        pytest.param(_cut(0.6), id="first 60%"),
        pytest.param(_cut(0.9), id="first 90%"),
        pytest.param(_altered_stream, id="altered bytes"),
        pytest.param(_without_font_codes, id="characters of a font gone"),
    ],
)
def test_damaged_file_is_not_accepted_with_part_of_its_text(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """What MuPDF reads on after a repair that lost text is no regulation."""
    (tmp_path / "규칙.pdf").write_bytes(damage(_content()))
    with pytest.raises(UnusableInputError, match=_REFUSED):
        parsed(tmp_path / "규칙.pdf")


def test_file_cut_before_its_list_of_pages_is_called_damaged(tmp_path: Path) -> None:
    """It is not said to be no PDF."""
    (tmp_path / "a.pdf").write_bytes(_cut(0.6)(_SAMPLE.read_bytes()))
    with pytest.raises(UnusableInputError, match=r"a\.pdf: the file is damaged: no page is left; get the file again\."):
        parsed(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: content + b"\n<html>no part of it</html>\n" * 100, id="junk after the end"),
        pytest.param(lambda content: b"\r\n\r\n" + content, id="blank lines before the start"),
        pytest.param(lambda content: re.sub(rb"startxref\s+\d+", b"startxref\n17", content), id="wrong offset"),
        pytest.param(lambda content: content[: content.rindex(b"startxref")], id="end cut off"),
    ],
)
def test_harmless_repair_is_a_warning(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """All of the text is there, so it is read, and a person is told."""
    (tmp_path / "a.pdf").write_bytes(change(_SAMPLE.read_bytes()))
    report = parsed(tmp_path / "a.pdf").report
    assert report.counts["articles"] == _ARTICLES
    assert {w.code for w in report.warnings} & {"repaired", "not_quite_a_pdf"}
