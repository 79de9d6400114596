"""Text of a page that is an image, by Tesseract and its Korean data.

In: a page. Out: runs of characters with the spaces that Tesseract sees, and how many words it is unsure of. PyMuPDF
draws the page and the `tesseract` command reads it as one block of text, in a process of its own with a time limit:
PyMuPDF's own binding to Tesseract keeps neither its spaces between Hangul nor its confidence. The cells of
ruled tables are cut out of the picture and read one below the other, since Tesseract reads across them.
"""

import csv
import functools
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regtune.documents.characters import Run
from regtune.documents.ocr_sheet import Sheet, find_lines, fits
from regtune.documents.rulings import Box, grids_of
from regtune.errors import PrerequisiteMissingError, UnusableInputError

UNSURE = 60.0
"""Words of less confidence (of 100) are counted as unsure."""
_NOISE = 25.0
"""Lines whose words are all less sure are specks."""
_DPI = 300
_LANGUAGE = "kor"
_SECONDS = 180
_WORD_LEVEL = "5"
_EM_OF_INK = 1.1
"""Hangul fill nine tenths of their em."""
_LARGEST_PIXELS = 60_000_000
_WIDE_GAP = re.compile(r"\s{4,}")
"""Blanks between columns."""


@dataclass(frozen=True)
class _Word:
    text: str
    left: float
    right: float
    bottom: float
    height: float
    confidence: float


@dataclass(frozen=True)
class Words:
    """What OCR read on one page."""

    runs: tuple[Run, ...]
    grids: tuple[tuple[Box, ...], ...]
    """Cell boxes of each ruled table."""
    count: int
    unsure: int


def read_words(page: Any, file: str) -> Words:  # noqa: ANN401 - PyMuPDF has no types
    """Read a page.

    Raises:
        PrerequisiteMissingError: Tesseract or its Korean data is not installed.
        UnusableInputError: Tesseract failed on this page, or took too long.
    """
    import pymupdf

    where = f"{file}: page {page.number + 1} has no text (scanned or outlines)"
    if not installed():
        raise PrerequisiteMissingError(
            f"{where}; install tesseract-ocr and tesseract-ocr-kor, give a PDF with text, or set parse.ocr to off."
        )
    dpi = min(_DPI, int(72 * (_LARGEST_PIXELS / (page.rect.width * page.rect.height)) ** 0.5))
    with tempfile.TemporaryDirectory() as folder:
        image, output = Path(folder) / "page.png", Path(folder) / "read"
        picture = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        grids = tuple(grids_of(find_lines(picture, dpi)))
        if not fits(picture, [cell for grid in grids for cell in grid], dpi):
            grids = ()  # cells by the thousand, as of a page of squared paper, are not worth reading one by one
        sheet = Sheet(picture, [cell for grid in grids for cell in grid], dpi)
        sheet.picture.save(image)
        command = ["tesseract", str(image), str(output), "-l", _LANGUAGE, "--dpi", str(dpi), "--psm", "6"]
        command += ["-c", "preserve_interword_spaces=1", "txt", "tsv"]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # its threads wait for one another on a busy host
            )
        except subprocess.TimeoutExpired as error:
            raise UnusableInputError(f"{where}; Tesseract took over {_SECONDS} s; give a PDF with text.") from error
        if done.returncode != 0:
            raise UnusableInputError(f"{where}; Tesseract failed: {' '.join(done.stderr.split())[:200]}.")
        spaced = output.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        table = output.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    read = [[_put_back(word, sheet) for word in line] for line in _lines(table, 72 / dpi)]
    words = [word for line in read for word in line]
    unsure = sum(word.confidence < UNSURE for word in words)
    return Words(tuple(_spaced_runs(read, spaced)), grids, len(words), unsure)


@functools.cache
def installed() -> bool:
    """Whether the `tesseract` command and its Korean data are there."""
    if shutil.which("tesseract") is None:
        return False
    command = ["tesseract", "--list-langs"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)  # noqa: S603
    return _LANGUAGE in listed.stdout.split()


def _lines(table: Sequence[str], scale: float) -> Iterator[list[_Word]]:
    """The words of each line of Tesseract's TSV, specks left out."""
    found: dict[tuple[str, ...], list[_Word]] = defaultdict(list)
    for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == _WORD_LEVEL and (row["text"] or "").strip():
            left, top, width, height = (float(row[name]) * scale for name in ("left", "top", "width", "height"))
            key = (row["block_num"], row["par_num"], row["line_num"])
            text = "".join(row["text"].split())
            found[key].append(_Word(text, left, left + width, top + height, height, float(row["conf"])))
    for words in found.values():
        if any(word.confidence >= _NOISE for word in words):
            yield words


def _put_back(word: _Word, sheet: Sheet) -> _Word:
    x, y = sheet.shift(word.bottom - word.height / 2)
    return replace(word, left=word.left + x, right=word.right + x, bottom=word.bottom + y)


def _spaced_runs(lines: Sequence[Sequence[_Word]], spaced: Sequence[str]) -> Iterator[Run]:
    """Runs of each line: places from the words, spaces from Tesseract's plain text where it has the same characters."""
    texts: dict[str, list[str]] = defaultdict(list)
    for text in spaced:
        texts["".join(text.split())].append(text)
    for words in lines:
        joined = "".join(word.text for word in words)
        text = texts[joined].pop(0) if texts.get(joined) else " ".join(word.text for word in words)
        size = statistics.median(word.height for word in words) * _EM_OF_INK
        bottom = statistics.median(word.bottom for word in words)
        places = [
            (word.left + (word.right - word.left) * i / len(word.text), word.right)
            for word in words
            for i in range(len(word.text))
        ]
        for part in _WIDE_GAP.split(text.strip()):
            yield _run(part, places, bottom, size)
            del places[: len(part) - part.count(" ")]


def _run(text: str, places: Sequence[tuple[float, float]], bottom: float, size: float) -> Run:
    """A run whose characters touch, so that no gap but its blanks is a space."""
    starts: list[float] = []
    ends: list[float] = []
    at = 0
    for character in text:
        starts.append(places[at - 1][1] if character == " " else places[at][0])
        ends.append(places[at][0] if character == " " else places[at][1])
        at += character != " "
    for i in range(len(text) - 1):
        if text[i] != " " and text[i + 1] != " ":
            ends[i] = starts[i + 1]
    return Run(text, starts, ends, bottom, size)
