"""The rule on who acts: who decides, pays, applies or is told is who the chunk says.

Reason: wrong_subject. Who acts is told by what an office or a person is called (`…장`, `…팀`, 직원, 회사) and by the
particle: agents (`부서장이`, `부서장의 승인`) and recipients (`인사팀에`, `대표이사에게`) are compared apart.
"""

import re
from dataclasses import dataclass

from regtune.korean.citations import without_citations
from regtune.qa.case import Case
from regtune.qa.corpus import ACTOR
from regtune.qa.sentences import Sentence, equals_of

_ACTIONS_TEXT = """
승인 허가 허락 결재 심의 의결 심사 제출 신청 신고 보고 통지 통보 확인 검토 동의 청구 면담 지급 부담 접수 결정
소명 요청 발급 교부 서명 반납 등록 공제 보존 보관 징수 환수 공개 조사 개최 임명 위촉 추천 작성 전달 요구 통제
지정 안내 관장 관리 가입 명하 명할 명령 실시 주관 담당 맡 대행 선정 운영 배차 재발급 폐쇄 점검 알리 알려 알린 내 낸 냅
냅니 받 정하 정한 정할 준 주 게시 구성 위임 임용 채용 면직 해임 부여 배상 열
"""
_LONGEST_FIRST = sorted((action for action in _ACTIONS_TEXT.split() if len(action) > 1), key=len, reverse=True)
_ACTION = re.compile(f"(?:{'|'.join(_LONGEST_FIRST)})(?!서[를에가는]|인을|자[를가는])")
_SAME = {"허가": "승인", "허락": "승인", "결재": "승인", "통지": "알리", "통보": "알리", "알려": "알리", "알린": "알리"}
_SAME |= {
    "안내": "알리",
    "결정": "정하",
    "신고": "보고",
    "전달": "보고",
    "명할": "명하",
    "명령": "명하",
    "정한": "정하",
    "정할": "정하",
}
_SAME |= {"청구": "신청", "요청": "신청", "관리": "관장", "담당": "관장", "주관": "관장", "맡": "관장", "운영": "관장"}
_PEOPLE = (
    r"직원|근로자|공무직|조합원|사원|임직원|본인|당사자|신청인|신청자|대상자|회사|사용자|사업주|응시자|유족|거래처"
)
_WHO = re.compile(
    rf"(?:(?P<office>{ACTOR.pattern})|(?<![가-힣])(?P<person>(?:[가-힣]{{2,6}}\s)?(?:{_PEOPLE}))"
    r"(?=[이가은는의]|에게|께|에서|\s?(?:본인|스스로)))"
)
_OWNED = re.compile(
    r"(?P<owner>[가-힣A-Za-z]{2,})의\s"
    r"(?P<act>추천|승인|허가|동의|결재|심의|의결|확인|검토|제청|지시|명령|서명|결정)"
)
_REACH = 120
_ASKS_WHO = re.compile(r"누구|누가|어느 부서|어떤 부서|어느 위원회")
_HOLDS = re.compile(
    r"(?<![가-힣])((?:\d차\s)?[가-힣]{0,10}(?:위원장|의장|회장|간사|단장|반장|[정권책]자|책임관|대리인|관리인))[은는]\s"
    r"(?:(?:소속|해당|각|담당)\s)?([가-힣]{2,12}?)(?:[이가]\s(?:되|된|맡)|(?:으)?로\s?(?:하|한)|,\s)"
)
_COPULA = re.compile(r"(?:입니다|이에요|예요|이다)(?=[.\s]|$)")
_CHIEF = re.compile(r"(?<=[가-힣]{2})의\s장(?=[이가은는에의을과께,\s])")
"""`인사부서의 장` is an office like 인사부서장."""
_SENTENCE_END = re.compile(r"[.!?\n]|[①-⑳]")
_CONDITION_END = re.compile(r"(?<=[한된은는인할될])\s(?:때|경우)(?:에는|에|는)?,?\s")
"""`대상자가 출석하지 아니한 때에는 의결할 수 있다`: who did not come does not decide."""
_DENIED = re.compile(r"지\s?(?:는\s)?(?:않|아니|못)|없이|없습|없다|아닙니다|아니라")
_MARKS = re.compile(r"^(?:들)?(?P<agent>이|가|은|는|께서|에서)?(?P<genitive>의)?(?P<recipient>에게|께|에)?")
_MODIFIER = re.compile(r"^(?:소속|해당|각|담당|관할|위|그|당해)\s?")
_LIST_GAP = 5
_MARGIN = 0.2
_CLEAR = 0.3
_ASKED_FOR = re.compile(r"을\s?(?:요구|요청|신청|청구|건의)")
"""`징계 의결을 요구하고` is no 의결."""
_LISTED = re.compile(r"\s?(?:과|와|및|또는|,|·)\s?")


