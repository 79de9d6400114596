"""Questions that an article seems to answer and does not, in six ways, each in the manner of an answerable one.

In: an article, the way (대상자, 혜택, 예외, 수치 조건, 잘못된 전제, 인접 사항) and the answerable question (the twin).
Out: Drafts whose answer says 없음. The person, case or matter of the twin becomes one of unregulated.py, the rest stays
as it is; of a long twin only how it asks stays, since its details would make the rule the answer. What the article
itself mentions is left out.
"""

import re
from collections.abc import Iterator

from article import Article
from fact_questions import Draft, subject_words
from quantity_questions import topic_of
from unregulated import ACTORS, BENEFITS, CAUSES, CONDITIONS, NEIGHBOURS, PREMISES
from wording import with_particle

WAYS = ("대상자", "혜택", "예외", "수치 조건", "잘못된 전제", "인접 사항")

_FIELDS = (
    ("출장", re.compile(r"출장|여비|교통비|숙박|운임|법인카드|정산|영수증|선지급|자가용")),
    ("휴가", re.compile(r"휴가|휴직|병가|공가|복직|휴일|육아|임신")),
    ("금전", re.compile(r"임금|수당|상여|경조금|학자금|퇴직급여|금품|표창|보상|건강진단|정년")),
    ("근무", re.compile(r"근로|근무|근태|출퇴근|지각|조퇴|외출|결근|재택|당직|휴게|복장|복무|회의실|차량|출입증")),
)
_REGULATION = "회사"
_PEOPLE = r"직원|사람|출장자|당사자|부서장|응시자|근무자|휴직자"
_PERSON = re.compile(rf"(?<=[가-힣] )(?:{_PEOPLE})(?P<particle>[은는이가])(?= )")
_OF_PEOPLE = re.compile(rf"(?:{_PEOPLE}|회사|위원회|위원장|본부장|대표이사|간사|[가-힣]+팀|[가-힣]+팀장|담당자)[은는]$")
_PARTICLES = {"은": "은/는", "는": "은/는", "이": "이/가", "가": "이/가", "을": "을/를", "를": "을/를"}
_INTRODUCED = re.compile(r"^.{2,20}?의 경우 ")
_APPLIED_FOR = re.compile(r"^(?P<what>[^,]{2,16}?)(?P<particle>[을를]) (?=[가-힣]+(?:려면|하면) )")
_HANDED_IN = re.compile(r"^ (?:제출|작성|통지|보고|등록|결정|인계|반납)하려면")
_ASKED = re.compile(r"며칠|몇 |언제|얼마|어디|누구|어떤 |어떻게|무엇")
_ENDINGS = {
    "며칠": ("며칠까지 쓸 수 있나요?", "며칠 전까지 신청해야 하나요?", "며칠 이내에 제출해야 하나요?"),
    "몇 ": ("몇 회까지 신청할 수 있나요?", "몇 시간 전까지 알려야 하나요?", "몇 개월 이내에 신청해야 하나요?"),
    "언제": ("언제까지 신청해야 하나요?", "언제까지 어떤 서류를 제출해야 하나요?", "언제 지급하나요?"),
    "얼마": ("얼마를 지급하나요?", "얼마까지 받을 수 있나요?", "얼마인가요?"),
    "어디": ("어디에 제출해야 하나요?", "어디에서 신청해야 하나요?", "어디에 신고하나요?"),
    "누구": ("누구의 승인을 받아야 하나요?", "누구에게 보고해야 하나요?"),
    "어떤": ("어떤 서류를 제출해야 하나요?", "어떤 순서로 진행해야 하나요?", "어떤 경우에 받을 수 있나요?"),
    "어떻게": ("어떻게 해야 하나요?", "어떻게 정해져 있나요?", "어떻게 신청해야 하나요?"),
    "무엇": ("어떻게 정해져 있나요?", "어떻게 되나요?"),
    "": ("이용할 수 있나요?", "받을 수 있나요?"),
}
"""Question word -> how anything is asked for by it."""
_OTHERWISE = ("따로 ", "달리 ", "특별히 ", "더 ", "대신 ", "추가로 ", "별도로 ", "예외로 ")
"""What asks for a rule of its own, since the general one goes for everybody."""
_LONGEST_TOPIC = 22
_SHORT, _SHORT_ENDING = 42, 26
"""Characters of a twin that stays as it is, and of an ending that says nothing of the rule."""


