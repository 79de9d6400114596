"""Rules on standing alone: the reader of a question sees neither the article nor what its writer was shown.

Reasons: context_leak, not_self_contained.
"""

import re

from regtune.korean.citations import read_citations
from regtune.qa.case import Case

_TEXT_WORDS = r"(?:텍스트|조문|조항|지문|본문|문서|문맥|내용|정보|글|문장|발췌문?|컨텍스트|자료|규정|조각|문단|단락)"
_LEAK = re.compile(
    rf"(?:제공|제시)(?:된|받은|하신|해 ?주신|되어 있는)\s(?:[가-힣]{{1,12}}\s)?{_TEXT_WORDS}"
    rf"|주어진\s(?:[가-힣]{{1,12}}\s)?{_TEXT_WORDS}"
    r"|(?:텍스트|지문|문맥|컨텍스트|발췌문?|단락|문단)(?:에서|에 따르면|에 의하면|에는|에 (?:나온|나와|언급"
    r"|기재|명시|포함|없)|상|만으로)"
    r"|(?:위|상기|아래|앞선|앞의|이)\s(?:본문|텍스트|지문|발췌문?|문맥|문단|단락|글|문서|내용)(?:에서|에 따르면"
    r"|에 의하면|에는|에|의|을|을 보면|만으로)"
    r"|(?:주신|보여\s?주신|올려\s?주신|첨부(?:된|하신)|입력(?:된|하신)|전달(?:된|하신))\s(?:[가-힣]{1,12}\s)?"
    rf"{_TEXT_WORDS}"
    r"|참[고조]\s?(?:자료|문서|문헌|텍스트)(?:에|의|를|상)"
    r"|(?:텍스트|지문|원문|발췌문?|컨텍스트|문맥|단락|스니펫|문서|자료|조문|글)(?:에 따르면|에 의하면|을 보면|를 보면"
    r"|[을를] (?:기준|바탕|근거|참고|토대)|에 근거|상으로는|에는? (?:나와|언급|적혀|기재))"
    r"|질문하신|질문 주신|문의하신 내용|본문(?:에서|에 따르면|에 의하면|에는|에 (?:나온|나와|언급|명시))"
    r"|입력된 (?:내용|조문|텍스트)"
    r"|[<〈]\s?/?(?:조문|규정|질문|답변|모범답안)\s?[>〉]|언어 ?모델|인공지능(?:으로서|이므로)|프롬프트"
    r"|\bcontext\b|\bpassage\b|\bevidence\b"
    r"|(?:as an ai|according to the)|^(?:질문|답변|answer|question|q|a)\s?[:：]",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"(?:^|\s)(?:이|위|본|동|해당|상기|앞의|앞선|위의|아래|이런|그)\s?(?:조(?!건|직|사|정|기|합|퇴|치|항)|조항"
    r"|조문|항(?!목|공)|별표|표(?!창)|문장|글|단락|본문)"
    r"(?:[은는이가을를의에도과와]|에서|에는|으로|로|\s|$|\?)"
    r"|(?:^|\s)(?:이|위|상기|앞의|위의)\s(?:내용|사항|기준|절차|규정에서|경우에서)"
    r"|(?:^|\s)(?:전|동|당해|같은)\s?(?:항|조|호)(?=[에의을를은는이가도]|\s)|(?:전|앞)\s?(?:항|호)의"
    r"|(?:위에서|앞에서|앞서|방금|전에) (?:말한|말씀|언급|정한|본|설명|나온|든|적은)"
    r"|상기\s?(?:의|한|된)|(?:위|앞|아래|다음)[와과] 같은\s"
)
_OWN_RULE = re.compile(
    r"(?:^|\s)(?:이|본|해당|동)\s?(?:규정|규칙|지침|세칙|내규)(?:[은는이가을를의에상도]|에서|에는|\s|$)"
)
_NAMED_RULE = re.compile(r"[가-힣]{2,}(?:규정|규칙|지침|세칙|내규|학칙|정관)")
_FIRST_POINTING = re.compile(
    r"^(?:이|그|위)\s(?!회사)[가-힣]|^(?:해당|이때|그때|이러한|그러한|그런|이와 같은|그와 같은"
    r"|이럴|그럴|그러면|그렇다면|거기|여기)\s?[가-힣]"
)
_BARE_PARAGRAPH = re.compile(
    r"제?\s?\d+\s?(?:항|호(?![봉실선차기관]))(?![가-힣]{0,12}서식)|(?:^|\s)비고(?:\s?\d|란|[에의가는은])"
)
_VAGUE_LIST = """
신청 제출 승인 지급 사용 허가 보고 통보 통지 신고 기한 서류 금액 비용 대상 처리 결정 발급 첨부 확인 작성 방법
절차 대상자 신청서 요건 조건 한도 예외 횟수 주기 담당 부서 주체 책임 목적 의무 권한 규정 회사 직원 허용 인정
가능 필요 최대 최소 기간 요구 준비 질문 답변 설명 무엇 정의 뜻 의미
"""
_VAGUE = frozenset(_VAGUE_LIST.split())
"""Words that name no topic: with these alone a question asks about anything."""


def context_leak(case: Case) -> list[str]:
    """Talk of the text that the writer was shown, which the reader does not see."""
    held = case.source.chunk.text if case.source else ""
    for text in (case.question, case.answer):
        match = _LEAK.search(text)
        if match and match.group().strip() not in held:
            return ["context_leak"]
    return []


def not_self_contained(case: Case) -> list[str]:
    """A question that says `이 조`, `제2항` or nothing definite, without saying of what."""
    question = case.question
    named = any(title in question for title in case.corpus.titles) or bool(
        _NAMED_RULE.search(_OWN_RULE.sub(" ", question))
    )
    cited = bool(read_citations(question))
    nouns = [noun for noun in case.question_terms if noun not in _VAGUE]
    case.figures["question_topics"] = len(nouns)
    pointing = bool(_POINTING.search(question)) or bool(_FIRST_POINTING.match(question))
    unnamed_rule = bool(_OWN_RULE.search(question)) and not named
    bare_paragraph = bool(_BARE_PARAGRAPH.search(question)) and not cited
    bare_article = cited and not named and not nouns
    told = nouns or any(q.unit in ("시각", "날짜", "월일") for q in case.question_quantities)
    return ["not_self_contained"] if pointing or unnamed_rule or bare_paragraph or bare_article or not told else []


RULES = (context_leak, not_self_contained)
