"""The chunks as evidence: sentences with their paragraph, terms with their weight, and retrieval over all of them.

In: chunks and a tagger. Out: Source (one chunk, read) and Corpus (all of them). Weights are inverse document
frequencies over the chunks, so that a word of every article counts little.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from regtune.contracts import Chunk
from regtune.korean.morphology import Tagger
from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import Quantity, read_quantities
from regtune.korean.tables import with_units
from regtune.korean.vocabulary import SILENT
from regtune.qa.definitions import definitions_in, meanings_in
from regtune.qa.references import Articles, place_of, referred
from regtune.qa.sentences import Sentence, equals_of, in_text, sentences_of

_AMOUNT = re.compile(r"\d|[십백천만억]+원?$")
"""What a tagger leaves of an amount; quantities.py reads it whole."""
_ANNEX = re.compile(r"별표\s?(\d+)")
ACTOR = re.compile(
    r"(?<![가-힣])[가-힣]{0,12}(?:본부장|부서장|팀장|파트장|실장|국장|처장|과장|부장|원장|소장|센터장|관장|학장|총장|이사장|위원장|반장|단장|회장"
    r"|의장|조장|점장|장관|청장|대표이사|대표|감사실|감사팀|기획처|총무처|교무처|학생처|사무국|사무처|[가-힣]{2}과(?=에서|장)"
    r"|사장|이사회|위원회|협의회|심의회|[가-힣]팀|[가-힣]본부|담당자|책임자|상담원|임원)(?=[이가은는의에을를과와도,.·\s)]|께|으로|로|및|또는|부터|까지|$)"
)
"""Who acts in a regulation: 부서장, 인사총무팀, 인사위원회."""


@dataclass(frozen=True)
class Source:
    """One chunk, read once."""

    chunk: Chunk
    sentences: tuple[Sentence, ...]
    terms: frozenset[str]
    """Content morphemes of the text and of its headings."""
    squeezed: str
    quantities: tuple[Quantity, ...]
    annexed: tuple[Quantity, ...] = ()
    """Amounts of the annexes (별표) that it refers to."""
    definitions: Mapping[str, str] = field(default_factory=dict)
    """Terms that its regulation defines."""

    def holds(self, term: str) -> bool:
        """Whether the chunk has the term, a word that contains it, or one that says the same."""
        return any(word in self.terms for word in equals_of(term)) or in_text(term, self.squeezed)


class Corpus:
    """All chunks as sources, with the weight of each term; one for a validation."""

    def __init__(self, chunks: Sequence[Chunk], tagger: Tagger) -> None:
        """Read every chunk once."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.tagger = tagger
        split = {chunk.chunk_id: sentences_of(with_units(chunk.text)) for chunk in chunks}
        articles: dict[str, dict[str, list[Sentence]]] = {}
        for chunk in chunks:
            held = articles.setdefault(chunk.regulation_id, {})
            held.setdefault(place_of(chunk.article), []).extend(split[chunk.chunk_id])
        self._definitions = {
            regulation: definitions_in(chunk.text for chunk in chunks if chunk.regulation_id == regulation)
            for regulation in articles
        }
        self.sources = {
            chunk.chunk_id: self._read(chunk, split[chunk.chunk_id], articles[chunk.regulation_id]) for chunk in chunks
        }
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
            special = any(not in_text(term, around) for term in own)
            lent = {term for term in terms if special and term not in own and in_text(term, around)}
            scored.append(((self.weigh(own) + self.weigh(lent) * context) / total, sentence))
        return sorted(scored, key=lambda pair: -pair[0])

    def nearest(self, text: str, count: int) -> list[tuple[float, Source]]:
        """Chunks nearest to a text by TF-IDF over morphemes and those that say the same, best first."""
        terms = self.terms(text)
        wider = sorted({equal for term in terms for equal in equals_of(term)} - set(terms))
        scores = (self._matrix @ self._vectorizer.transform([" ".join([*terms, *terms, *wider])]).T).toarray().ravel()
        order = scores.argsort(kind="stable")[::-1][:count]
        return [(float(scores[index]), self._ordered[index]) for index in order]

    def _read(self, chunk: Chunk, split: Sequence[Sentence], articles: Articles) -> Source:
        headed = f"{chunk.regulation_title} {' '.join(chunk.path)} {chunk.text}"
        place, definitions = place_of(chunk.article), self._definitions[chunk.regulation_id]
        sentences = tuple(self._with_terms(sentence, referred(sentence, place, articles)) for sentence in split)
        referring = (sentence.referred for sentence in sentences if sentence.referred)
        headed = " ".join([headed, meanings_in(chunk.text, definitions), *referring])
        written = (*read_quantities(folded(with_units(chunk.text))), *(q for s in sentences for q in s.quantities))
        annexes = {f"별표{number}" for number in _ANNEX.findall(chunk.text)} - {place}
        annexed = [
            quantity
            for article, held in articles.items()
            if article in annexes
            for sentence in held
            for quantity in read_quantities(sentence.text)
        ]
        return Source(
            annexed=tuple(annexed),
            definitions=definitions,
            chunk=chunk,
            sentences=sentences,
            terms=frozenset(self.terms(headed)),
            squeezed=squeezed(headed).lower(),
            quantities=tuple(dict.fromkeys(written)),
        )

    def _with_terms(self, sentence: Sentence, stood_for: str) -> Sentence:
        text = f"{sentence.text} {stood_for}".strip()
        return replace(
            sentence,
            referred=stood_for,
            terms=frozenset(self.terms(text)),
            squeezed=squeezed(text).lower(),
            quantities=tuple(read_quantities(sentence.text)),
        )
