"""What an answer claims beside its reference answer and its article: figures, conditions, benefits, permissions.

In: an answer with the question, the reference answer and the article (Beside). Out: what is missing, what nothing
supports and what contradicts, in the words of the texts. By pattern alone, on words without their particles: a claim
in wholly other words escapes it, and is left to the judge.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from regtune.korean.absence import says_absent
from regtune.korean.citations import without_citations
from regtune.korean.modality import Claim, claims_of, contradicts, is_conditional
from regtune.korean.normalise import folded, hangul_share, squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_rate, same_value
from regtune.korean.tables import cells_in, with_units
from regtune.korean.words import bare_words

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[다요])\s*[.]?\s+(?=다만|단,|또한|그리고|아울러)")
_PIECE_END = re.compile(r"\n+|(?<=[.!?])\s+|(?=[①-⑳])|(?<=[다요])\.\s*|;\s*")
_CLAUSE_END = re.compile(
    r"[.;:\n]|,\s|(?<=[가-힣]{2}[고며])\s|(?<=지만)\s|(?<=으나)\s|(?<=는데)\s|(?<=\S[일원회명주년%])\s?\(|\)"
)
_ENDING = re.compile(
    r"(?<=[가-힣]{2})(?:하셔야|하여야|하십시오|하세요|시켜야|합니다|됩니다|입니다|습니다|십시오|하여|하며|해야|하고|하는|하지|하면|하기"
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
내고 해서 하면서 하여서는 아니 된다 됩니
"""
_EMPTY = frozenset(_EMPTY_LIST.split())
_PROVISO = re.compile(r"^\s*(?:다만|단)[,\s]|^\s*예외(?:적으로|로)")
_CONDITION = re.compile(
    r"[^,.()]{2,60}?(?:경우에만|경우에는|경우에|경우|때에만|때에는|때에|때는|(?<=\S)\s때|한하여|한해|한정하여|조건으로|전제로|없으면|으면|하면"
    r"|[을를] 받아|[을를] 거쳐|[을를] 얻어|제외하고)(?=[\s,.])"
)
_ASKS_CONDITIONS = re.compile(r"조건|요건|자격|어떤 경우|경우는|누가|대상")
"""Every part of the reference answer is then a condition."""
_REFUSAL = re.compile(
    r"(?:답변|안내|설명|말씀|판단|대답|제공)(?:을|를|은)?\s?(?:해\s?)?(?:드리기|드릴|하기|할|주기)\s?(?:가|는|도|수)?\s?(?:어렵|어려[운우워]|곤란|없|힘들)"
    r"|잘 모르|모르겠|알 수 없|알지 못|알려\s?드릴 수 없|정보가 (?:부족|충분하지)|죄송(?:합니다|하지만)"
)
_BENEFIT = re.compile(
    r"[가-힣]{0,6}(?:수당|지원금|보조금|축하금|격려금|위로금|장려금|포상금|상여금|보너스|인센티브|성과급|상품권|포인트|기념품"
    r"|바우처|할인|숙소|기숙사|셔틀버스|통근버스|법인카드|택시비|유급휴가|특별휴가|포상휴가|대체휴가|안식휴가|보상휴가|보험|경조금|식대"
    r"|건강검진|휴가비|교통비|통신비|학자금|대출)"
)
_DENIED = re.compile(r"\s?[이가은는]?\s?아(?:니라|니고|닌|니며)")
_ONLY = re.compile(r"([가-힣]{2,}?)(?:에게만|에 한하여|에 한해|에 한정)")
_WAIVES = re.compile(r"([가-힣]{2,}?)[은는이가도]?\s?(?:필요\s?없|필요하지 않|필요치 않)")
_NO_NEED = r"[^.]{0,20}(?:필요\s?없|필요하지\s?(?:않|아니)|없이|생략|면제)"
_CONCEDES = re.compile(r"원칙|기본적|일반적|통상|보통|지만|으나")
"""`2일이 원칙이지만` tells of the other case by itself."""
_GIVES = re.compile(
    r"(?:준다|줍니다|드립니다|드려요|줘요|받습니다|받는다|받아요|(?:지급|부여|지원|제공|인정|보장|허용|적용|사용|이용)"
    r"(?:합니다|한다|해요|됩니다|된다|돼요|받습니다|하면\s?됩니다)|면\s?됩니다|[은는이가도]\s있(?:습니다|어요)"
    r"|(?:준용|처리|부과|충당)(?:합니다|한다|됩니다|된다))"
)
"""An affirmation of something, where nothing may be affirmed."""
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
_CONDITION_KEPT = 0.5
_LONG_WORD = 3
_SAME_TOPIC = 2


