"""Rules on form, which need no evidence: is the text whole, Korean, and of its type?

Reasons: empty, truncated, not_korean, wrong_type.
"""

import re
import unicodedata

from regtune.korean.absence import says_absent
from regtune.korean.citations import without_citations
from regtune.korean.normalise import hangul_share, question_key
from regtune.korean.quantities import read_quantities
from regtune.korean.vocabulary import SILENT
from regtune.qa.case import Case

_TRIVIAL = re.compile(
    r"^(?:네|예|아니요|아니오|그렇습니다|아닙니다|맞습니다|모릅니다|모름|알 수 없습니다|확인이 필요합니다"
    r"|해당 없음|n/?a|null|none)\W*$"
    r"|^(?:자세한 (?:내용|사항)은 )?(?:회사의? |사내 |관련 |해당 |위 )*(?:규정|규칙|조항|조문|법령|기준"
    r"|취업규칙|내부 ?규정|[가-힣]{1,12}규정)"
    r"(?:을|를|에|의 내용을)?\s?(?:따릅니다|따라 처리(?:합니다|됩니다)|참고하(?:십시오|시기 바랍니다|세요)"
    r"|참조하(?:십시오|시기 바랍니다|세요)"
    r"|확인하(?:십시오|시기 바랍니다|세요)|정한 바에 따릅니다)\W*$"
    r"|^(?:[가-힣·\s]{1,40}\s)?(?:제\s?\d+\s?조(?:의\s?\d+)?(?:\s?제?\s?\d+\s?[항호])*|별표\s?\d*)"
    r"(?:의 규정|의 내용|의 기준)?(?:에|에서|을|를)?\s?(?:정한 바에\s|정하는 바에\s|정한 대로\s)?"
    r"(?:따릅니다|따른다|따라 처리(?:합니다|됩니다)"
    r"|의합니다|준합니다|정하고 있습니다|정합니다|규정(?:되어 |하고 )있습니다"
    r"|나와 있습니다|적혀 있습니다|명시되어 있습니다|참고하[가-힣\s]+|참조하[가-힣\s]+|확인하[가-힣\s]+)\W*$",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"(?:\.{3}|…|[,·(\[{「『“‘:;/-])$|(?:^|\s)(?:및|또는|그리고|다만|단|즉|따라서|하지만)[.]?$|(?:^|\s)(?:\d+"
    r"|[가나다라마바사아자차카타파하])\.$"
    r"|에\s(?:따|따르|의|의하|대|대하|관|관하)[.]?$|[을를]\s(?:통|통하|위|위하|포함하|제외하)[.]?$|[가-힣]로부$|(?:으로"
    r"|로)\s(?:인|인하)[.]?$"
    r"|(?<![다요음함됨임])(?:합니|입니|됩니|습니|십시|하여야|해야|하여야 합|해야 합|수 있|수 없|하여야 하)[.]?$"
)
_OPEN_ENDED = re.compile(
    r"(?:하며|하고|하여|으며|이며|되며|되고|지만|거나|면서|으로서|에서|에게|에는|까지의|부터|하는|되는|있는"
    r"|없는|을|를)$"
)
_ODD = re.compile(r"[\uFFFD\u0000-\u0008\u000B\u000C\u000E-\u001F\uE000-\uF8FF]")
_LONE_JAMO = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]{2,}|[\u1100-\u11FF]{2,}")
_MOJIBAKE = re.compile(r"[ÃÂìëêíîï][\u0080-\u00BF€-™]|[À-ÿ]{3,}")
_REPEATED = re.compile(r"(.{2,12}?)\s?(?:\1\s?){3,}")
_FOREIGN = re.compile(r"[\u3040-\u30FF\u4E00-\u9FFF\u3400-\u4DBF\u0400-\u04FF\u0600-\u06FF\u0E00-\u0E7F]+")
ASKS_PROCEDURE = re.compile(
    r"(?:절차|순서|과정|단계|방법)(?:는|은|를|을|가|이|로|에|와|\s)|어떻게 (?:신청|처리|진행|하|해|제출|받|청구"
    r"|조치|신고|변경)|어떤 (?:절차|순서|단계|과정)|어떻게\s[가-힣\s]{1,12}(?:나요|니까|는지|지요|죠)"
    r"|무엇을 (?:하|해|제출|준비|첨부|내)|어떤 (?:서류|조치)|어떻게\s?(?:되나요|됩니까)|하려면|받으려면|려면"
)
_ASKS_STEPS = re.compile(
    r"(?:절차|순서|단계|과정)(?:는|은|를|을|가|이|로)?\s?(?:(?:단계|순서|차례)(?:별로|대로)\s)?(?:어떻게|무엇|어떠|어떤|설명|알려|순서|말)"
    r"|어떤 (?:절차|순서|단계|과정)"
)
_STEP = r"(?:신청|제출|승인|결재|신고|청구|접수)"
_NOTHING = re.compile(r"(?:아니[요오],?\s)?없습니다[.,]\s+\S")
"""`없습니다. 다만 100만원 이상 갚아야 합니다` tells a rule: there is no charge."""
_ASKS_TO_DO = re.compile(r"어떻게\s(?:조치|대처|처리|신청|신고|제출|행동|청구|정산|진행)?(?:해야|하여야|하면)")
_DONE = re.compile(r"(?:하고|[한은된]\s(?:뒤|후|다음)|하여|받아|거쳐)[,\s]")
_CLOSING_STEP = re.compile(r"(?:(?:[합냅씁립봅]|[가-힣]습)니다|야\s(?:합니다|한다)|면\s됩니다)")
_SEVERAL = 3
_ASKS_OF_STEPS = re.compile(rf"{_STEP}[^?]*(?:서류|누가|누구|어디)|(?:서류|누가|누구|어디)[^?]*{_STEP}")
_ASKS_FACT = re.compile(
    r"며칠|몇\s?(?:일|회|번|명|시간|년|개월|퍼센트|원|분|세|%|차례|주)|얼마(?!나)|누구(?:입니까|인가|예요|에요)"
    r"|정의|무엇을 말|뜻"
)
STEPS = re.compile(
    r"먼저|우선|(?:한|은|받은|된|제출|승인|작성|신청|접수|확인) (?:후|뒤|다음)|거쳐|거친|제출|신청|첨부|승인"
    r"|작성|보고|신고|접수|청구|등록|통지|통보"
    r"|알려|알리|알린|받아|받는|연락|반납|요청|기록|입력|개최|의결|심의|교부|발급|회부|면담|조사|처리|진행|순서"
    r"|절차|차례|순(?:으로|입|이)|단계|[1-9]\.|①|야 (?:합|하|한|됩|돼|해)|야만|하여야|해야|하면"
    r"|면 (?:됩|돼|된)|[냅낸][니다]|내고|쓰고|(?<!이)고,?\s[^.]{2,}(?<!입)니다"
)
_ASKS_FOR_SOMETHING = re.compile(r"무엇|무슨|어떤|어떻|왜|뭐|알려|설명|말씀")
_HOLLOW_LIST = """
규정 규칙 절차 기준 정하 정해지 따르 진행 처리 지급 금액 담당 담당자 담당부서 부서 문의
바라 확인 자세 참고 참조 관련 내용 사항 회사 방침 결정 다르 달라지 상황 경우 안내 모르
필요 답변 어렵 곤란 적용 시행 실시 이루어지 이뤄지 되 하 받 주 있 없 해당 방법 기간 기한
일정 범위 대상 조건 요건 정도 만큼 적절 적정 법령 지침 취업규칙 내부 사내 인사팀 별도 소정
일정 드리 좋 알 맞 그렇 아니 네 예 가능 불가 옳
"""
_HOLLOW = frozenset(_HOLLOW_LIST.split())
"""Words that tell nothing to somebody who asked for something definite."""
_FEWEST_LETTERS = 2
_EUC_KR_SHARE = 0.05
_FOREIGN_LETTERS = 3
_MINORITY = 0.5


