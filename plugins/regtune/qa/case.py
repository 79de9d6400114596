"""One pair as the rules see it: read once, beside its chunk and the corpus.

In: a pair, its chunk as Source (None when chunks.jsonl lacks it), the corpus. Out: what the rules ask for, each figure
computed once. A rule is a function from a Case to the reasons that it finds; the figures stand in `figures`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from regtune.config import ValidateConfig
from regtune.contracts import QAPair
from regtune.korean.citations import without_citations
from regtune.korean.everyday import in_words_of
from regtune.korean.normalise import folded
from regtune.korean.quantities import Quantity, read_quantities, same_value, within
from regtune.qa.corpus import Corpus, Source
from regtune.qa.definitions import in_terms_of
from regtune.qa.resting import Place, place_of_span
from regtune.qa.sentences import Sentence, sentences_in

_AMOUNTS = 0.3
"""What the amounts that a question names count beside its words: `근속 10년` tells one item of a list from another."""

_UNMET = 0.5
"""What a sentence counts whose condition the case in question does not meet."""
_CASES = ("회", "명", "차", "째", "단계", "급", "등급", "호봉")
"""Units in which a rule tells its cases one by one: `경고 1회가 누적된 경우`."""
_MARKS = re.compile(r"[①-⑳]")
"""Folding turns ④ into 4, which is no amount."""

_SET_ASIDE = re.compile(
    r"(?<![가-힣])(?P<noun>[가-힣]{2,12}?)(?:이|가|은|는|을|를|도|와|과)?\s?"
    r"(?:없는|아닌|무관한|무관하게|관계없는|관계없이|상관없는|상관없이|관련\s?없는|말고|제외한|제외하고|빼고|외의|이외의|[가-힣]{1,4}지\s(?:않은|않는|못한|못하는|아니한|아니하는))(?=\s)"
)
_DENIAL = r"[가-힣]{0,3}\s?(?:[가-힣]{1,4}지\s?)?(?:없|아니|않|못|제외)"
_FIRST_PERIOD = re.compile(r"첫(?:째|\s?번째)?\s?(?P<unit>달|해|주|날)(?=[은는이가에의\s])")
_COUNTED = {"달": "1개월", "해": "1년", "주": "1주", "날": "1일"}

_PASSED = re.compile(r"[이을를]\s(?:지나(?!지)|지난|경과(?!하지|되지))")

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
        return self._in_terms(folded(_MARKS.sub(" ", self.pair.answer)))

    @cached_property
    def question_terms(self) -> list[str]:
        """Content morphemes of the question that carry a claim."""
        return self.corpus.terms(self.question)

    @cached_property
    def translated(self) -> frozenset[str]:
        """Words of the chunk for what the question says in everyday words."""
        return in_words_of(self.question, self.source.squeezed)[0] if self.source else frozenset()

    @cached_property
    def answer_terms(self) -> list[str]:
        """Content morphemes of the answer that carry a claim."""
        return self.corpus.terms(without_citations(self.answer))

    @cached_property
    def answer_sentences(self) -> list[str]:
        """Sentences and list items of the answer."""
        return [self._in_terms(sentence) for sentence in sentences_in(self.pair.answer)]

    @cached_property
    def question_quantities(self) -> list[Quantity]:
        """Values that the question itself names."""
        return read_quantities(_FIRST_PERIOD.sub(lambda match: _COUNTED[match["unit"]], self.question))

    @cached_property
    def answer_quantities(self) -> list[Quantity]:
        """Values that the answer names."""
        return read_quantities(self.answer)

    @cached_property
    def answer_nouns(self) -> list[str]:
        """Nouns of the answer that carry a claim."""
        return self.corpus.nouns(without_citations(self.answer))

    @cached_property
    def place(self) -> Place | None:
        """The place of the pair's evidence; None where it has none."""
        return place_of_span(self.source, self.pair.evidence) if self.source else None

    def _in_terms(self, text: str) -> str:
        """A text of the answer in the terms that the article defines."""
        source = self.source
        return in_terms_of(text, source.chunk.text, source.definitions) if source and source.definitions else text

    def sets_aside(self, text: str) -> bool:
        """Whether the question says that it is not about what the text is for: `민감정보가 없는 시스템`."""
        nouns = (match["noun"] for match in _SET_ASIDE.finditer(self.question))
        return any(noun in text and not re.search(re.escape(noun) + _DENIAL, text) for noun in nouns)

    def supporting(self, text: str, context: float = 0.5) -> list[tuple[float, Sentence]]:
        """Sentences of the chunk by how well they cover a piece of the answer together with the question.

        `context` is what a word of the lead or of the limited main sentence counts. A sentence whose condition the
        amounts of the question do not meet (`12주 이상 15주 이내` for `18주`) counts half.
        """
        assert self.source is not None
        terms = list(dict.fromkeys([*self.corpus.terms(text), *self.question_terms]))
        ranked = self.corpus.aligned(terms, self.source, context)
        asked = [q for q in self.question_quantities if any(same_value(q, other) for other in self.source.quantities)]
        weighed = []
        for score, sentence in ranked:
            whole = (1 - _AMOUNTS) * score + _AMOUNTS * _share_stated(asked, sentence) if asked else score
            weighed.append((whole * (_UNMET if self.meets(sentence) is False else 1), sentence))
        return sorted(weighed, key=lambda pair: -pair[0])

    def meets(self, sentence: Sentence) -> bool | None:
        """Whether the sentence is about the case that the question names by amounts; None where it tells of no case.

        It is where the amounts lie within its bounds, or where it names one of them as it is; and it is not where it
        names another one in its place (`경고 2회` for `경고 1회`). Answers take no part: what they state is on trial.
        """
        assert self.source is not None
        verdicts = []
        stated = [*bounds_in(sentence), *read_quantities(sentence.lead)]
        for asked in (quantity for quantity in self.question_quantities if not quantity.each):
            verdict = within(asked, stated)
            if verdict is None and asked.unit in _CASES and any(same_value(asked, q) for q in self.source.quantities):
                rivals = [other for other in stated if other.unit == asked.unit and not other.bound]
                verdict = any(same_value(asked, other) for other in rivals) if rivals else None
            if verdict is not None:
                verdicts.append(verdict)
        return all(verdicts) if verdicts else None


def bounds_in(sentence: Sentence) -> list[Quantity]:
    """Amounts of a sentence; one that has to have passed (`3개월이 지나도`) is a bound of the case."""
    return [
        replace(q, bound="이상", side=None) if not q.bound and _PASSED.match(sentence.text, q.end) else q
        for q in sentence.quantities
    ]


def _share_stated(asked: Sequence[Quantity], sentence: Sentence) -> float:
    return sum(any(same_value(q, other) for other in sentence.quantities) for q in asked) / len(asked)


Rule = Callable[[Case], list[str]]
