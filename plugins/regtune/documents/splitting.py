"""A long text in parts of nearly equal tokens, cut where a reader would cut it.

In: the text of one provision, a limit and a token counter. Out: parts that together hold every non-blank character
once, in order, none over the limit. Cuts fall between 항 if that can be even enough, else between 호 (or rows of a
table), then between sentences, then words; inside a word only when a word alone is over the limit.
"""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from regtune.documents.tokens import TokenCounter

_PARAGRAPH_COST, _ITEM_COST, _SENTENCE_COST, _WORD_COST = 0.0, 0.02, 0.1, 0.5
"""What a cut costs, in the unit of squared relative deviation from even parts."""
_HANG = re.compile(r"[①-⑳㉑-㉟]|제\d+조")
_SENTENCE = re.compile(r"(?<=[다음함임됨][.])(?=\s)|(?<=[.!?。])(?=\s+(?:다만|이 경우|단[,\s]))")
_WORD = re.compile(r"(?=\s)")


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is not cut; blanks before it belong to it."""

    text: str
    cost: float
    """Of a cut before it."""
    tokens: int


def split_evenly(text: str, limit: int, count: TokenCounter) -> list[str]:
    """Cut a text into as few parts as fit the limit, as even as their boundaries allow.

    Args:
        text: paragraphs on lines of their own.
        limit: tokens of the longest part.
        count: of tokens.

    Returns:
        Parts without blanks at their ends; the text alone when it fits, nothing when it is blank.
    """
    text = text.strip()
    if not text:
        return []
    if count(text) <= limit:
        return [text]
    pieces = _pieces(text, limit, count)
    total = sum(piece.tokens for piece in pieces)
    for parts in range(max(2, math.ceil(total / limit)), len(pieces) + 1):
        cuts = _even_cuts(pieces, parts, limit)
        if cuts is None:
            continue
        joined = ["".join(piece.text for piece in pieces[a:b]).strip() for a, b in itertools.pairwise(cuts)]
        if all(count(part) <= limit for part in joined):
            return joined
    return [piece.text.strip() for piece in pieces]


def _pieces(text: str, limit: int, count: TokenCounter) -> list[Piece]:
    pieces: list[Piece] = []
    for line in re.split(r"(?=\n)", text):
        line_cost = _PARAGRAPH_COST if _HANG.match(line.lstrip("\n")) else _ITEM_COST
        for i, sentence in enumerate(_cut(_SENTENCE, line)):
            cost = _SENTENCE_COST if i else line_cost
            if count(sentence) <= limit:
                pieces.append(Piece(sentence, cost, count(sentence)))
                continue
            for word in _cut(_WORD, sentence):
                for letters in _halves(word, limit, count):
                    pieces.append(Piece(letters, cost, count(letters)))
                    cost = _WORD_COST
    return pieces


def _cut(pattern: re.Pattern[str], text: str) -> list[str]:
    """Cut before each match; stretches of blanks join the text after them, or the last text."""
    pieces: list[str] = []
    pending = ""
    for piece in pattern.split(text):
        if piece.strip():
            pieces.append(pending + piece)
            pending = ""
        else:
            pending += piece
    if pieces:
        pieces[-1] += pending
    return pieces


def _halves(word: str, limit: int, count: TokenCounter) -> list[str]:
    if count(word) <= limit or len(word.strip()) <= 1:
        return [word]
    middle = len(word) // 2 if word[: len(word) // 2].strip() else len(word) - len(word.lstrip()) + 1
    return [*_halves(word[:middle], limit, count), *_halves(word[middle:], limit, count)]


def _even_cuts(pieces: Sequence[Piece], parts: int, limit: int) -> list[int] | None:
    """Ends of the best `parts` stretches, from 0 to len(pieces); None when none fit the limit."""
    before = [0]
    for piece in pieces:
        before.append(before[-1] + piece.tokens)
    mean = before[-1] / parts
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(parts):
        reached: dict[int, tuple[float, int]] = {}
        for start, (cost, _start) in best[-1].items():
            for end in range(start + 1, len(pieces) + 1):
                tokens = before[end] - before[start]
                if tokens > limit:
                    break
                cut = pieces[end].cost if end < len(pieces) else 0.0
                total = cost + ((tokens - mean) / mean) ** 2 + cut
                if end not in reached or total < reached[end][0]:
                    reached[end] = (total, start)
        best.append(reached)
    if len(pieces) not in best[-1]:
        return None
    cuts = [len(pieces)]
    for reached in reversed(best[1:]):
        cuts.append(reached[cuts[-1]][1])
    return cuts[::-1]