def empty(case: Case) -> list[str]:
    """Nothing, a mere yes, or a mere pointer to the rules."""
    question, answer = question_key(case.question), question_key(case.answer)
    trivial = case.pair.type != "negative" and bool(_TRIVIAL.match(case.answer))
    short = len(question) < _FEWEST_LETTERS * 2 or not answer
    echo = bool(answer) and answer == question
    return ["empty"] if trivial or short or echo or _tells_nothing(case) else []


def _tells_nothing(case: Case) -> bool:
    """Whether a question for something definite gets its own words back, or a pointer to the rules."""
    if case.pair.type == "negative" or not _ASKS_FOR_SOMETHING.search(case.question) or case.answer_quantities:
        return False
    said = case.corpus.tagger.content(without_citations(case.answer))
    return all(term in _HOLLOW or term in SILENT or term in case.question_terms for term in said)


def truncated(case: Case) -> list[str]:
    """Cut off: ends in a connective, a particle, an open bracket, or half a word."""
    return ["truncated"] if _is_cut(case, case.answer) or _is_cut(case, case.question) else []


_TOPIC = re.compile(r"(?:\S{1,30}\s){0,4}[가-힣]{1,20}[은는이가]\s\S")
_RUNS_ON = re.compile(
    r"(?:며|고|나|지만),\s(?:[^.]*\s)?(?:이\s?경우|이때)[^.]*$|(?:[하되으]며|[하으되]나|지만|하되|므로|는데),?\s[^.,]*$"
    r"|(?:^|\s)(?:이|그|저|각|해당|동|매|본)$"
)
"""A connective or a determiner after which no predicate comes."""
_UNFINISHED = re.compile(
    r"(?:[하받되내]고|하여|거쳐|받아|다음|[한된은]\s(?:뒤|후)),\s[^.,]*$|(?:거쳐|받아|하여|작성해|첨부해|얻어|[가-힣]려면)$"
    r"|야\s[하한합됩]$"
)
_GOES_ON = re.compile(r"[이가은는을를의와과]|에게")
_BOUND_NOUN = re.compile(r"[한된은는던]\s(?:것|바|수|줄)$")
"""`퇴직한 것` of `퇴직한 것으로 본다`."""
_PARTICLES = re.compile(
    r"(?:들)?(?:이|가|은|는|을|를|의|에|에게|에서|와|과|도|로|으로|까지|부터|만|나|이나|께|한다|하여|된다|이다)"
)


