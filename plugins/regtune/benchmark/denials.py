"""What an answer to a question that no rule answers denies: the thing that was asked for, or another one.

In: an answer with its texts (Beside). Out: whether it says that there is no such thing, and the denials that are of
something else. Words are compared by the pairs of syllables that they share: `애견장례휴가` is near
`반려동물 장례 휴가`, `출산휴가` is not. A word of wholly other syllables for the same thing passes beside a word of the
question, and as money for money.
"""

import re

from regtune.benchmark.beside import Beside, content_words, is_in, sentences_of
from regtune.korean.absence import denies_a_thing, says_absent
from regtune.korean.normalise import squeezed

_OF_A_DENIAL = re.compile(
    r"규[정칙율]|사규|사내|조항|조문|지침|강령|세칙|제도|기준|근거|관[련하]|내용|사항|문의|질문|물어|명시|언급|마련|존재|확인|찾|나[오와]"
    r"|정해|정한|별도|따로|포함|현재|전혀|아직|그러|그런|이러|이미|없|않|바가|항목|자료|정보|문구|적용|대상|여부|부재|명문|^있|^받"
    r"|다루|다뤄|침묵|말씀|안타깝|아쉽|살펴|죄송|^이에|^이런|알려|드[리릴]|[는은던다]$"
)
"""Words that any denial may hold, and verbs before a noun."""
_OF_ANYTHING_LIST = """
요금 비용 혜택 지원 보상 복지 복리후생 지급 제공 부여 운영 기간 일수 시간 방법 신청 사용 가능 예외 직원 근로자 임직원
사원 결과 처리 특별 구체 구체적 실시 금품 조치 부담 추가
"""
_OF_ANYTHING = frozenset(_OF_ANYTHING_LIST.split())
"""Words for what many rules are about: they tell one subject from another only beside another word."""
_AS_A_TOPIC = r"(?:들)?(?:[은는이가을를의도]|이?란|에\s?[관대][한하해]\S*|\s?관련\S*)?(?=[\s,.]|$)"
_SUBJECTS = re.compile(
    r"연차|월차|병가|출산휴가|육아휴직|가족돌봄|생리휴가|경조|징계|해고|정년|퇴직금|여비|당직|재택근무|시차출퇴근|건강검진"
    r"|통신비|학자금|상여금|성과급"
)
"""What rules of work are about everywhere: one of them never stands for another."""
_PLACE = re.compile(
    r"[가-힣]+(?:에\s[관대]한|의|(?<![은는을를]))\s(?:규정|조항|조문|기준|제도|항목)(?:에는|에서는?|에|상)\s(?![관대])"
    r"|[가-힣]+(?<![은는을를])\s?(?=(?:대상|범위)(?:[이에]|에는)?\s)"
)
"""Where it is not: `경조휴가에 관한 규정에는`, `경조휴가 대상이 아닙니다`."""
_OF_MONEY = re.compile(r"[가-힣](?:비|료|금|수당|값)$")
_ASKS_MONEY = re.compile(r"얼마|[가-힣](?:비|료|금|수당|값)(?:[은는이가을를의도]|\s)")
_UNLESS = re.compile(r"(?:아니|않으|없으|못하)면|외에는|말고는")
_APPLIED = re.compile(r"(?<![가-힣])([가-힣]{2,}규[정칙])(?:의|을|를)?\s적용")
_NEAR = 0.5
"""Share of a word's pairs of syllables that the question holds."""


def denies_what_was_asked(beside: Beside) -> bool:
    """Whether the answer says that there is no such thing: `반려동물 장례 휴가는 부여되지 않습니다`.

    On a question with an answer that may be the rule itself; here it is 없음. A negated condition of its own
    (`정규직이 아니면`) would grant the thing to the others.
    """
    said = [one for one in sentences_of(beside.answer)[:2] if denies_a_thing(one)]
    return any(not _UNLESS.search(one) or _UNLESS.search(beside.question) for one in said)


def denied_elsewhere(beside: Beside) -> list[str]:
    """The denials, when every one that names a subject names another than the question's."""
    near = squeezed(f"{beside.question} {beside.reference}")
    said = [text for text in sentences_of(beside.answer) if says_absent(text) or denies_a_thing(text)]
    named = [_PLACE.sub(" ", text) for text in said if _words_of(_PLACE.sub(" ", text))]
    return said if named and all(_is_of_another(beside, text, near) for text in named) else []


def _words_of(sentence: str) -> list[str]:
    return [word for word in dict.fromkeys(content_words(sentence)) if not _OF_A_DENIAL.search(word)]


def _is_of_another(beside: Beside, sentence: str, near: str) -> bool:
    """Whether its topic is foreign and so are most of its words; `렌트비` for `대여료` is money for money."""
    applied = _APPLIED.search(sentence)
    if applied and not is_in(applied[1], squeezed(f"{near}{beside.place}")):
        return True
    words = [word for word in _words_of(sentence) if word not in _OF_ANYTHING]
    topic = next((word for word in reversed(words) if _is_topic(word, sentence)), None)
    if topic is None or _nearness(topic, near) >= _NEAR:
        return False
    foreign = [word for word in words if _nearness(word, near) < _NEAR]
    same_kind = len(foreign) == 1 and _OF_MONEY.search(topic) and _ASKS_MONEY.search(beside.question)
    return bool(_SUBJECTS.match(topic)) or (not same_kind and len(foreign) * 2 > len(words))


def _is_topic(word: str, sentence: str) -> bool:
    """Whether it stands there as a noun, and not as a verb's stem."""
    return bool(re.search(f"{re.escape(word)}{_AS_A_TOPIC}", sentence))


def _nearness(word: str, text: str) -> float:
    """Share of its pairs of syllables that a squeezed text holds; 1.0 where it holds the word."""
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return 1.0 if is_in(word, text) else sum(pair in text for pair in pairs) / max(len(pairs), 1)
