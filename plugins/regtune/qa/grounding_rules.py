"""Rules on what the answer rests on: the chunk's words, the evidence span, and the question that was asked.

Reasons: ungrounded, wrong_article (true of another one), question_answer_mismatch.
Grounding is the share of an answer's content morphemes that its chunk has, equals of them counted.
"""

import re

from regtune.korean.citations import without_citations
from regtune.korean.modality import without_conditions
from regtune.korean.normalise import contains_span, squeezed
from regtune.korean.quantities import Quantity, same_value
from regtune.korean.vocabulary import SILENT
from regtune.qa.addition_rules import GENERAL
from regtune.qa.case import Case
from regtune.qa.corpus import ACTOR
from regtune.qa.form_rules import ASKS_PROCEDURE, STEPS

_FEWEST_OF_ITS_OWN = 2
_FEWEST_FOREIGN = 2
_FEWEST_FOREIGN_BESIDE_AMOUNTS = 3
_OWN_QUESTION_SHARE = 0.3
_MOSTLY = 0.75
_NEIGHBOURS = 5
_OTHER_MARGIN = 0.3

_TIME_UNITS = frozenset(
    {"일", "영업일", "개월", "년", "주", "시간", "분", "초", "날짜", "월일", "월", "시각", "분기", "학기", "세"}
)
_MONEY_UNITS = frozenset({"원", "%", "달러", "배", "마일", "%p"})
_ASKED: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"며칠|몇\s?일"), frozenset({"일", "영업일", "개월", "년", "주", "시간", "월일", "날짜"})),
    (re.compile(r"몇\s?시(?!간)"), frozenset({"시각"})),
    (re.compile(r"몇\s?시간"), frozenset({"시간", "분", "일"})),
    (re.compile(r"몇\s?분"), frozenset({"분", "시간", "명"})),
    (re.compile(r"몇\s?(?:회|번|차례)"), frozenset({"회", "차", "째"})),
    (re.compile(r"몇\s?(?:명|사람|인)"), frozenset({"명"})),
    (re.compile(r"몇\s?(?:년|해)"), frozenset({"년", "개월"})),
    (re.compile(r"몇\s?(?:개월|달(?!러))"), frozenset({"개월", "년", "주"})),
    (re.compile(r"몇\s?(?:%|퍼센트|프로)"), frozenset({"%"})),
    (re.compile(r"몇\s?(?:세|살)"), frozenset({"세"})),
    (re.compile(r"언제|(?:기한|시한)[은이]|얼마 ?(?:동안|간)|얼마나 (?:오래|걸)"), _TIME_UNITS),
    (re.compile(r"얼마나?\s(?:뒤|후|전|만에|지나)"), _TIME_UNITS),
    (re.compile(r"(?:기간|동안)(?!\s중)[은는이]?\s(?:[^?,]{0,14}\s)?얼마"), _TIME_UNITS),
    (
        re.compile(
            r"(?:금액|액수|수당|비용|급여|보수|임금|월급|봉급|연봉|지원금|보조금|위로금|경조금|한도액|요금|[가-힣]비"
            r"|[가-힣]금)[은는이가]\s(?:[^?,]{0,14}\s)?얼마(?!나 오래|\s?동안)"
        ),
        _MONEY_UNITS,
    ),
    (
        re.compile(
            r"(?:봉|급|금|비|료|액|수당|임금|보수|돈|여비|운임)(?:[은는이가을를]|으로)?\s(?:[^?,]{0,8}\s)?"
            r"얼마(?:나|를|까지)?\s(?:받|지급|주|지원|내|드|부담|나오|공제|감액|깎|줄|환급)"
        ),
        _MONEY_UNITS,
    ),
    (re.compile(r"얼마"), frozenset()),
)
_TIME_WORDS = re.compile(
    r"즉시|곧|당일|전날|다음\s?날|다음\s?영업일|익일|익월|말일|매월|매년|매주|매일|반기|분기|지체\s?없이|퇴직일"
    r"|복귀일|시작|종료|만료|[가-힣]일(?:에|부터|까지|이|로)"
    r"|[가-힣](?:전|후)(?:에|까지|부터)?|때|기간|동안|날|주말|미리|사전|경우"
)
_POINTS_IN_TIME = re.compile(
    r"[월화수목금토일]요일|즉시|당일|전날|다음\s?(?:날|달|해|영업일|반기|분기)|익일|익월|말일|지체\s?없이|전까지|[가-힣]일(?:에|부터|까지)"
)
_MONEY_WORDS = re.compile(
    r"전액|전부|모두|절반|일할|무료|실비|무급|유급|않|없|아니|부담|면제|같은|동일|통상임금|기본급|시급|일급|최저|상당|해당하는|정액|별표"
)
_ASKS_WHO = re.compile(r"누구|누가|어느 부서|어떤 부서|어느 기관|담당 부서")
_WHO = re.compile(
    r"[가-힣]{0,12}(?:직원|사람|자|부서|팀|장|회사|기관|위원|위원회|본인|책임자|직급|임원|원|관서|청|부모|배우자"
    r"|가족|전문가|의사|업체|(?<!승)(?<!확)(?<!날)인(?=[의이은을에께과]))(?!(?!입니다|이며|이고|이어야|예요|이에요|인데)[가-힣]{3})"
)
_ACTS = re.compile(
    r"\s*(?:[가-힣]+\s){0,2}[가-힣]{2,12}(?:이|가|께서|에서)\s[^?]*(?:맡|하|한|합|정|됩|된|냅|내|받|[가-힣]니다)"
)
_LEAVE = re.compile(r"승인|허가|허락|결재|동의|결정|추천|확인|지시|명령|의결|심의|검토")
_ASKS_WHICH = re.compile(r"(?:어떤|어느|무슨)\s(?:직종|직무|직책|직원|사람|부서|기관|서류|업무|물품|장소|과목)|누구")
_RANK_UNITS = ("명", "급", "등급", "직급", "호봉", "호", "항", "조")
_BEFORE_AMOUNT = re.compile(r"(?:(?:[가-힣]+\s){0,4}[가-힣]+[은는]\s)?(?:(?:연간?|월|매월|매년|총|최대|1인당)\s?)*")
_AFTER_AMOUNT = re.compile(r"\s?(?:이내|까지|이하|이상|미만|초과|범위|한도)*\s?(?:입니다|이다|이에요|예요|임)?[.]?")
_AS_OBJECT = re.compile(r"[을를]\s")
_ASKS_WHOM = re.compile(r"(?:누구|부서|기관)[를을로]|누굴")
_ASKS_WHO_HOLDS = re.compile(
    r"(?:위원장|의장|회장|책임자|위원|간사|대리인)[은는이가]\s(?:[가-힣]+\s)?누구(?:입니까|인가요|인지|예요|이에요|죠|지요|인가|일까요)"
)
_PREDICATE = re.compile(r"다[.]?$|요[.]?$")
_IS_SOMEBODY = re.compile(
    r"(?:입니다|이다|이며|이고|이에요|예요|임|인데)(?![가-힣])|[이가은는]\s?(?:됩니다|된다|되며|되고)|맡|담당|임명|지정|선임|선출|위촉"
    r"|말한다|말합니다|로\s?(?:한다|합니다|하며)|해당"
)
_ASKS_IN_STEPS = re.compile(r"어떻게|절차|순서|과정|단계|방법")
_COUNTED_WORDS = re.compile(
    r"즉시|곧|당일|전날|다음\s?(?:날|영업일)|익일|익월|말일|매월|매년|매주|매일|반기|분기|지체\s?없이|기간|동안|종료|만료|전액"
    r"|제한|한도|없|않|아니|[가-힣]일(?:부터|까지)"
)


