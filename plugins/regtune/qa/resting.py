"""The place that a pair says it rests on: its evidence span, as sentences of the chunk.

In: a chunk, read, and the evidence of a pair. Out: a Place: the sentences that the span has a part in, and what belongs
to them (lead, limited rule, items of a list, heading). Rules that know the place compare the answer with that, instead
of guessing which of a chunk's sentences it is about. A negative has none, nor has a pair whose span is not verbatim.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_value, values_of
from regtune.korean.tables import with_units
from regtune.qa.corpus import Source
from regtune.qa.sentences import Sentence, equals_of, in_text, sentences_in

_LISTS = re.compile(r"다음\s?(?:각\s?[호목]|의)|아래")
_CASE = re.compile(r"(?:\s?(?:이상|이하|미만|초과|이내))?(?:인|의)\s[가-힣]+(?:은|는|에는|에게는)\s")
_SHORTEST_PIECE = 4
_FEWEST_CELLS = 2
_MARK = re.compile(r"^[①-⑳]|^\d+\.")


@dataclass(frozen=True)
class Place:
    """Where a pair rests."""

    span: str
    """The evidence in normal form, a row of a table as its cells, each with the names of row and column."""
    sentences: tuple[Sentence, ...]
    around: str
    """The sentences whole, with what they hang on or limit, the items of a list that they open, and the heading."""
    items: tuple[str, ...]
    """Items of the list that a sentence opens."""
    provisos: tuple[Sentence, ...]
    """Provisos that limit one of the sentences and are no part of the span."""
    terms: frozenset[str]
    """Content morphemes of the sentences and of what they hang on or open."""

    @cached_property
    def squeezed(self) -> str:
        """`around` without spaces, in lower case."""
        return squeezed(self.around).lower()

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Amounts of the span."""
        return tuple(read_quantities(self.span))

    @cached_property
    def nearby(self) -> tuple[Quantity, ...]:
        """Amounts of the span and of all around it."""
        return (*self.quantities, *read_quantities(self.around))

    @cached_property
    def stated(self) -> tuple[Quantity, ...]:
        """Amounts of the span, of its sentences whole, and of what these limit or open; not of what they hang on."""
        texts = [text for s in self.sentences for text in (s.main, s.text, s.referred)]
        return (*self.quantities, *read_quantities(" ".join([*texts, *self.items])))

    def holds(self, term: str) -> bool:
        """Whether it or what is around it has the term, a word that contains it, or one that says the same."""
        return bool(equals_of(term) & self.terms) or in_text(term, self.squeezed)


def place_of_span(source: Source, evidence: str | None) -> Place | None:
    """Return the place of an evidence span in its chunk; None where it is in no sentence of it."""
    sentences = _sentences_with(source, evidence) if evidence else []
    if not evidence or not sentences:
        return None
    own = {sentence.text for sentence in sentences}
    items = [s for s in source.sentences if s.lead and any(_LISTS.search(t) and s.lead.endswith(t) for t in own)]
    heading = " ".join((source.chunk.regulation_title, *source.chunk.path))
    cells = [sentence.text for sentence in sentences if sentence.in_table]
    around = [part for s in [*sentences, *items] for part in (s.lead, s.main, s.text, s.referred) if part]
    flat = squeezed(evidence)
    return Place(
        span=" ".join([folded(with_units(evidence)), *cells]),
        sentences=tuple(sentences),
        around=" ".join(dict.fromkeys([*around, heading])),
        items=tuple(item.text for item in items),
        provisos=tuple(s for s in source.sentences if s.main in own and s.main and squeezed(s.text) not in flat),
        terms=frozenset().union(*(s.terms for s in [*sentences, *items])),
    )


def is_the_one_of(place: Place, quantity: Quantity, named: Sequence[Quantity]) -> bool:
    """Whether the span states the amount and no other of its kind, those aside that question and answer name.

    A bound that merely tells the case (`7명 미만인 학과는 1명`) is no other one.
    """
    unit = _dimension(quantity)
    alike = [other for other in place.quantities if _dimension(other) == unit]
    same = [other for other in alike if same_value(quantity, other) and same_bound(quantity, other)]
    known = (quantity, *named)
    rest = [o for o in alike if not any(same_value(o, other) for other in known) and not _tells_case(place, o)]
    return bool(same) and not rest


def _dimension(quantity: Quantity) -> str:
    return next(iter(values_of([quantity])))[1]


def _tells_case(place: Place, quantity: Quantity) -> bool:
    return bool(quantity.bound) and bool(_CASE.match(place.span, quantity.end))


def _sentences_with(source: Source, evidence: str) -> list[Sentence]:
    lines = evidence.split("\n")
    rows = [_cells(line) for line in lines if _is_row(line)]
    pieces = [_MARK.sub("", squeezed(p)) for p in sentences_in("\n".join(x for x in lines if not _is_row(x)))]
    pieces = [piece for piece in pieces if len(piece) >= _SHORTEST_PIECE]
    return [s for s in source.sentences if (_in_row(s, rows) if s.in_table else _in_piece(s, pieces))]


def _is_row(line: str) -> bool:
    return line.count("|") >= _FEWEST_CELLS


def _cells(line: str) -> list[str]:
    return [folded(cell) for cell in line.strip().strip("|").split("|")]


def _in_row(cell: Sentence, rows: Sequence[Sequence[str]]) -> bool:
    return any(row[0] in cell.text and any(other and other in cell.text for other in row[1:]) for row in rows)


def _in_piece(sentence: Sentence, pieces: Sequence[str]) -> bool:
    flat = squeezed(sentence.text)
    return any(piece in flat or flat in piece for piece in pieces)
