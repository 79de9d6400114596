"""Scores of an answer that need no judge: 없음, figures, conditions, inventions, the article cited, language, length.

In: an answer, its question, the reference answer and the article. Out: Scores. An answer is `correct` when

- lookup and procedure: it is Korean, says neither 없음 nor that it cannot answer, states every quantity that the
  reference answer adds to the question and none that is foreign or of another case, keeps its conditions, invents
  nothing, reverses nothing, and holds at least `min_content_recall` of the content words that the reference answer
  adds to the question; a lookup whose answer is a quantity needs no words;
- negative: it is Korean, says 없음 or that there is no such thing, and beyond that states no quantity that the question
  lacks, affirms nothing, denies nothing else, and is no noise, whatever the article holds.

tests/bench/score_quality.py measures against labelled answers what each score catches. A wrong claim in wholly other
words, and a wrong name of an unnamed person, are left to the judge.
"""

import unicodedata

from regtune.benchmark.amounts import (
    contradicting_quantities,
    missing_moments,
    missing_quantities,
    unasked_quantities,
    unsupported_quantities,
    wrong_moments,
)
from regtune.benchmark.beside import Beside, normal, sentences_of, share_in
from regtune.benchmark.conditions import conditions_of, missing_conditions
from regtune.benchmark.denials import denied_elsewhere, denies_what_was_asked
from regtune.benchmark.inventions import beyond_absence, invented, says_refused
from regtune.benchmark.reversals import reversed_claims
from regtune.benchmark.rows import Scores
from regtune.benchmark_config import BenchmarkConfig
from regtune.contracts import Chunk, QAPair
from regtune.korean.absence import says_absent
from regtune.korean.citations import Citation, read_citations
from regtune.korean.normalise import hangul_share, squeezed
from regtune.prompts import without_unseen

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_OWN = ("이규정", "본규정", "당규정", "사내규정")


def score_answer(answer: str, question: QAPair, chunk: Chunk, config: BenchmarkConfig) -> Scores:
    """Score one answer; an empty one is wrong."""
    text = unicodedata.normalize("NFC", without_unseen(answer))
    place = " ".join((chunk.regulation_title, chunk.article, *chunk.path))
    beside = Beside(
        answer=normal(text),
        question=normal(question.question),
        reference=normal(question.answer),
        article=normal(chunk.text),
        place=normal(place),
        whole=question.type == "procedure",
    )
    negative = question.type == "negative"
    refused = says_refused(beside.answer)
    absent = not refused and (says_absent(text) or (negative and denies_what_was_asked(beside)))
    missing, contradicting = ([], []) if negative else _missing_and_contradicting(beside)
    unsupported = unasked_quantities(beside) if negative else unsupported_quantities(beside)
    made_up = invented(beside, absent=absent)
    if negative and absent:
        beyond = [*beyond_absence(beside, config.min_hangul_share), *denied_elsewhere(beside)]
        made_up += [text for text in beyond if text not in made_up]
    if negative and not (absent or refused or made_up):
        made_up = sentences_of(beside.answer)[:1]  # whatever it affirms, no article holds it
    left_out = [] if negative else missing_conditions(beside)
    turned = [] if negative else reversed_claims(beside)
    recall = content_recall(beside)
    korean = _is_korean(text, config.min_hangul_share)
    if negative:
        correct = korean and absent and not unsupported and not made_up
    else:
        told = recall >= config.min_content_recall or (bool(beside.wanted) and question.type == "lookup")
        faults = (absent, refused, missing, contradicting, unsupported, left_out, made_up, turned)
        correct = korean and told and not any(faults) and bool(text.strip())
    return Scores(
        correct=correct,
        absent=absent,
        refused=refused,
        quantities_right=not (missing or unsupported or contradicting) if beside.wanted and not negative else None,
        missing_quantities=tuple(missing),
        unsupported_quantities=tuple(quantity.text for quantity in unsupported),
        contradicting_quantities=tuple(contradicting),
        missing_conditions=tuple(left_out),
        has_conditions=not negative and bool(conditions_of(beside)),
        invented=tuple(made_up),
        reversed_claims=tuple(turned),
        article_right=_cites_rightly(text, question, chunk),
        korean=korean,
        content_recall=round(recall, 4),
        characters=len(text.strip()),
    )


def _missing_and_contradicting(beside: Beside) -> tuple[list[str], list[str]]:
    """Quantities and points in time (`다음 달`), as they are printed."""
    missing = [one.text for one in missing_quantities(beside)] + [one.text for one in missing_moments(beside)]
    contradicting = [one.text for one in contradicting_quantities(beside)] + [one.text for one in wrong_moments(beside)]
    return missing, contradicting


def content_recall(beside: Beside) -> float:
    """Share of the content words that the reference answer adds to the question, found in the answer; 1.0 for none."""
    return share_in(beside.new_words(beside.reference), beside.told)


def _is_korean(text: str, floor: float) -> bool:
    if not any(character.isalpha() for character in text):
        return any(character.isdigit() for character in text)  # `50%` answers in any language
    return hangul_share(text) >= floor


def _cites_rightly(text: str, question: QAPair, chunk: Chunk) -> bool | None:
    """Every citation is of the chunk's article, or of one that chunk, question or reference answer names."""
    cited = read_citations(text)
    if not cited:
        return None
    named = [
        *read_citations(chunk.article),
        *read_citations(chunk.text),
        *read_citations(question.question),
        *read_citations(question.answer),
    ]
    return all(_is_right(citation, named, chunk) for citation in cited)


def _is_right(citation: Citation, named: list[Citation], chunk: Chunk) -> bool:
    same = [other for other in named if other.article == citation.article]
    if not same and citation.article != chunk.article:
        return False
    own = citation.article == chunk.article
    if citation.title is not None and not _is_of(citation.title, chunk.regulation_title):
        return any(other.title is not None and _is_of(citation.title, other.title) for other in same)
    if own and citation.paragraph is not None and _CIRCLED[0] in chunk.text:
        return citation.paragraph <= len(_CIRCLED) and _CIRCLED[citation.paragraph - 1] in chunk.text
    return True


def _is_of(named: str, title: str) -> bool:
    """`복무규정` is `늘봄 복무 규정`; an unknown title refutes nothing."""
    one, other = squeezed(named), squeezed(title)
    return one in _OWN or not other or one.endswith(other) or other.endswith(one)
