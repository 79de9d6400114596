"""Questions about how something is done: where, to whom, with which papers, in which order, by when.

In: one passage of an article. Out: Drafts; a passage without anything to apply for, hand in or have approved has none.
"""

import re

from article import Article, Passage, Statement
from fact_questions import Draft, answered
from quantity_questions import clauses_of, dangles, tidied
from wording import asking, plain, with_particle

_ACTS = re.compile(
    r"신청|제출|신고(?!서)|보고[하해]|등록[하해]|작성|첨부|승인|통지|통보|알[려린]|접수|반납|인계[하해]|발급받|연락[하해]"
    r"|동의를|교부|입력|철회|전달|허가를|진행|처리"
)
_STEPS = re.compile(r"각 호의 (?:순서|절차|전형|서류)|(?:절차|순서)[은는] 다음")
_PAPER = r"(?:서|서류|사본|자료|휴직원|복직원|결근계|영수증|매출전표|안내문|일정표|탑승권)"
_HAND_IN = re.compile(rf"{_PAPER}(?:[와과] [^,]*?{_PAPER}|[와과] [^,]*?)?[을를] [^,]*?(?:제출|첨부)")
_DEADLINE = re.compile(r"\d[^,]{0,12}?(?:까지|[일분년간월] 이내)")
_OFFICE = re.compile(
    r"(?P<where>[가-힣]+팀)(?=에\s)"
    r"|(?P<whom>부서장|본부장|대표이사|승인권자|대상자|후임자|[가-힣]+팀장|(?:총무 )?담당자|본인)(?=에게\s)"
)
_APPROVER = re.compile(
    r"(?:[가-힣]+장[과와] )?(?:[가-힣]+장|대표이사|승인권자|총무 담당자|교대할 직원|본인)"
    r"(?=의 (?:구두 )?(?:승인|동의|확인|허가)을)"
)
_SYSTEM = re.compile(r"가람온(?:의 [가-힣 ]+?메뉴)?(?P<particle>에서|으로|에(?=\s))")
_NOUN = (
    r"(?!(?:이상의?|이상인|다시|등|중|다음|적힌|동안|기간|거쳐|달의) )"
    r"(?![가-힣]*(?:에|로|게|서|은|는|을|를|이|가|까지|부터|마다|한|된|할|여|고|면|며) )[가-힣·]+"
)
_ACT = re.compile(
    rf"(?<![\d가-힣])(?P<what>(?:{_NOUN} ){{0,3}}?[가-힣·]{{2,}}(?<!음)(?<!는지))[을를] "
    r"(?:[가-힣]+(?:에|에게|에서|으?로) ){0,2}"
    r"(?P<act>신청|제출|등록|보고|반납|인계|통지|신고|연장|기부|작성|결정|청구|요청)(?:[하해할]|한다)"
)
"""What is handed in, reported, applied for: `응소자 명단과 조치 결과를 인사총무팀에 보고한다`."""
_WHO = r"(?P<who>\S+?)[은는] "
_INTENT = re.compile(rf"^(?P<what>[^,]+?)려는 {_WHO}(?P<rest>.+)$")
_WISH = re.compile(rf"^(?P<what>[^,]+?[을를]) 희망하는 {_WHO}(?P<rest>.+)$")
_SITUATION = re.compile(r"^(?P<what>(?:(?![은는] ).)+?[는한된]) (?:때에는|경우에는) (?P<rest>.+)$")
_PERSON = re.compile(
    r"^(?P<what>(?:(?![은는] ).)*?(?:[가-힣]?[한된린]|하는|되는|있는|않은|받은|못한|없는)) "
    r"(?P<who>직원|사람|출장자|당사자|고충상담원|부서장)[은는] (?P<rest>.+)$"
)
_EVERYBODY = ("직원", "사람", "출장자", "임직원")
_WHEN_AND_WHERE = re.compile(r"언제|어디|누구|며칠|몇 ")
_LONG = 90
_TELLING = 6
"""`청구하는 직원은` says too little of the case."""


def is_procedural(passage: Passage) -> bool:
    """Whether the passage says how something is done."""
    return bool(_ACTS.search(passage.raw) or _STEPS.search(passage.raw))


def procedure_drafts(article: Article, passage: Passage, angle: str = "") -> list[Draft]:
    """Return every draft that the passage allows, in the order of the text.

    Args:
        article: that the passage is of.
        passage: to ask about.
        angle: `순서와 방법` or `기한과 제출처`: the drafts of that angle where there are any.
    """
    drafts = []
    for statement in passage.statements:
        if not _ACTS.search(statement.text) and not _STEPS.search(statement.text):
            continue
        questions = [*(_by_intent(passage, statement) or _by_steps(passage, statement)), *_by_role(statement)]
        questions += _by_act(statement)
        drafts += [answered(article, passage, statement, q) for q in questions if not dangles(q) and len(q) <= _LONG]
    of_angle = [d for d in drafts if bool(_WHEN_AND_WHERE.search(d.question)) == (angle == "기한과 제출처")]
    return of_angle or drafts


