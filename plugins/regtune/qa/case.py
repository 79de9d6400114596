"""One pair as the rules see it: read once, beside its chunk and the corpus.

In: a pair, its chunk as Source (None when chunks.jsonl lacks it), the corpus. Out: what the rules ask for, each figure
computed once. A rule is a function from a Case to the reasons that it finds; the figures stand in `figures`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from regtune.config import ValidateConfig
from regtune.contracts import QAPair
from regtune.korean.citations import without_citations
from regtune.korean.normalise import folded
from regtune.korean.quantities import Quantity, read_quantities, same_value
from regtune.qa.corpus import Corpus, Sentence, Source, sentences_in

_AMOUNTS = 0.3
"""What the amounts that a question names count beside its words: `근속 10년` tells one item of a list from another."""

Figure = float | int | str | None


@dataclass
class Case:
    """One pair under examination."""

    pair: QAPair
    source: Source | None
    corpus: Corpus
    config: ValidateConfig
    figures: dict[str, Figure] = field(default_factory=dict)
    """What the reasons rest on; rules add to it."""

    @cached_property
    def question(self) -> str:
        """In normal form."""
        return folded(self.pair.question)

    @cached_property
    def answer(self) -> str:
        """In normal form, on one line."""
        return folded(self.pair.answer)

    @cached_property
    def question_terms(self) -> list[str]:
        """Content morphemes of the question that carry a claim."""
        return self.corpus.terms(self.question)

    @cached_property
    def answer_terms(self) -> list[str]:
        """Content morphemes of the answer that carry a claim."""
        return self.corpus.terms(without_citations(self.answer))

    @cached_property
    def answer_sentences(self) -> list[str]:
        """Sentences and list items of the answer."""
        return sentences_in(self.pair.answer)

    @cached_property
    def question_quantities(self) -> list[Quantity]:
        """Values that the question itself names."""
        return read_quantities(self.question)

    @cached_property
    def answer_quantities(self) -> list[Quantity]:
        """Values that the answer names."""
        return read_quantities(self.answer)

    def supporting(self, text: str, context: float = 0.5) -> list[tuple[float, Sentence]]:
        """Sentences of the chunk by how well they cover a piece of the answer together with the question.

        `context` is what a word of the lead or of the limited main sentence counts.
        """
        assert self.source is not None
        terms = list(dict.fromkeys([*self.corpus.terms(text), *self.question_terms]))
        ranked = self.corpus.aligned(terms, self.source, context)
        asked = [q for q in self.question_quantities if any(same_value(q, other) for other in self.source.quantities)]
        if not asked:
            return ranked
        weighed = [
            ((1 - _AMOUNTS) * score + _AMOUNTS * _share_stated(asked, sentence), sentence) for score, sentence in ranked
        ]
        return sorted(weighed, key=lambda pair: -pair[0])


def _share_stated(asked: Sequence[Quantity], sentence: Sentence) -> float:
    return sum(any(same_value(q, other) for other in sentence.quantities) for q in asked) / len(asked)


Rule = Callable[[Case], list[str]]
