"""What a negative denies, in its own words: evidence against `자격증에 따른 수당은 정해져 있지 않습니다`.

In: a question and its negative answer. Out: the chunk with a sentence that holds everything which the answer says is
not regulated, and enough of the question. An answer names its topic in words nearer to those of regulations than a
question does. Asked for an amount, the sentence has to have one of that kind.
"""

import re
from collections.abc import Sequence

from regtune.korean.normalise import squeezed
from regtune.korean.quantities import read_quantities
from regtune.qa.corpus import Corpus
from regtune.qa.negative_evidence import Named, foreign_amounts, named_in, sources_near
from regtune.qa.sentences import Sentence, sentences_in

_FEWEST_DENIED = 2
_QUESTION_SHARE = 0.4
"""Measured over all labelled negatives: from 0.2 to 0.5 nothing changes; one word denied tells too little."""
_HALF = 0.5
_NO_TOPIC = re.compile(
    r"정해|바가?$|길이|기준|소지|이력|차이|제도|방법|여부|기간|규정|없|내용|관하|대하|확인|나와|나오|찾|언급|사항|관련"
)
"""How an answer says that something is not regulated, and what it asks of it."""
_KINDS = {
    "제재": re.compile(r"징계|환수|정지|제한|취소|감봉|경고|면직|수없|회수|배상"),
    "비용": re.compile(r"실비|비용|부담|무상|[가-힣]비를|발급비|료를"),
    "제한": re.compile(r"초과하|수없|못하|제한"),
}
"""A word for a kind of rule -> what a rule of that kind says."""
_ASKED_AMOUNTS = (
    (re.compile(r"며칠|몇\s?일"), {"일", "영업일", "개월", "주", "년", "시간"}),
    (re.compile(r"몇\s?(?:명|사람)"), {"명"}),
    (re.compile(r"몇\s?초"), {"초"}),
    (re.compile(r"몇\s?(?:년|개월|달|주|해|살|세)"), {"년", "개월", "일", "주", "세"}),
    (re.compile(r"몇\s?(?:번|회|차례)"), {"회"}),
    (re.compile(r"몇\s?시간"), {"시간", "분"}),
    (re.compile(r"몇\s?등급"), {"등급"}),
    (re.compile(r"얼마(?!간|나\s?오래|\s?동안|나\s?자주)"), {"원", "%", "달러", "배", "일", "시간", "개월", "년"}),
)


def place_of_the_denied(corpus: Corpus, question: str, answer: str) -> str:
    """Return the chunk that holds what the answer denies; empty where none does."""
    said = sentences_in(answer)
    topics = [one for one in named_in(corpus, said[0]) if one.is_noun] if said else []
    denied = [one for one in topics if len(one.word) > 1 and not _NO_TOPIC.search(one.word)]
    if len(denied) < _FEWEST_DENIED:
        return ""
    named = named_in(corpus, question)
    quantities = [quantity for quantity in read_quantities(question) if not quantity.each]
    found = {source.chunk.chunk_id: source for text in (question, answer) for source in sources_near(corpus, text)}
    for chunk_id, source in sorted(found.items()):
        heading = squeezed(" ".join((source.chunk.regulation_title, *source.chunk.path))).lower()
        for sentence in source.sentences if not foreign_amounts(quantities, source) else ():
            own = squeezed(f"{sentence.lead} {sentence.main} {sentence.text} {sentence.referred}").lower()
            if (
                _is_of_the_kind(question, sentence)
                and all(_holds(one, own) for one in denied)
                and _share(named, heading + own) >= _QUESTION_SHARE
            ):
                return chunk_id
    return ""


def _holds(named: Named, text: str) -> bool:
    kind = _KINDS.get(named.word)
    return named.share_in(text) >= _HALF or (kind is not None and bool(kind.search(text)))


def _share(named: Sequence[Named], text: str) -> float:
    return sum(one.weight for one in named if _holds(one, text)) / (sum(one.weight for one in named) or 1.0)


def _is_of_the_kind(question: str, sentence: Sentence) -> bool:
    units = next((units for pattern, units in _ASKED_AMOUNTS if pattern.search(question)), None)
    return units is None or any(quantity.unit in units for quantity in read_quantities(sentence.text))