@dataclass(frozen=True)
class _Doing:
    """Somebody's part in something."""

    role: str
    """agent | recipient."""
    actor: str
    action: str


def subject(case: Case) -> list[str]:
    """Judge who is said to act."""
    if case.source is None:
        return []
    answer = without_citations(case.answer)
    chunk = case.source.chunk
    known = {bare(m) for text in (chunk.text, case.question, *chunk.path) for m in offices_in(text)}
    context = " ".join((_CHIEF.sub("장", chunk.text), chunk.text, case.question, chunk.regulation_title, *chunk.path))
    foreign = [
        actor
        for actor in dict.fromkeys(bare(match) for match in offices_in(answer))
        if actor not in context and not any(same_actor(actor, other) for other in known)
    ]
    held = _holds_office(case, answer)
    if held:
        case.figures["office"] = held
        return ["wrong_subject"]
    swapped = _swapped_owners(answer, chunk.text)
    if swapped:
        case.figures["swapped_actors"] = swapped
        return ["wrong_subject"]
    if foreign:
        case.figures["foreign_actors"] = ", ".join(foreign)
        return ["wrong_subject"]
    for doing in sorted(_doings(answer) or _answered(case, answer), key=lambda doing: (doing.actor, doing.action)):
        if _belongs_to_another(case, doing):
            case.figures["swapped_actors"] = f"{doing.actor}: {doing.action}"
            return ["wrong_subject"]
    return []


def _swapped_owners(answer: str, text: str) -> str:
    """`CTO의 추천과 팀 리더의 승인` where it is the other way round, whatever the two are called."""
    said, written = ({(m["owner"], m["act"]) for m in _OWNED.finditer(one)} for one in (answer, text))
    for owner, act in sorted(said - written):
        rightful = {other for other, its in written if its == act}
        if rightful and any(other == owner and its != act for other, its in written):
            return f"{owner}: {act}"
    return ""


def _belongs_to_another(case: Case, doing: _Doing) -> bool:
    """Whether the sentence in question lets another one do it, and says nothing of this one."""
    assert case.source is not None
    terms = list(dict.fromkeys([*case.question_terms, *(t for t in case.answer_terms if t not in doing.actor)]))
    if re.search(rf"(?:관|장|자|원)인 {re.escape(doing.actor)}", case.answer):
        return False  # `보안관리관인 부관장에게`: one person by two names
    rated = []
    for score, sentence in case.corpus.aligned(terms, case.source, context=1.0):
        doings = [other for other in _doings(sentence.text) if (other.role, other.action) == (doing.role, doing.action)]
        if doings:
            rated.append((score * (0.5 if case.meets(sentence) is False else 1), doings, sentence))
    if not rated:
        return False
    best = max(score for score, _, _ in rated)
    if best < _CLEAR and any(same_actor(doing.actor, other.actor) for _, doings, _ in rated for other in doings):
        return False
    near = [(doings, sentence) for score, doings, sentence in rated if score >= best - _MARGIN]
    if doing.actor == "회사" and not any(other.actor in _PERSONS for doings, _ in near for other in doings):
        return False
    return not any(
        same_actor(doing.actor, other.actor) or _may_do_too(doing, sentence)
        for doings, sentence in near
        for other in doings
    )


def _may_do_too(doing: _Doing, sentence: Sentence) -> bool:
    """The sentence names the actor, and not merely as somebody who does other things or is told."""
    others = [other for other in _doings(sentence.text) if same_actor(doing.actor, other.actor)]
    return doing.actor in sentence.text and (
        doing.role != "agent" or not others or any(o.role == "agent" for o in others)
    )


