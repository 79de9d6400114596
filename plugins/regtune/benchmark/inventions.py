"""What an answer says that no text holds: benefits, circles of people, whole sentences; and what it adds to 없음.

In: an answer with its texts (Beside). Out: the words that nothing supports. What a refusal looks like is told here too.
"""

import re

from regtune.benchmark.absolutes import added_qualities, without_denied_absolutes
from regtune.benchmark.beside import Beside, content_words, sentences_of, share_in
from regtune.korean.absence import says_absent
from regtune.korean.modality import claims_of
from regtune.korean.normalise import hangul_share, squeezed

_REFUSAL = re.compile(
    r"(?:답변|안내|설명|말씀|판단|대답|제공)(?:을|를|은)?\s?(?:해\s?)?(?:드리기|드릴|하기|할|주기)\s?(?:가|는|도|수)?\s?(?:어렵|어려[운우워]|곤란|없|힘들)"
    r"|잘 모르|모르겠|알 수 없|알지 못|알려\s?드릴 수 없|정보가 (?:부족|충분하지)|죄송(?:합니다|하지만)"
)
_BENEFIT = re.compile(
    r"[가-힣]{0,6}(?:수당|지원금|보조금|축하금|격려금|위로금|장려금|포상금|상여금|보너스|인센티브|성과급|상품권|포인트|기념품"
    r"|바우처|할인|숙소|기숙사|셔틀버스|통근버스|법인카드|택시비|유급휴가|특별휴가|포상휴가|대체휴가|안식휴가|보상휴가|보험|경조금|식대"
    r"|건강검진|휴가비|교통비|통신비|학자금|대출)"
)
_GIVEN = re.compile(r"(?P<what>[가-힣]{2,})(?:을|를)\s(?:받습니다|받는다|받을 수 있|드립니다|줍니다|준다|나눠 줍)")
_NO_GIFT_TEXT = (
    "금액 급여 임금 혜택 도움 안내 비용 지원 허락 연락 통보 통지 이를 나머지 전액 일부 절반 휴가 휴무 불이익 영향"
)
_NO_GIFT = frozenset(_NO_GIFT_TEXT.split())
"""Other words for what a rule gives, or no gifts."""
_ONLY = re.compile(r"([가-힣]{2,}?)(?:에게만|에 한하여|에 한해|에 한정)")
_GIVES = re.compile(
    r"(?:준다|줍니다|드립니다|드려요|줘요|받습니다|받는다|받아요|(?:지급|부여|지원|제공|인정|보장|허용|적용|사용|이용)"
    r"(?:합니다|한다|해요|됩니다|된다|돼요|받습니다|하면\s?됩니다)|면\s?됩니다|[은는이가도]\s있(?:습니다|어요)"
    r"|(?:준용|처리|부과|충당)(?:합니다|한다|됩니다|된다))"
)
"""An affirmation of something, where nothing may be affirmed."""
_DOES = re.compile(
    r"(?:회사|담당자|[팀부]|[부팀]서?장|이사|위원회)(?:가|이|에서)\s(?!.*(?:않|없|아니|못)).*(?:니다|해요|둔다|한다|[음함됨임])(?=[\s.!]|$)"
)
"""Somebody of the company does something."""
_REFERS = re.compile(r"문의|확인|상담|연락|참고|참조|여쭤|알아보|알려|요청")
"""`인사팀에 문의할 수 있습니다` promises no more than an address."""
_SENDS_ON = re.compile(r"(?:문의|확인|상담|연락|참고|참조)(?:해|하여)?\s?(?:주|보|하)?(?:세요|십시오|시기|시면|바랍)")
"""`담당 부서에 확인해 주세요` claims nothing."""
_ABSENCE_FIRST = re.compile(
    r"^.*?없(?:으나|지만|는데|습니다만|으며|고,?)\s|^.*?다는\s(?=내용|규정|조항|조문|기준|근거|말)"
)
"""`규정에는 없으나 관행상 쓸 수 있습니다` affirms after its first half, `받을 수 있다는 규정은 없습니다` nothing."""
_ENDS_AS_KOREAN = re.compile(r"(?:[다요죠까오]|음|함|임|됨|세요|바람|없음|불가|해당)\s*[.!?~)\"'”’]*$")
_SENTENCE_SUPPORT = 0.4
_FEWEST_WORDS = 3
_ASIDE = re.compile(
    r"규정|규칙|사규|조항|조문|지침|제도|기준|근거|회사|사내|인사|담당|부서|추후|안내|답변|질문|도움|양해"
)
"""A remark about the rules, not about something else."""
_ON_TOPIC = 0.25