def evidence(case: Case) -> list[str]:
    """The evidence span is a verbatim part of the chunk, and the chunk is known."""
    if case.source is None:
        case.figures["chunk"] = "missing"
        return ["ungrounded"]
    if case.pair.evidence is None:
        return []
    found = contains_span(case.source.chunk.text, case.pair.evidence)
    case.figures["evidence_in_chunk"] = int(found)
    return [] if found else ["ungrounded"]


def grounding(case: Case) -> list[str]:
    """The answer's nouns are the chunk's; what is not may be another article's, or nobody's."""
    if case.source is None:
        return []
    told = [noun for noun in case.answer_nouns if noun not in case.question_terms]
    foreign = [noun for noun in told if len(noun) > 1 and not case.source.holds(noun)]
    share = 1 - len(foreign) / len(told) if told else 1.0
    case.figures["grounding"] = round(share, 4)
    reasons = []
    fewest = _FEWEST_FOREIGN_BESIDE_AMOUNTS if _rests_on_amounts(case) else _FEWEST_FOREIGN
    if share < case.config.grounding_floor and (
        len(foreign) >= fewest or (len(foreign) == len(told) and not _rests_on_amounts(case))
    ):
        case.figures["foreign_terms"] = ", ".join(foreign)
        reasons.append("ungrounded")
        other, score = _better_source(case, share)
        if other:
            case.figures.update(better_chunk_id=other, better_grounding=round(score, 4))
            reasons.append("wrong_article")
    elsewhere = _told_elsewhere(case) if share == 1 and told else ""
    if elsewhere:
        case.figures["better_chunk_id"] = elsewhere
        reasons.append("wrong_article")
    return reasons