def _answered(case: Case, answer: str) -> set[_Doing]:
    """What an answer that only names somebody says: `부서장입니다` to `누가 결정합니까?`."""
    if not _ASKS_WHO.search(case.question):
        return set()
    role = "recipient" if re.search(r"(?:누구|부서)(?:에게|에)(?!\s?의)", case.question) else "agent"
    actions = [_SAME.get(action, action) for action in _ACTION.findall(case.question)][-1:]
    said = " ".join(part for part in _SENTENCE_END.split(answer) if not _DENIED.search(part))
    return {_Doing(role, bare(actor), action) for actor in offices_in(f"{said} ") for action in actions}


def _holds_office(case: Case, answer: str) -> str:
    """Who is said to hold an office that the chunk gives to another: 위원장은 부사장이 된다."""
    assert case.source is not None
    if not _ASKS_WHO.search(case.question):
        return ""
    named = [bare(actor) for actor in offices_in(_COPULA.sub(" ", answer))]
    for office, holder in _HOLDS.findall(case.source.chunk.text):
        others = [actor for actor in named if not same_actor(actor, office)]
        if office in case.question and others and not any(same_actor(actor, bare(holder)) for actor in others):
            return f"{office}: {', '.join(others)} / {holder}"
    return ""


def _doings(text: str) -> set[_Doing]:
    """Each actor with the actions named within reach after it, in the part that its particle gives it."""
    text = _CHIEF.sub("장", text)
    found: set[_Doing] = set()
    matches = list(_WHO.finditer(text))
    waiting: list[tuple[str, str]] = []  # 유족이, 팀장이 대신 신청한다: both do
    for index, match in enumerate(matches):
        actor = bare(match.group())
        marks = _MARKS.match(text[match.end() :])
        assert marks is not None
        role = "recipient" if marks["recipient"] else "agent"
        listed = bool(_LISTED.match(text, match.end()))
        if not (marks["agent"] or marks["genitive"] or marks["recipient"] or listed):
            continue
        reach = _SENTENCE_END.split(text[match.end() : match.end() + _REACH])[0]
        if marks["agent"] in ("이", "가"):
            reach = _CONDITION_END.split(reach)[0]
        gaps = (other.start() - match.end() for other in matches[index + 1 :])
        reach = reach[: next((gap for gap in gaps if gap > _LIST_GAP), len(reach))]
        actions = [
            _SAME.get(match.group(), match.group())
            for match in _ACTION.finditer(reach)
            if not _ASKED_FOR.match(reach, match.end())
        ]
        if marks["agent"] and not actions and text[match.end() + marks.end() :][:1] == ",":
            waiting.append((role, actor))
            continue
        if marks["agent"]:
            found.update(_Doing(its_role, its_actor, action) for its_role, its_actor in waiting for action in actions)
            waiting.clear()
        if marks["genitive"] or marks["recipient"]:
            actions = actions[:1]
        found.update(_Doing(role, actor, action) for action in actions)
    return found


def offices_in(text: str) -> list[str]:
    """Return the offices that a text names, in order."""
    return [match.group() for match in ACTOR.finditer(_CHIEF.sub("장", text))]


def bare(actor: str) -> str:
    """Return an office without `소속`, `해당` and the like before it."""
    return _MODIFIER.sub("", actor.strip()).split(" ")[-1]


def same_actor(one: str, other: str) -> bool:
    """Whether two names are one, or one shortens the other: 인사팀 is 인사총무팀, 위원장 is 인사위원장."""
    if one == other or equals_of(one) & equals_of(other) or {one, other} <= _PERSONS:
        return True
    short, long = sorted((one, other), key=len)
    if short[-1] != long[-1] or len(short) < _SHORTEST:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


_SHORTEST = 3
_PERSONS_TEXT = "직원 근로자 공무직 조합원 사원 임직원 본인 당사자 신청인 신청자 대상자 자신"
_PERSONS = frozenset(_PERSONS_TEXT.split())
"""One and the same person in most articles: who applies is the one that they are about."""

RULES = (subject,)
