"""Characters as a PDF prints them: runs of one size on one baseline, character variants made one.

In: the text blocks of a page's `rawdict`. Out: runs. It neither orders runs nor knows words: PyMuPDF's own lines
and spaces are not used, because they lose spaces between Hangul and cut a line at every change of font.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

_VARIANTS = {
    "ⓛ": "①",  # a circled letter L typed for a circled one
    "\u00ad": "",
    "\u200b": "",
    "\u200c": "",
    "\u200d": "",
    "\u2060": "",
    "\ufeff": "",
}
_CIRCLED_SETS = ("➀", "➊", "⓵", "❶")
"""First characters of other sets of ten circled numbers."""
_VARIANTS.update({chr(ord(first) + i): chr(ord("①") + i) for first in _CIRCLED_SETS for i in range(10)})
_VARIANTS.update({chr(code): chr(code - 0xFEE0) for code in map(ord, "％，．０１２３４５６７８９")})
_VARIANTS.update({chr(ord(first) + i): chr(ord(first) + i - 0xFEE0) for first in "Ａａ" for i in range(26)})
"""Digits, letters and what stands between digits in full width: `제５조`, `１．`, `１０％`."""
_ODD = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0340-\u0344\u0374\u037e\u0387\u1100-\u11ff\u1680\u1f00-\u2060\u2126\u212a\u212b"
    "\u2329\u232a\u24db\u24f5-\u24fe\u2776-\u2793\u2adc\u3000\ua960-\ua97f\ud7b0-\ud7ff\ue000-\ufaff\ufb00-\ufb4f"
    "\ufeff\uff05\uff0c\uff0e\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\ufffd\U0001d100-\U0001d1ff"
    "\U0002f800-\U0002fa1f\U000f0000-\U0010ffff]"
)
"""Every character that `_kept` may change or refuse, and some that it keeps."""
_JAMO = re.compile("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
"""A syllable printed as its letters; those that modern Hangul has not stay as they are."""
_PRIVATE_USE = (("\ue000", "\uf8ff"), ("\U000f0000", "\U0010fffd"))
_UPRIGHT_COSINE = 0.99
"""Of the writing direction."""
_WATERMARK_SIZES = 2.0
"""A watermark is so many times as large as the text of its page, and light or transparent."""
_OPAQUE, _LIGHT, _WHITE = 200, 0xB0, 0xFA
"""White text stands on a dark ground."""
_BESIDE_EM = 0.2
"""A span no further behind another goes on with its run."""
_character, _box, _left, _right = itemgetter("c"), itemgetter("bbox"), itemgetter(0), itemgetter(2)


class Run(NamedTuple):
    """Characters of one size on one baseline; one entry of `starts` and `ends` for each character of `text`."""

    text: str
    """A space for any blank."""
    starts: Sequence[float]
    """Left edges in points, in the order of the text."""
    ends: Sequence[float]
    y: float
    """Baseline."""
    size: float

    def part(self, chosen: Sequence[int]) -> "Run":
        """The characters at these indices."""
        return Run(
            "".join([self.text[i] for i in chosen]),
            [self.starts[i] for i in chosen],
            [self.ends[i] for i in chosen],
            self.y,
            self.size,
        )

    @property
    def middle_y(self) -> float:
        """A height well inside the glyphs."""
        return self.y - 0.3 * self.size


def read_runs(blocks: Sequence[Any], dropped: Counter[str]) -> Iterator[Run]:
    """Yield the upright runs of a page's text blocks; `dropped` counts the characters left out, by reason.

    Text printed without ink is kept: Hancom draws bold letters as paths with such text over them, and a scan holds
    what OCR read.
    """
    spans = [(line, span) for block in blocks for line in block["lines"] for span in line["spans"]]
    faint = any(_is_faint(span) for _, span in spans if span["color"] or span["alpha"] < _OPAQUE)
    largest = _WATERMARK_SIZES * _text_size(spans) if faint else math.inf
    size, y, chars = 0.0, 0.0, list[Any]()
    for line, span in spans:
        reason = None
        if line["dir"][0] <= _UPRIGHT_COSINE:
            reason = "rotated"
        elif faint and span["size"] >= largest and _is_faint(span):
            reason = "watermark"
        if reason:
            dropped[reason] += sum(is_printed(char["c"]) for char in span["chars"])
        elif (
            span["size"] == size
            and span["origin"][1] == y
            and chars
            and 0 <= span["bbox"][0] - chars[-1]["bbox"][2] <= _BESIDE_EM * size
        ):
            chars += span["chars"]  # right behind the span before, as after a change of font
        else:
            yield from _run(chars, y, size, dropped)
            size, y, chars = span["size"], span["origin"][1], [*span["chars"]]
    yield from _run(chars, y, size, dropped)


def _is_faint(span: Any) -> bool:  # noqa: ANN401
    colour = span["color"]
    lightness = min(colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    return bool(_LIGHT <= lightness < _WHITE or 0 < span["alpha"] < _OPAQUE)


def _text_size(spans: Sequence[tuple[Any, Any]]) -> float:
    """The size that most characters have."""
    sizes: Counter[float] = Counter()
    for _, span in spans:
        sizes[round(span["size"], 1)] += len(span["chars"])
    return max(sizes, key=lambda size: (sizes[size], size))


def turned(blocks: Sequence[Any]) -> int:
    """The rotation in degrees that makes most of a page's text upright: 0, 90, 180 or 270."""
    directions: Counter[int] = Counter()
    lines = [line for block in blocks for line in block["lines"]]
    if all(line["dir"][0] > _UPRIGHT_COSINE for line in lines):
        return 0
    for line in lines:
        cosine, sine = line["dir"]
        angle = 0 if cosine > _UPRIGHT_COSINE else 90 if sine < -_UPRIGHT_COSINE else 270 if sine > 0 else 180
        directions[angle] += sum(len(span["chars"]) for span in line["spans"])
    return max(directions, key=lambda angle: (directions[angle], -angle), default=0)