def _is_cut(case: Case, text: str) -> bool:
    if not text:
        return False
    if _CUT.search(text) or text.count("(") > text.count(")") or text.count('"') % 2:
        return True
    if text[-1] in ".!?。)\"'":
        return False
    last = text.rsplit(maxsplit=1)[-1]
    amounts = read_quantities(last)
    if amounts:  # `연간 180일까지` is whole, `6개월이` is not
        return bool(_GOES_ON.fullmatch(last[amounts[-1].end :]))
    open_end = _OPEN_ENDED.search(text) or (text[-1] not in "다요음함됨임까죠" and _RUNS_ON.search(text))
    return (
        bool(open_end)
        or bool(_BOUND_NOUN.search(text))
        or _stops_within_a_sentence(case, text)
        or _stops_within_a_word(case, text)
        or _lacks_its_predicate(text)
        or case.corpus.tagger.ends_open(text.rsplit(maxsplit=1)[-1])
    )


def _stops_within_a_sentence(case: Case, text: str) -> bool:
    """Whether it repeats the beginning of a sentence of the chunk, topic and all, and not its end."""
    if case.source is None or not _TOPIC.match(text):
        return False
    return any(
        len(text) < len(sentence.text.rstrip(".")) and sentence.text.startswith(text)
        for sentence in case.source.sentences
    )


