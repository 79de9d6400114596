"""Rules for negatives: no article of the whole corpus answers the question, and the answer says so and no more.

Reasons: answerable_negative, negative_with_answer. What speaks against a negative is one place of the corpus that
holds what it asks about (negative_evidence.py).
"""

import re

from regtune.korean.absence import says_absent
from regtune.korean.quantities import missing_from
from regtune.qa.case import Case
from regtune.qa.corpus import sentences_in
from regtune.qa.negative_evidence import best_evidence, everyday_evidence, is_familiar

_ALL_KNOWN = 0.13
_SPOKEN_MARGIN = 0.07
"""Everyday words name more loosely than those of regulations."""
_FEWEST_NAMED = 3
_ADVICE = re.compile(r"문의|확인|상담|인사|담당|부서|필요한 경우|별도|참고|참조|따로|개별")
_CONTRAST = re.compile(r"(?<=없)(?:으나|지만|는데|으며|고),?\s|(?<=않)(?:으나|지만|는데|으며|고),?\s|(?<=습니다)만,?\s")
_STATES = re.compile(r"(?:니다|한다|된다|있다|준다|이다|[해돼줘여네]요|함|됨|있음)[.!]?$")
_OF_THE_RULES = re.compile(r"(?:규정|규칙|지침|조항|내용|사항)[^.]{0,24}(?:정하|다루|규정하|언급|명시|포함|한정)")


def negative(case: Case) -> list[str]:
    """Judge one negative."""
    reasons = []
    if not says_absent(case.answer) or _adds_rule(case):
        reasons.append("negative_with_answer")
    score, chunk_id = best_evidence(case.corpus, case.question)
    limit = case.config.negative_evidence_limit - (_ALL_KNOWN if is_familiar(case.corpus, case.question) else 0.0)
    spoken, place, named = everyday_evidence(case.corpus, case.question)
    meant = named >= _FEWEST_NAMED and spoken >= case.config.negative_evidence_limit + _SPOKEN_MARGIN
    case.figures["negative_evidence"] = round(max(score, spoken) if meant else score, 4)
    case.figures["negative_chunk_id"] = place if meant and spoken > score else chunk_id
    if score >= limit or meant:
        reasons.append("answerable_negative")
    return reasons


def _adds_rule(case: Case) -> bool:
    """Whether the answer, having said 없음, goes on to state a rule."""
    if missing_from(case.answer, case.question):
        return True
    asked = set(case.question_terms)
    for sentence in sentences_in(case.pair.answer):
        clauses = _CONTRAST.split(sentence)
        for clause in clauses[1:] if says_absent(clauses[0]) else clauses:
            if says_absent(clause) or _ADVICE.search(clause) or _OF_THE_RULES.search(clause):
                continue
            if _STATES.search(clause) and set(case.corpus.terms(clause)) - asked:
                return True
    return False


RULES = (negative,)
