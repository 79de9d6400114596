"""Scores of an answer that need no judge: 없음, quantities, the article cited, language, and one pass or fail.

In: an answer, its question, the reference answer and the article. Out: Scores. An answer is `correct` when

- lookup: it is Korean, does not say 없음, states every quantity of the reference answer and none that is foreign to
  reference answer, question and article; where the reference answer has no quantity, it holds at least
  `min_content_recall` of the reference answer's syllable pairs instead;
- procedure: the same, and the syllable pairs are asked for in either case;
- negative: it says 없음 and states no quantity foreign to reference answer, question and article.

It catches wrong figures and wrong refusals; a wrong condition in other words is left to the judge.
"""

import re
import unicodedata

from regtune.benchmark.results import Scores
from regtune.config import BenchmarkConfig
from regtune.contracts import Chunk, QAPair
from regtune.korean.absence import says_absent
from regtune.korean.normalise import folded, hangul_share, squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_value

_ARTICLE = re.compile(r"제\s?(\d+)\s?조(?:\s?의\s?(\d+))?|(별표|별지)\s?제?\s?(\d+)")
_NOT_CONTENT = re.compile(r"[^0-9A-Za-z가-힣%]+")


def score_answer(answer: str, question: QAPair, chunk: Chunk, config: BenchmarkConfig) -> Scores:
    """Score one answer; an empty one is wrong."""
    text = unicodedata.normalize("NFC", answer)
    absent = says_absent(text)
    korean = _is_korean(text, config.min_hangul_share)
    missing, unsupported = _compare_quantities(text, question, chunk)
    counted = question.type != "negative" and bool(read_quantities(question.answer))
    recall = content_recall(text, question.answer)
    if question.type == "negative":
        correct = absent and not unsupported
    else:
        told = recall >= config.min_content_recall or (counted and question.type == "lookup")
        correct = korean and not absent and not missing and not unsupported and told
    return Scores(
        correct=correct,
        absent=absent,
        quantities_right=not missing and not unsupported if counted else None,
        missing_quantities=tuple(quantity.text for quantity in missing),
        unsupported_quantities=tuple(quantity.text for quantity in unsupported),
        article_right=_cites_rightly(text, question, chunk),
        korean=korean,
        content_recall=round(recall, 4),
    )


def content_recall(answer: str, reference: str) -> float:
    """Share of the reference's distinct pairs of neighbouring syllables that the answer holds; 1.0 for no pair."""
    wanted = _syllable_pairs(reference)
    return len(wanted & _syllable_pairs(answer)) / len(wanted) if wanted else 1.0


def cited_articles(text: str) -> frozenset[str]:
    """Articles and annexes that a text names, in one spelling: `제15조의2`, `별표 1`."""
    cited = set()
    for number, branch, annex, annex_number in _ARTICLE.findall(folded(text)):
        cited.add(f"{annex} {annex_number}" if annex else f"제{number}조" + (f"의{branch}" if branch else ""))
    return frozenset(cited)


def _is_korean(text: str, floor: float) -> bool:
    if not any(character.isalpha() for character in text):
        return any(character.isdigit() for character in text)  # `50%` answers in any language
    return hangul_share(text) >= floor


def _compare_quantities(text: str, question: QAPair, chunk: Chunk) -> tuple[list[Quantity], list[Quantity]]:
    """Quantities of the reference answer that the answer lacks, and those of the answer that nothing supports."""
    wanted, stated = read_quantities(question.answer), read_quantities(text)
    known = wanted + read_quantities(question.question) + read_quantities(chunk.text)
    missing = [one for one in wanted if not any(same_value(one, other) and same_bound(one, other) for other in stated)]
    unsupported = [one for one in stated if not any(same_value(one, other) for other in known)]
    return missing, unsupported


def _cites_rightly(text: str, question: QAPair, chunk: Chunk) -> bool | None:
    """Every article that the answer cites is the chunk's, or is named in the chunk, question or reference answer."""
    cited = cited_articles(text)
    if not cited:
        return None
    known = cited_articles(f"{chunk.article} {chunk.text} {question.question} {question.answer}")
    return cited <= known


def _syllable_pairs(text: str) -> set[str]:
    words = _NOT_CONTENT.sub(" ", folded(text)).split()
    return {word[i : i + 2] for word in words for i in range(len(word) - 1)} or ({squeezed(text)} - {""})
