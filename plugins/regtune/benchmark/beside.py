"""An answer beside its question, the reference answer and the article, each read once; and the words of such texts.

In: the texts. Out: their quantities, moments, content words and clauses, as the modules on amounts, conditions,
inventions and reversals compare them. By pattern alone, on words without their particles: a claim in wholly other
words escapes all of them, and is left to the judge.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from regtune.korean.citations import without_citations
from regtune.korean.moments import Moment, read_moments
from regtune.korean.normalise import folded, squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_value
from regtune.korean.tables import cells_in, with_units
from regtune.korean.words import bare_words

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[다요])\s*[.]?\s+(?=다만|단,|또한|그리고|아울러)")
_PIECE_END = re.compile(r"\n+|(?<=[.!?])\s+|(?=[①-⑳])|(?<=[다요])\.\s*|;\s*")
_CLAUSE_END = re.compile(
    r"[.;:\n]|,\s|(?<=[가-힣]{2}[고며])\s|(?<=[로를을]\s하[고며])\s|(?<=지만)\s|(?<=으나)\s|(?<=는데)\s|(?<=\S[일원회명주년%내])\s?\(|\)"
)
_ENDING = re.compile(
    r"(?<=[가-힣]{2})(?:하셔야|하여야|하십시오|하세요|시켜야|합니다|됩니다|입니다|습니다|십시오|하여|하며|하되|되어|해야|하고|하는|하지|하면|하기"
    r"|한다|된다|이다|되며|되고|받는|받을|받습|할|한|해|된|될|함|됨|로서|로써|이며|에만|만)$"
)
_EMPTY_LIST = """
받습니다 주어집니다 드려요 있어요 해요 돼요 다만 때에 때에는 경우 경우에 경우에는 있는 있습니다 없는 없습니다
않습니다 합니다 하며 하고 됩니다 줍니다 입니다 또한 그리고 아울러 따라 따르면 대하여 대해서 관하여 위하여 통해
통하여 각각 모든 해당 다음 이상 이내 이하 미만 초과 이전 이후 까지 부터 동안 이며 있으며 없으며 가능
가능합니다 가능하며 수도 경우도 본인 직원은 규정에 규정상 회사 회사는 사내 자세한 사항 내용 문의 바랍니다 참고
참고로 부탁 감사 감사합니다 도움 안내 답변 질문 드립니다 말씀 시기 하시기 하시면 하셔야 그러 그렇 따로 별도
별도로 반드시 즉시 먼저 이후에 이어서 마지막 순서 절차 진행 정도 보통 통상 일반적 일반적으로 아니요 그러하지
이때 위의 아래 정해져 정하고 사용 이용 가능한 되어 되어야 되는 되면 안에 경우만 주며 주고 받으며 내야 내며
내고 해서 하면서 하여서는 아니 된다 됩니 매월 매년 매주 매일 연간 많으면 적으면 넘으면 크면 작으면 금액
"""
_EMPTY = frozenset(_EMPTY_LIST.split())
_COMPARING = re.compile(r"(?<=[가-힣]{2})(?:보다|만큼|처럼)$")
_LONG_WORD = 3


def content_words(text: str) -> list[str]:
    """Words that carry content, in order, without particles, endings, figures and citations."""
    found = []
    text = without_citations(text)
    for quantity in reversed(read_quantities(text)):
        text = f"{text[: quantity.start]} {text[quantity.end :]}"
    for word in bare_words(text):
        bare = _ENDING.sub("", _COMPARING.sub("", word))
        if len(bare) > 1 and bare not in _EMPTY and word not in _EMPTY and not re.search(r"[\d%]", bare):
            found.append(bare)
    return found


def is_in(word: str, text: str) -> bool:
    """Whether a squeezed text holds a word; its last syllable may be an ending that was not taken off."""
    return word in text or (len(word) >= _LONG_WORD and word[:-1] in text)


def share_in(words: Sequence[str], text: str) -> float:
    """Share of the words that a squeezed text holds; 1.0 for no word."""
    return sum(is_in(word, text) for word in words) / len(words) if words else 1.0


def clauses_of(text: str) -> list[tuple[int, int]]:
    """Start and end of each clause, in order."""
    cuts = [(match.start(), match.end()) for match in _CLAUSE_END.finditer(text)]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if text[start:end].strip()]


def clause_around(text: str, start: int, end: int) -> str:
    """The clause, or clauses, that hold what stands there."""
    around = [clause for clause in clauses_of(text) if clause[0] < end and start < clause[1]]
    return text[around[0][0] : around[-1][1]] if around else text[start:end]


def sentences_of(text: str) -> list[str]:
    """Sentences and lines."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def normal(text: str) -> str:
    """One spelling, on one line, but for line ends, which part sentences."""
    return "\n".join(folded(line) for line in text.split("\n"))


@dataclass(frozen=True)
class Beside:
    """An answer and what it is compared with, each read once."""

    answer: str
    question: str
    reference: str
    article: str
    place: str
    """Regulation and headings."""
    whole: bool = False
    """The question asks for all of the reference answer, as that of a procedure does, and not for one figure of it."""

    @cached_property
    def stated(self) -> list[Quantity]:
        """Of the answer."""
        return read_quantities(self.answer)

    @cached_property
    def asked(self) -> list[Quantity]:
        """Of the question: they need not be repeated."""
        return read_quantities(self.question)

    @cached_property
    def wanted(self) -> list[Quantity]:
        """Of the reference answer, beyond the question's."""
        return [
            one
            for one in read_quantities(self.reference)
            if not one.each and not any(same_value(one, other) for other in self.asked)
        ]

    @cached_property
    def moments(self) -> list[Moment]:
        """Of the answer: 다음 달, 전날."""
        return read_moments(self.answer)

    @cached_property
    def told(self) -> str:
        """The answer, squeezed."""
        return squeezed(self.answer)

    @cached_property
    def known(self) -> str:
        """Everything that supports a word, squeezed."""
        return squeezed(f"{self.question} {self.reference} {self.article} {self.place}")

    @cached_property
    def pieces(self) -> list[tuple[str, list[Quantity]]]:
        """Sentences, items and table cells of the article, each with its quantities."""
        cells, prose = cells_in(with_units(self.article))
        parts = [*cells, *(part for part in _PIECE_END.split(prose) if part.strip())]
        return [(part, read_quantities(part)) for part in parts]

    def new_words(self, text: str) -> list[str]:
        """Content words of a text that the question does not hold."""
        question = squeezed(self.question)
        return [word for word in dict.fromkeys(content_words(text)) if not is_in(word, question)]
