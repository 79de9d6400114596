"""The chunks as evidence: sentences with their paragraph, terms with their weight, and retrieval over all of them.

In: chunks and a tagger. Out: Source (one chunk, read) and Corpus (all of them). Weights are inverse document
frequencies over the chunks, so that a word of every article counts little.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from regtune.contracts import Chunk
from regtune.korean.morphology import Tagger
from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import Quantity, read_quantities
from regtune.korean.tables import cells_in, with_units
from regtune.korean.vocabulary import EQUALS, SILENT

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_HEADING = re.compile(r"^제\d+조(?:의\d+)?\([^)]*\)\s*")
_ITEM = re.compile(r"^(?:\d+(?:의\d+)?|[가나다라마바사아자차카타파하])\.\s*")
_SENTENCE_END = re.compile(r"(?<=[다음함됨임것오요까]\.)\s+|(?<=[?!])\s+")
_PROVISO = re.compile(r"^(?:다만[\s,]|단\s?,)")
_SHORTEST_PART = 2
_AMOUNT = re.compile(r"\d|[십백천만억]+원?$")
"""What a tagger leaves of an amount; quantities.py reads it whole."""
ACTOR = re.compile(
    r"(?<![가-힣])[가-힣]{0,12}(?:본부장|부서장|팀장|파트장|실장|국장|처장|과장|부장|원장|소장|센터장|관장|학장|총장|이사장|위원장|반장|단장|회장"
    r"|의장|조장|점장|장관|청장|대표이사|대표|감사실|감사팀|기획처|총무처|교무처|학생처|사무국|사무처|[가-힣]{2}과(?=에서|장)"
    r"|사장|이사회|위원회|[가-힣]팀|[가-힣]본부|담당자|책임자|상담원|임원)(?=[이가은는의에을를과와도,.·\s)]|께|으로|로|및|또는|부터|까지|$)"
)
"""Who acts in a regulation: 부서장, 인사총무팀, 인사위원회."""


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
    in_table: bool = False
    """One cell of a table with the names of its row and column."""
    terms: frozenset[str] = frozenset()
    squeezed: str = ""
    quantities: tuple[Quantity, ...] = ()

    def holds(self, term: str) -> bool:
        """Whether the sentence has the term, a word that contains it, or one that says the same."""
        return bool(equals_of(term) & self.terms) or _in_text(term, self.squeezed)


@dataclass(frozen=True)
class Source:
    """One chunk, read once."""

    chunk: Chunk
    sentences: tuple[Sentence, ...]
    terms: frozenset[str]
    """Content morphemes of the text and of its headings."""
    squeezed: str
    quantities: tuple[Quantity, ...]

    def holds(self, term: str) -> bool:
        """Whether the chunk has the term, a word that contains it, or one that says the same."""
        return any(
            word in self.terms or (len(word) >= _SHORTEST_PART and word in self.squeezed) for word in equals_of(term)
        )


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
        is_item = bool(_ITEM.match(line))
        main = ""
        for sentence in _SENTENCE_END.split(_ITEM.sub("", line)):
            if not sentence:
                continue
            is_proviso = bool(_PROVISO.match(sentence))
            found.append(Sentence(sentence, paragraph, lead if is_item else "", main if is_proviso else ""))
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


class Corpus:
    """All chunks as sources, with the weight of each term; one for a validation."""

    def __init__(self, chunks: Sequence[Chunk], tagger: Tagger) -> None:
        """Read every chunk once."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.tagger = tagger
        self.sources = {chunk.chunk_id: self._read(chunk) for chunk in chunks}
        self.titles = tuple(sorted({chunk.regulation_title for chunk in chunks} - {""}, key=lambda t: (-len(t), t)))
        self.actors = frozenset(match for chunk in chunks for match in ACTOR.findall(chunk.text))
        self._frequency = Counter(term for source in self.sources.values() for term in source.terms)
        self._ordered = tuple(self.sources.values())
        self._mentioned: dict[str, bool] = {}
        self._vectorizer = TfidfVectorizer(analyzer=str.split, sublinear_tf=True)
        self._matrix = self._vectorizer.fit_transform(" ".join(sorted(source.terms)) for source in self._ordered)

    def terms(self, text: str) -> list[str]:
        """Return the content morphemes that carry a claim, in order, each once."""
        kept = (term for term in self.tagger.content(folded(text)) if term not in SILENT and not _AMOUNT.match(term))
        return list(dict.fromkeys(term.lower() for term in kept))

    def nouns(self, text: str) -> list[str]:
        """Return those of the `terms` that are nouns."""
        kept = (noun for noun in self.tagger.nouns(folded(text)) if noun not in SILENT and not _AMOUNT.match(noun))
        return list(dict.fromkeys(noun.lower() for noun in kept))

    def knows(self, term: str) -> bool:
        """Whether any chunk has the term or one that says the same."""
        return any(self._frequency[equal] for equal in equals_of(term))

    def mentions(self, word: str) -> bool:
        """Whether the text or the headings of any chunk have the word, spaces aside."""
        if word not in self._mentioned:
            self._mentioned[word] = any(word in source.squeezed for source in self._ordered)
        return self._mentioned[word]

    def weight(self, term: str) -> float:
        """Inverse document frequency; a term that no chunk has weighs most."""
        return math.log((1 + len(self.sources)) / (1 + self._frequency[term])) + 1.0

    def weigh(self, terms: Iterable[str]) -> float:
        """Sum of weights."""
        return sum(self.weight(term) for term in terms)

    def aligned(self, terms: Sequence[str], source: Source, context: float = 0.5) -> list[tuple[float, Sentence]]:
        """Sentences of one chunk with the share of the terms that each covers, best first.

        A word of the lead or of the main sentence that a proviso limits counts `context`,
        if the sentence has a word of its own to tell it from that.
        """
        total = self.weigh(terms) or 1.0
        scored = []
        for sentence in source.sentences:
            own = {term for term in terms if sentence.holds(term)}
            around = f"{sentence.lead} {sentence.main}"
            special = any(not _in_text(term, around) for term in own)
            lent = {term for term in terms if special and term not in own and _in_text(term, around)}
            scored.append(((self.weigh(own) + self.weigh(lent) * context) / total, sentence))
        return sorted(scored, key=lambda pair: -pair[0])

    def nearest(self, text: str, count: int) -> list[tuple[float, Source]]:
        """Chunks nearest to a text by TF-IDF over morphemes and those that say the same, best first."""
        terms = self.terms(text)
        wider = sorted({equal for term in terms for equal in equals_of(term)} - set(terms))
        scores = (self._matrix @ self._vectorizer.transform([" ".join([*terms, *terms, *wider])]).T).toarray().ravel()
        order = scores.argsort(kind="stable")[::-1][:count]
        return [(float(scores[index]), self._ordered[index]) for index in order]

    def _read(self, chunk: Chunk) -> Source:
        headed = f"{chunk.regulation_title} {' '.join(chunk.path)} {chunk.text}"
        text = with_units(chunk.text)
        sentences = tuple(
            replace(
                sentence,
                terms=frozenset(self.terms(sentence.text)),
                squeezed=squeezed(sentence.text).lower(),
                quantities=tuple(read_quantities(sentence.text)),
            )
            for sentence in sentences_of(text)
        )
        written = (*read_quantities(folded(text)), *(q for sentence in sentences for q in sentence.quantities))
        return Source(
            chunk=chunk,
            sentences=sentences,
            terms=frozenset(self.terms(headed)),
            squeezed=squeezed(headed).lower(),
            quantities=tuple(dict.fromkeys(written)),
        )


def equals_of(term: str) -> frozenset[str]:
    """The term and the words that may stand in its place."""
    return EQUALS.get(term, frozenset()) | {term}


def _in_text(term: str, text: str) -> bool:
    return any(len(word) >= _SHORTEST_PART and word in text for word in equals_of(term))
