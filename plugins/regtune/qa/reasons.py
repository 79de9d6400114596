"""What each reason of a check is called for people: in the gate's report, its Data Docs and the review's sheet.

In: a reason's name. Out: Korean words that somebody who does not know the checks understands.
"""

from collections.abc import Mapping
from types import MappingProxyType

REVIEW_EXCLUDED = "review_excluded"
"""A reviewer took the row out."""
REVIEW_OVERRULED = "review_overruled"
"""A reviewer kept the row although a check spoke against it."""
WRONG_NUMBERS = ("wrong_number", "wrong_unit_or_period")
ANSWERABLE_NEGATIVES = ("answerable_negative",)
TEXT_FAULTS = ("context_leak", "empty", "not_korean", "not_self_contained", "truncated")
SAME_QUESTIONS = ("duplicate", "near_duplicate")
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "wrong_number": "숫자가 조문과 다름",
        "wrong_unit_or_period": "단위나 기간(이상·이내 등)이 조문과 다름",
        "wrong_subject": "주체(누가)가 조문과 다름",
        "polarity_flip": "할 수 있다·해야 한다·할 수 없다가 조문과 반대임",
        "missing_proviso": "단서(다만 …)를 빠뜨려 답이 틀림",
        "invented_addition": "조문에 없는 내용을 덧붙임",
        "ungrounded": "조문에 근거가 없음",
        "wrong_article": "다른 조문의 내용이거나 조문을 잘못 인용함",
        "answerable_negative": "없다고 답했지만 규정에 답이 있음",
        "negative_with_answer": "부정 질문인데 내용을 지어 답함",
        "question_answer_mismatch": "답변이 물은 것과 맞지 않음",
        "not_self_contained": "질문만 읽어서는 무엇을 묻는지 알 수 없음",
        "context_leak": "‘제공된 텍스트’처럼 출처 화면을 언급함",
        "wrong_type": "질문 유형이 맞지 않음",
        "not_korean": "한국어가 아니거나 글자가 깨짐",
        "truncated": "문장이 중간에 끊김",
        "empty": "비어 있거나 내용이 없음",
        "duplicate": "같은 질문이 또 있음",
        "near_duplicate": "표현만 다른 같은 질문이 또 있음",
        "unverified": "모델 확인에서 맞다고 하지 않음",
        REVIEW_EXCLUDED: "검토에서 제외함",
        REVIEW_OVERRULED: "검사는 걸렸으나 검토에서 채택함",
    }
)


def in_korean(reason: str) -> str:
    """Words for a reason; one that has none keeps its name."""
    return WORDS.get(reason, reason)