def content_words(text: str) -> list[str]:
    """Words that carry content, in order, without particles, endings, figures and citations."""
    found = []
    text = without_citations(text)
    for quantity in reversed(read_quantities(text)):
        text = f"{text[: quantity.start]} {text[quantity.end :]}"
    for word in bare_words(text):
        bare = _ENDING.sub("", word)
        if len(bare) > 1 and bare not in _EMPTY and word not in _EMPTY and not re.search(r"[\d%]", bare):
            found.append(bare)
    return found


def is_in(word: str, text: str) -> bool:
    """Whether a squeezed text holds a word; its last syllable may be an ending that was not taken off."""
    return word in text or (len(word) >= _LONG_WORD and word[:-1] in text)


def share_in(words: Sequence[str], text: str) -> float:
    """Share of the words that a squeezed text holds; 1.0 for no word."""
    return sum(is_in(word, text) for word in words) / len(words) if words else 1.0


def sentences_of(text: str) -> list[str]:
    """Sentences and lines."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


@dataclass(frozen=True)
class Beside:
    """An answer and what it is compared with, each read once."""

    answer: str
    question: str
    reference: str
    article: str
    place: str
    """Regulation and headings."""

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


def missing_quantities(beside: Beside) -> list[Quantity]:
    """Quantities of the reference answer that the answer lacks, or that it states of another case only."""
    return [
        one
        for one in beside.wanted
        if not any(
            _agrees(other, one) and not _is_denied(beside.answer, other) and not _of_another_case(beside, other)
            for other in beside.stated
        )
    ]


def unsupported_quantities(beside: Beside) -> list[Quantity]:
    """Quantities of the answer that reference answer, question and article all lack."""
    known = [*read_quantities(beside.reference), *beside.asked, *(q for _, held in beside.pieces for q in held)]
    return [one for one in beside.stated if not one.each and not any(same_value(one, other) for other in known)]


def contradicting_quantities(beside: Beside) -> list[Quantity]:
    """Quantities that the article holds for another case, stated without a word of that case.

    `5일입니다. 자녀 결혼은 1일입니다` says whose 1일 it is; `5일 또는 1일입니다` does not, and says two things.
    """
    reference = [*read_quantities(beside.reference), *beside.asked]
    found = []
    for one in beside.stated:
        if any(same_value(one, other) for other in reference) or not any(_is_rival(one, o) for o in beside.wanted):
            continue
        holding = [text for text, held in beside.pieces if any(same_value(one, other) for other in held)]
        own = beside.new_words(" ".join(holding))
        own = [word for word in own if not is_in(word, squeezed(beside.reference))]
        clause = _clause_around(beside.answer, one)
        if holding and not _CONCEDES.search(clause) and not any(is_in(word, squeezed(clause)) for word in own):
            found.append(one)
    return found


def _agrees(stated: Quantity, wanted: Quantity) -> bool:
    if stated.side == "후" and stated.bound is None and wanted.bound == "이내" and wanted.side is None:
        return False  # `2시간 이후에` is not `2시간 이내에`
    same = same_value(stated, wanted) and same_bound(stated, wanted) and same_rate(stated, wanted)
    return same and _same_label(stated, wanted)


def _same_label(stated: Quantity, wanted: Quantity) -> bool:
    """False when both name what they count in and it is of another kind: 1회 6시간 and 주 6시간 are not 월 6시간."""
    return stated.per is None or wanted.per is None or stated.per[1] == wanted.per[1]


def _is_denied(text: str, quantity: Quantity) -> bool:
    """`6시간이 아니라 2시간` does not state 6시간."""
    return bool(_DENIED.match(text, quantity.end))


def _is_rival(one: Quantity, other: Quantity) -> bool:
    """Two amounts that could answer the same question."""
    return one.unit == other.unit and one.side == other.side and not same_value(one, other)


def _of_another_case(beside: Beside, stated: Quantity) -> bool:
    """The clause around the amount names a case for which the article has another amount, and no word of its own."""
    own = squeezed(
        " ".join(
            [beside.question, beside.reference]
            + [text for text, held in beside.pieces if any(same_value(stated, other) for other in held)]
        )
    )
    rivals = [text for text, held in beside.pieces if any(_is_rival(stated, other) for other in held)]
    foreign = [word for word in dict.fromkeys(content_words(" ".join(rivals))) if not is_in(word, own)]
    clause = _clause_around(beside.answer, stated)
    named = content_words(clause)
    of_others = [word for word in named if word in foreign]
    return bool(of_others) and len(of_others) * 2 >= len(named)


def _clause_around(text: str, quantity: Quantity) -> str:
    start, end = 0, len(text)
    for match in _CLAUSE_END.finditer(text):
        if match.end() <= quantity.start:
            start = match.end()
        elif match.start() >= quantity.end:
            end = match.start()
            break
    return text[start:end]


def conditions_of(beside: Beside) -> list[str]:
    """Provisos and conditions of the reference answer that say more than the question did."""
    found: list[str] = []
    for sentence in sentences_of(without_citations(beside.reference)):
        if _PROVISO.match(sentence):
            parts = [sentence]
        elif _ASKS_CONDITIONS.search(beside.question):
            parts = [part.strip() for part in _CLAUSE_END.split(sentence) if part.strip()]
        else:
            parts = [match.group().strip() for match in _CONDITION.finditer(sentence)]
        found += [part for part in parts if beside.new_words(part)]
    return found


def missing_conditions(beside: Beside) -> list[str]:
    """Those of which the answer holds less than half of the words, and not the amounts either."""
    return [
        part
        for part in conditions_of(beside)
        if share_in(beside.new_words(part), beside.told) < _CONDITION_KEPT and not _states_amounts(beside, part)
    ]


def _states_amounts(beside: Beside, condition: str) -> bool:
    """`월 3회 한도` keeps `월 3회를 초과할 수 없습니다`."""
    amounts = read_quantities(condition)
    return bool(amounts) and all(any(same_value(one, other) for other in beside.stated) for one in amounts)


def invented(beside: Beside, *, absent: bool) -> list[str]:
    """Benefits and circles of people that no text names, and sentences whose words hardly any text holds.

    After 없음 (`absent`) only a sentence that allows or demands something counts: the rest promises nobody anything.
    """
    found = [match.group() for match in _BENEFIT.finditer(beside.answer) if not _names(beside.known, match.group())]
    found += [match.group() for match in _ONLY.finditer(beside.answer) if not _is_limited_to(beside, match[1])]
    for sentence in sentences_of(beside.answer):
        words = list(dict.fromkeys(content_words(sentence)))
        if says_absent(sentence) or _REFUSAL.search(sentence) or _SENDS_ON.search(sentence):
            continue
        if absent and not any(claim.sense in ("may", "must") for claim in claims_of(sentence)):
            continue
        if len(words) >= _FEWEST_WORDS and share_in(words, beside.known) < _SENTENCE_SUPPORT:
            found.append(sentence)
    return found


def _is_limited_to(beside: Beside, whom: str) -> bool:
    """Whether question or reference answer speak of them, or the article of them alone."""
    near = squeezed(f"{beside.question} {beside.reference}")
    alone = re.compile(rf"{whom}(?:에게만|만|에 한[하정해])")
    return squeezed(whom) in near or bool(alone.search(beside.article))


def _is_needed(beside: Beside, step: str) -> bool:
    """Whether reference answer or article name a step, and nowhere say that it may be left out."""
    texts = f"{beside.reference}\n{beside.article}"
    return step in texts and not re.search(f"{step}{_NO_NEED}", texts)


def beyond_absence(beside: Beside, min_hangul_share: float) -> list[str]:
    """Sentences of an answer of 없음 that affirm something, or are no Korean sentence.

    Whatever the article holds: what it grants, it grants in another case than the one asked for.
    """
    return [
        sentence
        for sentence in sentences_of(beside.answer)
        if any(character.isalpha() for character in sentence)
        and (_affirms(_ABSENCE_FIRST.sub("", sentence)) or _is_noise(sentence, min_hangul_share))
    ]


def _affirms(text: str) -> bool:
    if _REFERS.search(text):
        return False
    if any(claim.sense in ("may", "must") for claim in claims_of(text)):
        return True
    return bool(_GIVES.search(text)) and not says_absent(text) and not claims_of(text)


def _is_noise(sentence: str, min_hangul_share: float) -> bool:
    if "\ufffd" in sentence or hangul_share(sentence) < min_hangul_share:
        return True
    return not (says_absent(sentence) or _ENDS_AS_KOREAN.search(sentence))


def unasked_quantities(beside: Beside) -> list[Quantity]:
    """Quantities of the answer that the question does not hold."""
    return [one for one in beside.stated if not any(same_value(one, other) for other in beside.asked)]


def says_refused(answer: str) -> bool:
    """True when the answer says that it cannot answer, and not that the regulations hold no such rule."""
    return bool(_REFUSAL.search(answer)) and not says_absent(_REFUSAL.sub(" ", answer))


def _names(known: str, benefit: str) -> bool:
    """Whether a text names the benefit, or its last part: `무료 통근버스` is a 통근버스."""
    match = _BENEFIT.search(benefit)
    kernel = re.sub(r"^.*?(?=(?:수당|금|보너스|버스|휴가|카드|보험|비|포인트|권)$)", "", benefit) if match else benefit
    return squeezed(benefit) in known or (len(kernel) > 1 and kernel in known)


def reversed_claims(beside: Beside) -> list[str]:
    """Predicates that the answer allows, demands or denies where reference answer or article says the reverse."""
    found = []
    found += [match.group() for match in _WAIVES.finditer(beside.answer) if _is_needed(beside, match[1])]
    for sentence in sentences_of(without_citations(beside.answer)):
        if is_conditional(sentence):
            continue
        near = _on_the_topic(beside, sentence)
        for claim in claims_of(sentence):
            rivals = [other for text in near for other in claims_of(text) if claim.stem and claim.stem == other.stem]
            if rivals and all(contradicts(claim.sense, other.sense) for other in rivals):
                found.append(f"{claim.stem}: {claim.sense} / {rivals[0].sense}")
            elif not rivals and _denies(claim, beside.reference):
                found.append(f"{claim.stem}: {claim.sense} / does")
    return found


def _denies(claim: Claim, reference: str) -> bool:
    """Whether the answer denies what the reference answer plainly does."""
    return (
        claim.sense in ("not", "must_not")
        and bool(claim.stem)
        and claim.stem in reference
        and not re.search(r"없|않|아니|못|불가|금지|제외|면제", reference)
    )


def _on_the_topic(beside: Beside, sentence: str) -> Iterable[str]:
    """The reference answer's sentences, and those of the article that share words with this one."""
    words = set(content_words(sentence))
    pieces = [text for text, _ in beside.pieces if len(words & set(content_words(text))) >= _SAME_TOPIC]
    own = [text for text in sentences_of(beside.reference) if words & set(content_words(text))]
    return own or pieces


def normal(text: str) -> str:
    """One spelling, on one line, but for line ends, which part sentences."""
    return "\n".join(folded(line) for line in text.split("\n"))
