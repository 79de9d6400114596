"""The rule on polarity: what the chunk forbids is not allowed, what it demands not left open, and the reverse.

Reason: polarity_flip. Each sentence of the answer is held against the sentences of the chunk that come nearest to it:
predicate by predicate (modality.py), and by words that exclude one another (opposites.py).
"""

import re
from collections.abc import Iterable, Sequence

from regtune.korean.citations import without_citations
from regtune.korean.modality import Claim, claims_of, contradicts, is_conditional, without_conditions
from regtune.korean.opposites import name_of, sides_of
from regtune.korean.quantities import read_quantities, same_value
from regtune.qa.case import Case
from regtune.qa.sentences import Sentence, equals_of

_MARGIN = 0.12
_CLEAR = 0.4
_FEWEST_TERMS = 3
"""A shorter answer sentence (`네, 가능합니다.`) is understood with the question's words."""
_NEGATED = re.compile(
    r"없|않|아니|못|불가|금지|제외|안\s?[되된돼됩]|말아|무급|면제|무료|[빼뺀빠뺍]|막[히힙혀]|아닙|아닌"
)
_WITHOUT = re.compile(r"([가-힣]{2,})\s?(?:없이|없어도|없더라도|(?:받|얻|거치|구하)지\s?않(?:고|아도|더라도))")
_PARTICLE = re.compile(r"(?<=..)[이가을를은는도]$")
_LACKS = re.compile(r"([가-힣]{2,})[이가]?\s없(?:이|어도|더라도|는)")
"""A condition that both may name: `지시가 없어도` and `지시 없이`."""
_DEEMED = re.compile(
    r"(?P<stem>[가-힣]{2})[가-힣]*?(?:(?P<not>지\s?(?:않은|아니한|않았던))|[한된은])\s것으로\s(?:[본보봅]|간주|처리)"
)
_ELAPSED = re.compile(r"(?:지나|경과하|넘으|초과하)면|(?:지난|경과한|초과한|넘은)\s(?:때|후|뒤|경우)")
"""`3년이 지나면 요구할 수 없다`: within three years it may be done."""
_ONLY_THEN = re.compile(r"(?:[가-힣]야|이후에|뒤에|[가-힣]면)\s(?:[가-힣]+\s)?[가-힣]+\s수\s있")
"""`입사 후 3개월이 지나야 신청할 수 있어요` restricts."""
_LIFTS = re.compile(r"그러하지\s?(?:아니|않)")
_NO = re.compile(r"^(?:아니요|아니오|아뇨)[,.\s]+")
_POSITIVE = frozenset({"may", "must"})
"""What a negated condition (`사유 없이 … 아니한 직원`) does not turn round."""
_LOOSE = frozenset({"주", "받", "하", "없", "있", "안", "못", "내", "쓰", "때", "경우"})


def polarity(case: Case) -> list[str]:
    """Judge each sentence of the answer."""
    if case.source is None:
        return []
    for sentence in case.answer_sentences:
        terms = case.corpus.terms(without_citations(sentence))
        if len(terms) < _FEWEST_TERMS:
            terms = [*terms, *(term for term in case.question_terms if term not in terms)]
        ranked = _where_it_rests(case, case.corpus.aligned(terms, case.source))
        amounts = [quantity for quantity in read_quantities(sentence) if not quantity.each]
        stating = [held for _, held in ranked if any(same_value(a, q) for a in amounts for q in held.quantities)]
        ranked = [(score, held) for score, held in ranked if not stating or held in stating]
        ranked = sorted(
            ((score * (0.5 if case.meets(held) is False else 1), held) for score, held in ranked),
            key=lambda pair: -pair[0],
        )
        if ranked[0][0] < _MARGIN:
            continue
        if _rests_on_an_exception(case, sentence, ranked):
            continue
        restricts = _ONLY_THEN.search(sentence) and case.question_quantities
        if restricts or (_ELAPSED.search(sentence) and not _ELAPSED.search(ranked[0][1].text)):
            continue
        flipped = (
            _flip(sentence, _with_limits(ranked))
            or _deemed(sentence, ranked[0][1].text)
            or _waived(case, sentence)
            or _opposite(case, sentence, ranked)
        )
        if flipped:
            case.figures["polarity"] = flipped
            return ["polarity_flip"]
    return []