def _lacks_its_predicate(text: str) -> bool:
    """A connective before a comma, and no word after it that ends a sentence: `…을 받고, … 반납한 다음, 비밀유`."""
    return text[-1] not in "다요음함됨임까죠" and bool(_UNFINISHED.search(text))


def _stops_within_a_word(case: Case, text: str) -> bool:
    """Whether its last two words stand in the chunk so that the last one goes on there: `그 비` of `그 비용은`.

    A single syllable need not stand after the same word: `사용기한은 퇴` of `사용기한: 퇴직일까지`.
    """
    words = text.split()
    if case.source is None or len(words) < _FEWEST_LETTERS:
        return False
    if len(words[-1]) == 1 and "가" <= words[-1] <= "힣":
        goes_on = re.findall(rf"(?<![가-힣]){words[-1]}([가-힣]*)", case.source.chunk.text)
        return bool(goes_on) and all(rest and not _PARTICLES.fullmatch(rest) for rest in goes_on)
    found = re.search(rf"(?<![가-힣]){re.escape(' '.join(words[-2:]))}(?P<rest>[가-힣]+)", case.source.chunk.text)
    return found is not None and not _PARTICLES.match(found["rest"])


def not_korean(case: Case) -> list[str]:
    """Another language, or characters that no Korean writes."""
    figures = {"question_hangul_share": hangul_share(case.question), "answer_hangul_share": hangul_share(case.answer)}
    case.figures.update({name: round(value, 3) for name, value in figures.items()})
    letters = sum(c.isalpha() for c in case.answer)
    held = case.source.squeezed if case.source else ""
    if figures["question_hangul_share"] < _MINORITY:
        return ["not_korean"]
    quoted = question_key(case.answer) in held
    if letters >= _FEWEST_LETTERS and figures["answer_hangul_share"] < _MINORITY and not quoted:
        return ["not_korean"]
    return ["not_korean"] if any(_is_garbled(text, held) for text in (case.question, case.answer)) else []


def _is_garbled(text: str, held: str) -> bool:
    if any(pattern.search(text) for pattern in (_ODD, _LONE_JAMO, _MOJIBAKE, _REPEATED)):
        return True
    foreign = [run for run in _FOREIGN.findall(unicodedata.normalize("NFC", text)) if run not in held]
    if sum(map(len, foreign)) >= _FOREIGN_LETTERS:
        return True
    syllables = [c for c in text if "가" <= c <= "힣"]
    rare = sum(not _in_euc_kr(c) for c in syllables)
    return rare > max(1, _EUC_KR_SHARE * len(syllables))


def _in_euc_kr(syllable: str) -> bool:
    """Whether it is one of the 2,350 syllables of KS X 1001, which hold all that people commonly write."""
    try:
        syllable.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True


def wrong_type(case: Case) -> list[str]:
    """A question without an answer that is no negative; a procedure that asks for a figure, or the reverse."""
    pair = case.pair
    if pair.type == "negative":
        return []
    steps = bool(STEPS.search(case.answer))
    if says_absent(case.answer) and not (_NOTHING.match(case.answer) and case.answer_quantities):
        return ["wrong_type"]
    if (
        pair.type == "procedure"
        and not ASKS_PROCEDURE.search(case.question)
        and (
            not (steps or _ASKS_OF_STEPS.search(case.question))
            or (_ASKS_FACT.search(case.question) and len(case.answer_sentences) == 1)
        )
    ):
        return ["wrong_type"]
    if pair.type == "lookup" and (_ASKS_STEPS.search(case.question) or _asks_what_to_do(case)):
        return ["wrong_type"]
    return []


def _asks_what_to_do(case: Case) -> bool:
    """`어떻게 조치해야 하나요?` with several steps for an answer."""
    steps = len(_DONE.findall(case.answer)) + len(_CLOSING_STEP.findall(case.answer))
    return bool(_ASKS_TO_DO.search(case.question)) and steps >= _SEVERAL


RULES = (empty, truncated, not_korean, wrong_type)