def negative_drafts(article: Article, way: str, twin: str) -> list[Draft]:
    """Return a draft for each thing of the way's list that the article does not mention."""
    subject = article.title if subject_words(article) else (article.regulation or _REGULATION)
    field = next((name for name, words in _FIELDS if words.search(subject)), "")
    named = f"{article.title} " if subject_words(article) else ""
    twin = _shortened(twin, subject)
    asked: dict[str, Iterator[tuple[str, str]]] = {
        "대상자": ((_of_actor(twin, a), f"{a}에 대한 {subject} 적용") for a in ACTORS),
        "혜택": ((_of_matter(twin, b), f"{b} 지원") for b in BENEFITS[field]),
        "예외": ((_in_case(twin, c), f"{c} 경우의 예외") for c in CAUSES[field]),
        "수치 조건": ((_in_case(twin, c), f"{c} 경우의 기준") for c in CONDITIONS),
        "잘못된 전제": ((_of_matter(twin, f"{named}{p}"), f"{named}{p}") for p in PREMISES),
        "인접 사항": ((_of_matter(twin, n), f"{n} 제도") for n in NEIGHBOURS[field]),
    }
    return [
        Draft(question, _absent(article, matter, len(question)), "")
        for question, matter in asked[way]
        if not any(word in article.text for word in matter.removeprefix(subject).split()[:2])
    ]


def _shortened(twin: str, subject: str) -> str:
    """A short twin as it is; of a long one its last question word with what follows, asked of the subject.

    Without a twin the subject is asked for all the same.
    """
    twin = _INTRODUCED.sub("", twin)
    words = list(_ASKED.finditer(twin))
    if 0 < len(twin) <= _SHORT and len({word[0] for word in words}) == len(words) and "무엇" not in twin:
        return twin
    ending = twin[words[-1].start() :] if words else ""
    if not 0 < len(ending) <= _SHORT_ENDING or ending.startswith("무엇"):
        kind = next(kind for kind in _ENDINGS if (words[-1][0] if words else "").startswith(kind))
        ending = _ENDINGS[kind][len(twin) % len(_ENDINGS[kind])]
    return f"{with_particle(subject, '은/는')} {ending}"


def _of_actor(twin: str, actor: str) -> str:
    """Somebody else is whom the twin asks about."""
    person = _PERSON.search(twin)
    if person:
        return f"{twin[: person.start()]}{with_particle(actor, _PARTICLES[person['particle']])}{twin[person.end() :]}"
    return _asked_by(actor, twin, f"{actor}의 경우")


def _in_case(twin: str, case: str) -> str:
    """The twin, asked for a case for which there is no rule of its own."""
    asked = _ASKED.search(twin)
    at = asked.start() if asked else 0
    otherwise = f"{twin[:at]}{_OTHERWISE[len(case) % len(_OTHERWISE)]}{twin[at:]}"
    return _asked_by(f"{case} 직원", otherwise, f"{case} 때에는")


def _asked_by(person: str, question: str, opening: str) -> str:
    """Put somebody into a question who does or gets what it is about; `opening` where somebody is there already."""
    if _APPLIED_FOR.match(question):
        return f"{with_particle(person, '이/가')} {question}"
    topic = _matter_of(question)
    if not topic:
        return f"{opening} {question}"
    if question.endswith("인가요?"):
        return f"{person}의 {question}"
    return f"{with_particle(person, '은/는')} {with_particle(topic[:-1], '을/를')}{question[len(topic) :]}"


def _of_matter(twin: str, matter: str) -> str:
    """Something else is what the twin asks about: what is applied for, else its topic, unless that is a person."""
    applied_for = _APPLIED_FOR.match(twin)
    if applied_for:
        rest = _HANDED_IN.sub(" 신청하려면", twin[applied_for.end("particle") :])
        return f"{with_particle(matter, _PARTICLES[applied_for['particle']])}{rest}"
    topic = _matter_of(twin)
    return f"{with_particle(matter, '은/는')}{twin[len(topic) :]}" if topic else f"{matter}의 경우 {twin}"


def _matter_of(twin: str) -> str:
    """What the twin is about, with its particle; empty where that is a person or takes many words."""
    topic = topic_of(twin)
    return topic if len(topic) <= _LONGEST_TOPIC and not _OF_PEOPLE.search(topic) else ""


def _absent(article: Article, matter: str, turn: int) -> str:
    """One of several natural ways to say 없음; `turn` picks it."""
    regulation = article.regulation or f"{_REGULATION} 규정"
    ways = (
        f"없음. {matter}에 관한 내용은 {regulation}에 규정되어 있지 않습니다.",
        f"{regulation}에는 {matter}에 관한 규정이 없습니다.",
        f"사내 규정에서 {matter}에 관한 내용을 찾을 수 없습니다.",
        f"{matter}에 대해서는 {regulation}에 정해진 바가 없습니다.",
        f"없음. {with_particle(regulation, '은/는')} {matter}에 관하여 따로 정하고 있지 않습니다.",
    )
    return ways[(turn + len(matter)) % len(ways)]