def invented(beside: Beside, *, absent: bool) -> list[str]:
    """Benefits and circles of people that no text names, and sentences whose words hardly any text holds.

    After 없음 (`absent`) only a sentence that allows or demands something counts: the rest promises nobody anything.
    """
    found = [match.group() for match in _BENEFIT.finditer(beside.answer) if not _names(beside.known, match.group())]
    found += [match["what"] for match in _GIVEN.finditer(beside.answer) if not _is_given(beside, match["what"])]
    found += [match.group() for match in _ONLY.finditer(beside.answer) if not _is_limited_to(beside, match[1])]
    found += [] if absent else added_qualities(beside)
    for sentence in sentences_of(without_denied_absolutes(beside.answer)):
        words = list(dict.fromkeys(content_words(sentence)))
        if says_absent(sentence) or _REFUSAL.search(sentence) or _SENDS_ON.search(sentence):
            continue
        if absent and not any(claim.sense in ("may", "must") for claim in claims_of(sentence)):
            continue
        if len(words) >= _FEWEST_WORDS and share_in(words, beside.known) < _SENTENCE_SUPPORT:
            found.append(sentence)
    return list(dict.fromkeys(found))


def _is_given(beside: Beside, what: str) -> bool:
    """Whether a text names it, by its last two syllables at least."""
    return what in _NO_GIFT or what[-2:] in beside.known


def _is_limited_to(beside: Beside, whom: str) -> bool:
    """Whether question or reference answer speak of them, or the article of them alone."""
    near = squeezed(f"{beside.question} {beside.reference}")
    alone = re.compile(rf"{whom}(?:에게만|만|에 한[하정해])")
    return squeezed(whom) in near or bool(alone.search(beside.article))


def beyond_absence(beside: Beside, min_hangul_share: float) -> list[str]:
    """Sentences of an answer of 없음 that affirm something, speak of something else, or are no Korean sentence.

    Whatever the article holds: what it grants, it grants in another case than the one asked for.
    """
    return [
        sentence
        for sentence in sentences_of(beside.answer)
        if any(character.isalpha() for character in sentence)
        and (
            _affirms(_ABSENCE_FIRST.sub("", sentence))
            or _is_noise(sentence, min_hangul_share)
            or _is_off_topic(beside, sentence)
        )
    ]


def _affirms(text: str) -> bool:
    if _REFERS.search(text):
        return False
    if any(claim.sense in ("may", "must") for claim in claims_of(text)):
        return True
    return bool(_GIVES.search(text) or _DOES.search(text)) and not says_absent(text) and not claims_of(text)


def _is_off_topic(beside: Beside, sentence: str) -> bool:
    """Hardly a word of it is in question, reference answer or article: `없음. 서울은 수도이다`."""
    if says_absent(sentence) or _REFERS.search(sentence) or _REFUSAL.search(sentence) or _ASIDE.search(sentence):
        return False
    words = list(dict.fromkeys(content_words(sentence)))
    return len(words) > 1 and share_in(words, beside.known) < _ON_TOPIC


def _is_noise(sentence: str, min_hangul_share: float) -> bool:
    if "\ufffd" in sentence or hangul_share(sentence) < min_hangul_share:
        return True
    return not (says_absent(sentence) or _ENDS_AS_KOREAN.search(sentence))


def says_refused(answer: str) -> bool:
    """True when the answer says that it cannot answer, and not that the regulations hold no such rule."""
    return bool(_REFUSAL.search(answer)) and not says_absent(_REFUSAL.sub(" ", answer))


def _names(known: str, benefit: str) -> bool:
    """Whether a text names the benefit, or its last part: `무료 통근버스` is a 통근버스."""
    match = _BENEFIT.search(benefit)
    kernel = re.sub(r"^.*?(?=(?:수당|금|보너스|버스|휴가|카드|보험|비|포인트|권)$)", "", benefit) if match else benefit
    return squeezed(benefit) in known or (len(kernel) > 1 and kernel in known)
