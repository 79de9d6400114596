"""Rules for negatives: no article of the whole corpus answers the question, and the answer says so and no more.

Reasons: answerable_negative, negative_with_answer. What speaks against a negative is one place of the corpus that
holds what it asks about (negative_evidence.py).
"""

import re

from regtune.korean.absence import says_absent
from regtune.korean.quantities import missing_from
from regtune.qa.case import Case
from regtune.qa.denied_topic import place_of_the_denied
from regtune.qa.negative_evidence import Place, best_evidence, nearest_place
from regtune.qa.sentences import sentences_in

_ONE_MISSING, _MOST = 0.7, 0.73
"""Share of what a question names that a sentence has where one thing is missing, what is asked of or another one."""
_SEVERAL = 2
_ADVICE = re.compile(r"문의|확인|상담|인사|담당|부서|필요한 경우|별도|참고|참조|따로|개별|모르겠|여쭤|여쭈|물어|연락")
_CONTRAST = re.compile(r"(?<=[없않])(?:으나|지만|는데|으며|고|으므로|으니|기\s?때문에),?\s|(?<=습니다)만,?\s")
_STATES = re.compile(r"(?:니다|한다|된다|있다|준다|이다|[해돼줘여네]요|함|됨|있음)[.!]?$")
_NO_SUCH = re.compile(r"(?<!수\s)(?<!수는\s)(?<!수가\s)없(?:습니다|어요|음|다)[.!]?$")
_CLAUSES = re.compile(r"(?<=[고며나데뿐]),?\s")
_OF_THE_RULES = re.compile(
    r"[고만]\s?(?:있을\s)?뿐|만\s?(?:을|를)?\s?(?:정하|정해|다루|규정|명시|언급|안내|두고|있을\s?뿐|나와|적혀|되어|돼)|(?:규정|규칙|지침|조항|내용|사항)[^.]{0,24}(?:정하|다루|규정하|언급|명시|포함|한정)"
)


def negative(case: Case) -> list[str]:
    """Judge one negative."""
    reasons = []
    if not says_absent(case.answer) or _adds_rule(case):
        reasons.append("negative_with_answer")
    score, chunk_id = best_evidence(case.corpus, case.question)
    place = nearest_place(case.corpus, case.question)
    answered = _answers(place)
    case.figures["negative_evidence"] = round(max(score, place.share) if answered else score, 4)
    case.figures["negative_chunk_id"] = place.chunk_id if answered else chunk_id
    if score >= case.config.negative_evidence_limit or answered:
        return [*reasons, "answerable_negative"]
    denied = place_of_the_denied(case.corpus, case.question, case.answer)
    if denied:
        case.figures["negative_chunk_id"] = denied
        reasons.append("answerable_negative")
    return reasons


def _answers(place: Place) -> bool:
    """Whether one sentence has all that the question names, or all but one thing and what is asked of."""
    if not place.own or place.missing > 1:
        return False
    focused = place.has_focus and place.own >= _SEVERAL and place.share >= _ONE_MISSING
    return not place.missing or focused or (place.own > _SEVERAL and place.share >= _MOST)


def _adds_rule(case: Case) -> bool:
    """Whether the answer, having said 없음, goes on to state a rule."""
    said = " ".join(c for s in sentences_in(case.pair.answer) for c in _CLAUSES.split(s) if not _OF_THE_RULES.search(c))
    if missing_from(said, case.question):
        return True
    asked = set(case.question_terms)
    absent = says_absent(case.answer)
    for sentence in sentences_in(case.pair.answer):
        clauses = _CONTRAST.split(sentence)
        for clause in clauses[1:] if says_absent(clauses[0]) else clauses:
            if says_absent(clause) or _ADVICE.search(clause) or _OF_THE_RULES.search(clause):
                continue
            if absent and _NO_SUCH.search(clause):
                continue  # `지급 품목 중에 냉각조끼는 없습니다`, beside the sentence that says 없음
            if _STATES.search(clause) and set(case.corpus.terms(clause)) - asked:
                return True
    return False


RULES = (negative,)