def _rests_on_amounts(case: Case) -> bool:
    assert case.source is not None
    return any(same_value(quantity, other) for quantity in case.answer_quantities for other in case.source.quantities)


def _better_source(case: Case, share: float) -> tuple[str, float]:
    assert case.source is not None
    for _, source in case.corpus.nearest(case.answer, _NEIGHBOURS):
        if source.chunk.chunk_id == case.source.chunk.chunk_id:
            continue
        other = sum(source.holds(term) for term in case.answer_terms) / max(len(case.answer_terms), 1)
        if other >= share + _OTHER_MARGIN and other >= case.config.grounding_floor:
            return source.chunk.chunk_id, other
    return "", 0.0


def _told_elsewhere(case: Case) -> str:
    """Another chunk that has all that question and answer name, where the pair's own lacks what is asked about."""
    assert case.source is not None
    asked = [noun for noun in case.corpus.nouns(case.question) if len(noun) > 1]
    if case.translated or all(case.source.holds(noun) for noun in asked):
        return ""
    named = [*asked, *case.answer_nouns]
    for _, source in case.corpus.nearest(f"{case.question} {case.answer}", _NEIGHBOURS):
        same = source.chunk.regulation_id == case.source.chunk.regulation_id
        amounts = all(any(same_value(q, held) for held in source.quantities) for q in case.answer_quantities)
        if source is not case.source and same and amounts and all(source.holds(noun) for noun in named):
            return source.chunk.chunk_id
    return ""


def mismatch(case: Case) -> list[str]:
    """The answer is of the kind that was asked for, and about what was asked."""
    if case.source is None:
        return []
    wanted = _wrong_kind(case)
    if wanted:
        case.figures["asked"] = wanted
        return ["question_answer_mismatch"]
    held = sum(case.source.holds(term) for term in case.question_terms)
    held += bool(case.translated)
    share = held / len(case.question_terms) if case.question_terms else 1.0
    case.figures["question_in_chunk"] = round(share, 4)
    grounded = case.figures["grounding"]
    sure = isinstance(grounded, float) and grounded >= _MOSTLY and bool(case.answer_nouns) and _rests_on_amounts(case)
    backed = (sure and held) or _rests_in_its_place(case)
    if (share < _OWN_QUESTION_SHARE and not backed) or _beside_the_point(case):
        return ["question_answer_mismatch"]
    return []


def _rests_in_its_place(case: Case) -> bool:
    """Whether the evidence has all that the answer names: then it is the question's wording that the chunk lacks."""
    place = case.place
    if place is None:
        return False
    nouns = all(noun in case.question or noun in GENERAL or place.holds(noun) for noun in case.answer_nouns)
    amounts = all(any(same_value(q, other) for other in place.nearby) for q in case.answer_quantities)
    return nouns and amounts


def _wrong_kind(case: Case) -> str:
    """The question word whose kind of answer is lacking; empty when none is."""
    names_nobody = _ASKS_WHO.search(case.question) and not _names_somebody(case)
    says_nobody = not _IS_SOMEBODY.search(case.answer) and _PREDICATE.search(case.answer)
    if names_nobody or (_ASKS_WHO_HOLDS.search(case.question) and says_nobody):
        return "who"
    if _ASKS_WHICH.search(case.question) and _is_a_mere_amount(case):
        return "which"
    if (
        case.pair.type == "procedure"
        and _ASKS_IN_STEPS.search(case.question)
        and ASKS_PROCEDURE.search(case.question)
        and all(_TELLS_NO_STEP.search(sentence) for sentence in case.answer_sentences)
        and not STEPS.search(case.answer)
    ):
        return "how"
    for pattern, units in _ASKED:
        match = pattern.search(case.question)
        if not match:
            continue
        if _answers_amount(
            case.answer_quantities, units, without_conditions(case.answer), counted=match.group().startswith("몇")
        ):
            return ""
        return match.group()
    return ""


def _is_a_mere_amount(case: Case) -> bool:
    """`월 지급액은 6만원입니다`, and nothing else."""
    amounts = case.answer_quantities
    if len(amounts) != 1 or amounts[0].unit in _RANK_UNITS:
        return False
    before, after = case.answer[: amounts[0].start], case.answer[amounts[0].end :]
    return bool(_BEFORE_AMOUNT.fullmatch(before) and _AFTER_AMOUNT.fullmatch(after))