def _where_it_rests(case: Case, ranked: list[tuple[float, Sentence]]) -> list[tuple[float, Sentence]]:
    """Of sentences those that the pair's evidence has a part in, and what limits them; all without evidence."""
    if case.place is None:
        return ranked
    there = {held.text for held in (*case.place.sentences, *case.place.provisos)}
    there |= {held.main for held in case.place.sentences}
    return [(score, held) for score, held in ranked if held.text in there]


def _with_limits(ranked: Sequence[tuple[float, Sentence]]) -> list[tuple[float, Sentence]]:
    """A proviso and the sentence that it limits come equally near: an answer may rest on either."""
    near = {held.text: score for score, held in ranked if score >= ranked[0][0] - _MARGIN}
    lifted = [
        (ranked[0][0] - _MARGIN if held.main in near else score, held)
        for score, held in ranked
        if held.text not in near
    ]
    return [*(pair for pair in ranked if pair[1].text in near), *sorted(lifted, key=lambda pair: -pair[0])]


def _rests_on_an_exception(case: Case, answer: str, ranked: Sequence[tuple[float, Sentence]]) -> bool:
    """`병역휴직은 요구할 수 없습니다` where `다만, 병역휴직은 그러하지 아니하다` lifts a rule that allows it."""
    near = [held for score, held in ranked if score >= ranked[0][0] - _MARGIN]
    mains = {text for held in near for text in (held.text, held.main) if text}
    assert case.source is not None
    for held in case.source.sentences:
        if held.main in mains and held.main and _LIFTS.search(held.text):
            special = [n for n in case.corpus.nouns(held.text) if n not in held.main and len(n) > 1]
            named = [noun for noun in special if noun in answer or noun in case.question]
            if named and bool(_NEGATED.search(without_conditions(held.main))) != bool(
                _NEGATED.search(without_conditions(_NO.sub("", answer)))
            ):
                return True
    return False


def _waived(case: Case, answer: str) -> str:
    """A consent, permit or paper that the chunk demands and the answer does without."""
    assert case.source is not None
    text = case.source.chunk.text
    for noun in (_PARTICLE.sub("", word) for word in _WITHOUT.findall(answer)):
        demanded = re.search(rf"{noun[-2:]}(?:을|를)\s?(?:[가-힣]+\s)?(?:받아|얻어|거쳐|받은|얻은|받고|첨부)", text)
        if demanded and not re.search(rf"{noun[-2:]}[이가을를]?\s?(?:없이|없는|(?:받|얻|거치)지)", text):
            return f"{noun}: 없이 / 받아"
    return ""


