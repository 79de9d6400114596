"""Sentences of articles and answers, each with what it hangs on: its paragraph, its lead, the rule that it limits.

In: the text of a chunk or of an answer. Out: sentences; an item of a list and a cell of a table are one each.
"""

import re
from dataclasses import dataclass

from regtune.korean.normalise import folded
from regtune.korean.quantities import Quantity
from regtune.korean.tables import cells_in
from regtune.korean.vocabulary import EQUALS

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_HEADING = re.compile(r"^제\d+조(?:의\d+)?\([^)]*\)\s*")
_ITEM = re.compile(r"^(?P<item>\d+(?:의\d+)?|[가나다라마바사아자차카타파하])\.\s*")
_SENTENCE_END = re.compile(r"(?<=[다음함됨임것오요까]\.)\s+|(?<=[?!])\s+")
_PROVISO = re.compile(r"^(?:다만[\s,]|단\s?,)")
_SHORTEST_PART = 2


@dataclass(frozen=True)
class Sentence:
    """One sentence, or one item of a list, of a chunk."""

    text: str
    paragraph: int
    """항; 0 where the article has none."""
    lead: str
    """What an item of a list belongs to; empty for a sentence."""
    main: str
    """What a proviso (`다만, …`) limits; empty for any other sentence."""
    item: str = ""
    """호 or 목; empty for what is no item of a list."""
    referred: str = ""
    """What it stands for by reference: the text of item 5 for `제1항제5호의 경우`."""
    in_table: bool = False
    """One cell of a table with the names of its row and column."""
    terms: frozenset[str] = frozenset()
    squeezed: str = ""
    quantities: tuple[Quantity, ...] = ()

    def holds(self, term: str) -> bool:
        """Whether the sentence has the term, a word that contains it, or one that says the same."""
        return bool(equals_of(term) & self.terms) or in_text(term, self.squeezed)


def sentences_of(text: str) -> list[Sentence]:
    """Split an article into sentences and items, each with its paragraph and what it hangs on; at least one."""
    found: list[Sentence] = []
    body = _HEADING.sub("", text.strip())
    paragraph, lead = 0, ""
    cells, body = cells_in(body)
    for part in re.split(rf"\s*(?=[{_CIRCLED}])|\n", body):
        line = folded_line(part)
        if part[:1] and part[0] in _CIRCLED:
            paragraph, lead = _CIRCLED.index(part[0]) + 1, ""
        marked = _ITEM.match(line)
        is_item = bool(marked)
        main = ""
        for sentence in _SENTENCE_END.split(_ITEM.sub("", line)):
            if not sentence:
                continue
            is_proviso = bool(_PROVISO.match(sentence))
            item = marked["item"] if marked else ""
            found.append(Sentence(sentence, paragraph, lead if is_item else "", main if is_proviso else "", item))
            if not is_proviso:
                main = sentence
            if not is_item and not (is_proviso and lead and "다음 각" not in sentence):
                lead = f"{lead} {sentence}".strip() if is_proviso else sentence
    found += [Sentence(folded(cell), 0, "", "", in_table=True) for cell in cells]
    return found or [Sentence(folded(text), 0, "", "")]


def folded_line(text: str) -> str:
    """One line in normal form, without its paragraph mark (folding would turn ② into 2)."""
    return folded(text.lstrip(_CIRCLED))


def sentences_in(answer: str) -> list[str]:
    """Split an answer into sentences; an item of a list is one."""
    lines = [_ITEM.sub("", folded_line(part)) for part in re.split(rf"\s*(?=[{_CIRCLED}])|\n", answer)]
    return [sentence for line in lines for sentence in _SENTENCE_END.split(line) if sentence]


def equals_of(term: str) -> frozenset[str]:
    """The term and the words that may stand in its place."""
    return EQUALS.get(term, frozenset()) | {term}


def in_text(term: str, text: str) -> bool:
    """Whether the term, or a word that says the same, stands somewhere in a text; single syllables tell nothing."""
    return any(len(word) >= _SHORTEST_PART and word in text for word in equals_of(term))