def is_printed(character: str) -> bool:
    """Whether a character of a PDF leaves a mark on the page, as far as its code tells."""
    return not character.isspace() and _VARIANTS.get(character) != ""


def _run(chars: Sequence[Any], y: float, size: float, dropped: Counter[str]) -> Iterator[Run]:
    """Yield the run of these characters, unless nothing is left of it."""
    text = "".join(map(_character, chars))
    boxes = list(map(_box, chars))
    starts: Sequence[float] = list(map(_left, boxes))
    ends: Sequence[float] = list(map(_right, boxes))
    if len(text) != len(chars) or _ODD.search(text):
        text, starts, ends = _cleaned(list(map(_character, chars)), starts, ends, dropped)
    if text:
        yield Run(text, starts, ends, y, size)


def _cleaned(
    characters: Sequence[str], starts: Sequence[float], ends: Sequence[float], dropped: Counter[str]
) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """Characters as kept, with their edges."""
    kept: list[str] = []
    lefts: list[float] = []
    rights: list[float] = []
    for character, x0, x1 in zip(characters, starts, ends, strict=True):
        shown, reason = _kept(character)
        if reason:
            dropped[reason] += not character.isspace()
        elif shown:
            kept.append(shown)
            lefts.append(x0)
            rights.append(x1)
    for match in reversed(list(_JAMO.finditer("".join(kept)))):
        first, last = match.span()
        kept[first:last] = unicodedata.normalize("NFC", match[0])
        dropped["composed"] += last - first - 1
        lefts[first:last] = [min(lefts[first:last])]
        rights[first:last] = [max(rights[first:last])]
    return "".join(kept), tuple(lefts), tuple(rights)


def _kept(character: str) -> tuple[str, str | None]:
    """Return the character as kept (a space for any blank, empty for an invisible one), or why it is dropped."""
    character = _VARIANTS.get(character, character)
    if not character:
        return "", None
    if character.isspace():
        return " ", None
    if character == "\ufffd" or any(first <= character <= last for first, last in _PRIVATE_USE):
        return "", "unreadable"
    if unicodedata.category(character) == "Cc":
        return "", "unreadable"
    composed = unicodedata.normalize("NFC", character)  # compatibility hanja have NFC singletons
    return composed if len(composed) == 1 else character, None
