"""Text with a line drawn through it: deleted, so that it must not be read as valid.

In: the runs of a page and its drawn shapes. Out: the runs without such characters, which are counted, and their words.
The line is thin and flat, runs through the middle of the characters and begins and ends where they do: an underline is
lower, a ruling of a table longer.
"""

import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from regtune.documents.characters import Run

_THICKEST = 2.5
"""Points; MuPDF's outline of a stroke is twice as thick as its line."""
_SHORTEST_EM = 0.9
_LOWEST_EM, _HIGHEST_EM = 0.16, 0.56
"""Above the baseline; the middle of a Hangul syllable is at 0.36."""
_BESIDE_EM = 0.4
"""By which the line may begin or end off its characters."""


class _Stroke(NamedTuple):
    left: float
    right: float
    y: float


def without_struck_out(
    runs: Sequence[Run], shapes: Sequence[Any], dropped: Counter[str]
) -> tuple[Sequence[Run], tuple[str, ...]]:
    """The runs that are valid, and the words struck out; `dropped` counts their characters as `struck_out`.

    Args:
        runs: of a page.
        shapes: the vector blocks of its `rawdict`, letters drawn as paths aside.
        dropped: characters left out, by reason.
    """
    strokes = list(_strokes(shapes))
    if not strokes:
        return runs, ()
    order = sorted(range(len(runs)), key=lambda i: runs[i].y)
    baselines = [runs[i].y for i in order]
    reach = _HIGHEST_EM * max([run.size for run in runs], default=0.0)
    struck: dict[int, set[int]] = {}
    for stroke in strokes:
        first, last = bisect.bisect(baselines, stroke.y), bisect.bisect(baselines, stroke.y + reach)
        for i in order[first:last]:
            if through := _characters_below(stroke, runs[i]):
                struck.setdefault(i, set()).update(through)
    if not struck:
        return runs, ()
    kept: list[Run] = []
    words: list[str] = []
    for i, run in enumerate(runs):
        gone = struck.get(i, set())
        if not gone:
            kept.append(run)
            continue
        words.append(run.part(sorted(gone)).text.strip())
        dropped["struck_out"] += sum(run.text[j] != " " for j in gone)
        if rest := [j for j in range(len(run.text)) if j not in gone]:
            kept.append(run.part(rest))
    return kept, tuple(words)


def _strokes(shapes: Sequence[Any]) -> Iterator[_Stroke]:
    """The thin flat lines of a page."""
    for shape in shapes:
        x0, y0, x1, y1 = shape["bbox"]
        if _is_flat(shape["bbox"]):
            end = (y1 - y0) / 2 if shape["stroked"] else 0.0
            yield _Stroke(x0 + end, x1 - end, (y0 + y1) / 2)


def _is_flat(box: Sequence[float]) -> bool:
    return box[3] - box[1] <= _THICKEST < box[2] - box[0]


def _characters_below(stroke: _Stroke, run: Run) -> list[int]:
    """The characters that a line is drawn through; none when it passes elsewhere or beyond them."""
    size = run.size
    near = _BESIDE_EM * size
    height = run.y - stroke.y
    if not _LOWEST_EM * size <= height <= _HIGHEST_EM * size or stroke.right - stroke.left < _SHORTEST_EM * size:
        return []
    if stroke.left < run.starts[0] - near or stroke.right > run.ends[-1] + near:
        return []
    edges = zip(run.text, run.starts, run.ends, strict=True)
    middles = [(i, (x0 + x1) / 2, x0, x1) for i, (character, x0, x1) in enumerate(edges) if character != " "]
    through = [(i, x0, x1) for i, x, x0, x1 in middles if stroke.left < x < stroke.right]
    if not through or abs(through[0][1] - stroke.left) > near or abs(through[-1][2] - stroke.right) > near:
        return []
    return list(range(through[0][0], through[-1][0] + 1))
