"""Where a regulation's text can be cut, and how good each place is.

In: a text, its 항, 호, 목 and table rows on lines of their own. Out: its words, each with the rank of the gap before
it: 0 before a 항, 1 before a 호 or a table, 2 before a 목, a row or another line, 3 between sentences, 4 between
clauses, 5 between words, 6 inside a word that is long by itself.
"""

import re
from dataclasses import dataclass

from regtune.documents.tokens import TokenCounter

PARAGRAPH, ITEM, LINE, SENTENCE, CLAUSE, WORD, LETTERS = range(7)
_WORDS = re.compile(r"\s*\S+")
_CIRCLED = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚")
_PARAGRAPH = re.compile(r"[①-⑳㉑-㉟]|제\d+조")
_ITEM = re.compile(r"(?P<number>\d+)(?:의\d+)?[.)]|\((?P<bracketed>\d+)\)|※|비\s*고")
_SUBITEM = re.compile(r"[가-하][.)]|\([가-하]\)")
_RULING = re.compile(r"\|(?: *:?-+:? *\|)+")
_SENTENCE_END = re.compile(r"[다음함임됨것]\.[)\]”\"]?$")
_PROVISO = re.compile(r"(?:다만|이 경우|이경우|단)(?:,|$)")
_CLAUSE_END = re.compile(r"(?:[,;:]|[가-힣](?:고|며|거나|으나|지만|경우|경우에는|때에는|때|하여|되어))$")
_LONGEST_CAPTION = 40


@dataclass(frozen=True)
class Atom:
    """A stretch of text that is not cut; the blanks before it belong to it."""

    text: str
    rank: int
    """Of the gap before it."""


def atoms_of(text: str, most: int, count: TokenCounter) -> list[Atom]:
    """Cut a text into words; one of over `most` tokens into letters or stretches of them."""
    atoms: list[Atom] = []
    lines = text.split("\n")
    for index, line in enumerate(lines):
        words = _WORDS.findall(line) or [line]
        for place, word in enumerate(words):
            rank = _rank_in_line(words, place) if place else _rank_of_line(lines, index)
            for letters in _halves(word if place or not index else "\n" + word, most, count):
                atoms.append(Atom(letters, rank))
                rank = LETTERS
    return atoms


def _rank_of_line(lines: list[str], index: int) -> int:
    line, before, earlier = lines[index], *(lines[index - 1 : index] or [""]), *(lines[index - 2 : index - 1] or [""])
    if line.startswith("|"):
        heads = _RULING.fullmatch(line) or _RULING.fullmatch(before)
        if before.startswith("|"):
            return WORD if heads else LINE
        return CLAUSE if _is_caption(before) and earlier else ITEM  # a table's caption stays with it
    if _PARAGRAPH.match(line):
        return PARAGRAPH
    if match := _ITEM.match(line):
        first = "1" in {match["number"], match["bracketed"]}
        return LINE if first and not before.startswith("|") else ITEM  # what leads a list in stays with its first 호
    return SENTENCE if line.startswith(("가.", "가)", "(가)")) else LINE


def _is_caption(line: str) -> bool:
    return len(line) <= _LONGEST_CAPTION and not line.endswith(".") and not line.startswith("|")


def _rank_in_line(words: list[str], place: int) -> int:
    before, word = words[place - 1].strip(), words[place].strip()
    if words[0].startswith("|"):
        return CLAUSE if before == "|" or _SENTENCE_END.search(before) or _CLAUSE_END.search(before) else WORD
    if place == 1 and (_PARAGRAPH.match(before) or _ITEM.fullmatch(before) or _SUBITEM.fullmatch(before)):
        return WORD  # a mark, or a heading, alone says nothing
    if word[0] in _CIRCLED and before.endswith("."):
        return PARAGRAPH
    if _SENTENCE_END.search(before) and not _PROVISO.match(word):  # a proviso stays with its rule as long as it can
        return SENTENCE
    return CLAUSE if _SENTENCE_END.search(before) or _CLAUSE_END.search(before) else WORD


def _halves(word: str, most: int, count: TokenCounter) -> list[str]:
    if count(word) <= most or len(word.strip()) <= 1:
        return [word]
    middle = len(word) // 2 if word[: len(word) // 2].strip() else len(word) - len(word.lstrip()) + 1
    return [*_halves(word[:middle], most, count), *_halves(word[middle:], most, count)]