def _by_intent(passage: Passage, statement: Statement) -> list[str]:
    """`…하려는 직원은 …` asks `…하려면 …?`; `…한 직원은` and `…한 때에는` ask what to do then."""
    steps = bool(passage.items) and bool(_STEPS.search(statement.main))
    questions = []
    pairs = clauses_of(statement.main)
    for index, (_, clause) in enumerate(pairs):
        same = [later for context, later in pairs[index + 1 :] if context and not context.endswith(", ")]
        condition = _condition(clause)
        if condition is None:
            continue
        opening, rest = condition
        scope = ", ".join([rest, *same])
        if steps or (_ACTS.search(scope) and not scope.endswith("수 없다")):
            questions.append(f"{opening} {_tail(opening, scope, plain(statement.main) if steps else '')}")
    return questions


def _condition(clause: str) -> tuple[str, str] | None:
    """Return what comes before the question word, and the rest of the clause."""
    if match := _INTENT.match(clause):
        who = "" if match["who"] in _EVERYBODY else f"{with_particle(match['who'], '이/가')} "
        return f"{who}{match['what']}려면", match["rest"]
    if match := _WISH.match(clause):
        return f"{match['what']} 원하면", match["rest"]
    if match := _SITUATION.match(clause):
        return f"{match['what']} 경우에는", match["rest"]
    if (match := _PERSON.match(clause)) and len(match["what"]) >= _TELLING:
        return f"{match['what']} {with_particle(match['who'], '은/는')}", match["rest"]
    return None


def _tail(opening: str, scope: str, steps: str) -> str:
    """What is still open, by what the sentence goes on to say."""
    when = "언제까지 " if _DEADLINE.search(scope) else ""
    if steps:
        return "어떤 서류를 준비해야 하나요?" if "서류" in steps else "어떤 순서로 진행해야 하나요?"
    if _HAND_IN.search(scope):
        return f"{when}어떤 서류를 제출해야 하나요?"
    if "신청" in scope and "신청하" not in opening:
        return f"{when}어떻게 신청해야 하나요?"
    if _APPROVER.search(scope):
        return f"{when}누구의 승인을 받아야 하나요?" if "승인을" in scope else f"{when}어떤 절차를 거쳐야 하나요?"
    return f"{when}어떻게 해야 하나요?"


def _by_steps(passage: Passage, statement: Statement) -> list[str]:
    """The list of steps or papers becomes the question word where it stands."""
    text = plain(statement.main).removesuffix(".")
    if not passage.items or "각 호" not in text:
        return []
    same = re.search(r"^(?P<noun>[^,]*?(?:절차|순서))[은는] 다음(?: 각 호)?와 같다$", text)
    if same:
        return [f"{with_particle(same['noun'], '은/는')} 어떻게 되나요?"]
    return [tidied(asking(re.sub(r"다음 각 호의 (순서|절차|전형|서류)", r"어떤 \1", text)))]


def _by_act(statement: Statement) -> list[str]:
    """How, by when and to whom something is handed in, reported or applied for."""
    questions = []
    for _, clause in clauses_of(statement.main):
        act = _ACT.search(clause)
        if act is None or "각 호" in clause or clause.endswith("수 없다"):
            continue
        opening = f"{with_particle(act['what'], '을/를')} {act['act']}하려면"
        questions.append(f"{opening} 어떻게 해야 하나요?")
        if _DEADLINE.search(clause):
            questions.append(f"{opening} 언제까지 해야 하나요?")
        office = _OFFICE.search(clause)
        if office:
            questions.append(f"{opening} {'어디에' if office['where'] else '누구에게'} 해야 하나요?")
    return questions


def _by_role(statement: Statement) -> list[str]:
    """To whom, whose approval and through which system are asked where they stand."""
    questions = []
    for context, clause in clauses_of(statement.main):
        if not _ACTS.search(clause) or "각 호" in clause:
            continue
        asked = _OFFICE.sub(lambda match: "어디" if match["where"] else "누구", _APPROVER.sub("누구", clause))
        if asked == clause:
            asked = _SYSTEM.sub(lambda m: "어디로" if m["particle"] == "으로" else f"어디{m['particle']}", clause)
        if asked != clause:
            questions.append(re.sub(r"^(.+?)려는 (?:직원|사람)은 ", r"\1려면 ", tidied(context + asking(asked))))
    return questions