def _names_somebody(case: Case) -> bool:
    """Whether the answer names an actor; `위원의 임기는` tells of something that the actor has."""
    if _ACTS.match(without_citations(case.answer)) and "누가" in case.question:
        return True
    for match in (*ACTOR.finditer(case.answer), *_WHO.finditer(case.answer)):
        if _AS_OBJECT.match(case.answer, match.end()) and not _ASKS_WHOM.search(case.question):
            continue
        owned = re.match(r"의\s?(\S{2})", case.answer[match.end() :])
        if not owned or owned[1] in case.question or "누구의" in case.question or _LEAVE.match(owned[1]):
            return True
    return False


def _answers_amount(found: list[Quantity], units: frozenset[str], answer: str, *, counted: bool) -> bool:
    if any(quantity.unit in units for quantity in found) or (found and not units):
        return True
    if not units or units == _MONEY_UNITS:
        return bool(_MONEY_WORDS.search(answer))
    words = _POINTS_IN_TIME if found else _COUNTED_WORDS if counted else _TIME_WORDS
    return bool(units & _TIME_UNITS) and bool(words.search(answer))


def _beside_the_point(case: Case) -> bool:
    """The answer rests on sentences that say little of the question, while others of the chunk say much of it.

    An answer with an amount of the chunk is mostly left to quantity_rules, which know its place.
    """
    assert case.source is not None
    if not case.question_terms or not case.answer_terms:
        return False
    support = case.corpus.aligned(case.answer_terms, case.source)
    own = set(case.answer_terms) - set(case.question_terms)
    if _rests_on_amounts(case) and (support[0][0] < _REPEATED or len(own) < _FEWEST_OF_ITS_OWN):
        return False
    steps = _rests_on_amounts(case) or STEPS.search(case.answer)
    asks_fact = _ASKS_FACT.search(case.question) and not ASKS_PROCEDURE.search(case.question)
    if (
        case.pair.type == "procedure"
        and not asks_fact
        and steps
        and not (support[0][0] >= _REPEATED and _has_a_topic_of_its_own(case))
    ):
        return False
    strongest = [sentence for score, sentence in support if score >= support[0][0] - _TIE]
    resting = {text for sentence in strongest for text in (sentence.text, sentence.main, sentence.lead) if text}
    if case.place and _rests_in_its_place(case):
        resting |= {text for s in case.place.sentences for text in (s.text, s.main, s.lead) if text}
    heading = squeezed(" ".join((case.source.chunk.regulation_title, *case.source.chunk.path)))
    named = [term for term in case.question_terms if term not in heading and term not in _ASKED_OF]
    asked = [term for term in named if case.source.holds(term)]
    asked += [word for word in sorted(case.translated) if word not in heading]
    if not asked:
        return False
    by_question = case.corpus.aligned(asked, case.source, context=1.0)
    reached = max((score for score, sentence in by_question if sentence.text in resting), default=0.0)
    reached = max(reached, _said_share(case, asked))
    case.figures["question_in_support"] = round(reached, 4)
    return by_question[0][0] - reached >= _BESIDE_MARGIN


def _has_a_topic_of_its_own(case: Case) -> bool:
    """`이수율이 95%에 미달한 부서는 …` to a question that names no 부서."""
    topic = _TOPIC.match(case.answer)
    return topic is not None and topic["noun"] not in case.question and topic["noun"] not in SILENT


_ASKED_OF = frozenset({"사유", "이유", "경우", "대상", "요건", "조건", "방법", "절차"})
"""What is asked of a topic tells no sentence from another."""
_TOPIC = re.compile(r"(?:[^\s,.]{1,30}\s){0,5}?(?P<noun>[가-힣]{2,20})[은는]\s")
_TIE = 0.1
_BESIDE_MARGIN = 0.5
_ASKS_FACT = re.compile(r"누가|얼마나 자주|몇\s?[가-힣%]|며칠|언제")
_TELLS_NO_STEP = re.compile(r"(?:지 (?:않|아니|못)|수 없|입니|이다)[^.]*[.]?$")
_REPEATED = 0.7
"""An answer with an amount is beside the point only where it repeats a sentence; else fact and place decide."""


def _said_share(case: Case, asked: list[str]) -> float:
    said = set(case.answer_terms)
    return case.corpus.weigh(t for t in asked if t in said or t in case.answer) / (case.corpus.weigh(asked) or 1.0)


RULES = (evidence, grounding, mismatch)