def _flip(answer: str, ranked: Sequence[tuple[float, Sentence]]) -> str:
    best, top = ranked[0]
    near = [sentence for score, sentence in ranked if score >= best - _MARGIN]
    said = claims_of(answer)
    for claim in said:
        held = near if claim.stem else [top]
        rivals = [other for sentence in held for other in _claims(sentence, claim) if same_predicate(claim, other)]
        if (
            rivals
            and all(_ELAPSED.search(s.text) or _ELAPSED.search(s.main) for s in held)
            and not _ELAPSED.search(answer)
        ):
            continue
        settled = claim.sense in _POSITIVE and all(other.sense in _POSITIVE for other in rivals)
        settled = settled or bool(set(_LACKS.findall(answer)) & set(_LACKS.findall(top.text)))
        if (
            rivals
            and all(contradicts(claim.sense, other.sense) for other in rivals)
            and (settled or not is_conditional(top.text))
        ):
            return f"{claim.stem}: {claim.sense} / {rivals[0].sense}"
    if is_conditional(top.text) or is_conditional(answer):
        return ""
    negative = bool(_NEGATED.search(without_conditions(answer)))
    for other in claims_of(top.text):
        lifted = any(held.main == top.text and other.stem in held.text for held in near)
        lifted = lifted or _affirms_too(top.text, other.stem)
        said_too = bool(other.stem) and re.search(rf"(?<![가-힣]){re.escape(other.stem)}", answer)
        if other.sense in ("not", "must_not") and said_too and not negative and not lifted:
            return f"{other.stem}: does / {other.sense}"
    for claim in said:
        denies = claim.sense in ("not", "must_not") or (claim.sense == "need_not" and not claims_of(top.text))
        if not denies or not claim.stem or best < _CLEAR:
            continue
        equals = equals_of(claim.stem) - _LOOSE
        named = any(equal in top.text for equal in equals)
        if named and not any(_denies(sentence.text, equals) for sentence in near):
            return f"{claim.stem}: {claim.sense} / does"
    return ""


def _affirms_too(text: str, stem: str) -> bool:
    """`8시간을 1일로 계산하고, 8시간 미만의 시간은 계산하지 아니한다` says both."""
    said = re.findall(rf"{re.escape(stem)}(?:[하되]고|[하되]며|[하되]되),", text) if stem else []
    return bool(said)


def _deemed(answer: str, held: str) -> str:
    """`동의하지 않은 것으로 보고` of `동의한 것으로 본다`."""
    for one, other in ((one, other) for one in _DEEMED.finditer(answer) for other in _DEEMED.finditer(held)):
        if one["stem"] == other["stem"] and bool(one["not"]) != bool(other["not"]):
            return f"{one['stem']}: {one.group()} / {other.group()}"
    return ""


def _claims(sentence: Sentence, said: Claim) -> list[Claim]:
    """Of a sentence; what names no predicate (`할 수 있습니다`) may be of what the sentence hangs on or limits."""
    own = claims_of(sentence.text)
    return own if said.stem and own else [*own, *claims_of(sentence.lead), *claims_of(sentence.main)]


def _denies(text: str, stems: Iterable[str]) -> bool:
    """Whether a sentence negates anything but its conditions, or negates one of the stems anywhere."""
    if _NEGATED.search(without_conditions(text)):
        return True
    return any(re.search(rf"{re.escape(stem)}[가-힣]{{0,3}}\s?(?:지\s?)?(?:않|아니|못|없)", text) for stem in stems)


def negations_in(text: str) -> int:
    """Return how often a text denies something."""
    return len(_NEGATED.findall(text))


def tells_when_it_turns(text: str) -> bool:
    """Whether it tells from when on something may be done or no longer: `3개월이 지나야 신청할 수 있다`."""
    return bool(_ONLY_THEN.search(text) or _ELAPSED.search(text))


def same_predicate(claim: Claim, other: Claim) -> bool:
    """Whether two claims are about one predicate, or the first names none."""
    if not claim.stem:
        return True
    return claim.stem == other.stem or bool(equals_of(claim.stem) & equals_of(other.stem) - _LOOSE)


def _opposite(case: Case, answer: str, ranked: Sequence[tuple[float, Sentence]]) -> str:
    """A word of the answer whose opposite stands in the sentence it rests on, while no near one has the word itself."""
    best = ranked[0][0]
    if best < _CLEAR:
        return ""
    near = [sides_of(sentence.text) for score, sentence in ranked if score >= best - _MARGIN]
    asked = sides_of(case.question)
    for pair, side in sides_of(without_conditions(answer)).items():
        held = [sides[pair] for sides in near if pair in sides]
        if (
            held
            and all(other == -side for other in held)
            and not (pair in asked and asked[pair] == side and len(near) > 1)
        ):
            return name_of(pair)
    return ""


RULES = (polarity,)
