"""Questions about what an article says without a number: definitions, lists, cases, what is allowed.

In: one passage of an article. Out: Drafts, each with the answer that the passage itself gives.
"""

import re
from dataclasses import dataclass

from article import Article, Passage, Statement
from quantity_questions import asked_in_place, dangles, tidied, topic_of
from wording import all_polite, asking, plain, with_particle

_DEFINITION = re.compile(
    r"^[“\"'‘](?P<term>[^”\"'’]+)[”\"'’](?:이란|란|이라 함은|라 함은)\s(?P<meaning>.+?)(?:을|를) 말(?:한다|하며)"
)
_PERSON = re.compile(r"^(?:부서장|본부장|대표이사|[가-힣]+팀장|[가-힣]+팀|인사위원회)$")
_LONGEST_LABEL = 45
_PROCEDURAL_NOUN = re.compile(r"순서|절차|서류|전형")
_MATTER = re.compile(
    r"(?<!회사)(?<!직원)(?<!사람)(?<!장)(?<!팀)(?<!자)(?<!에)(?<!게)(?<!로)(?<!서)(?<!부)(?<!대하여)(?<!이상)(?<!이하)[은는]$"
)
_EVERYWHERE = ("목적", "정의", "적용범위", "세부사항", "시행일", "경과조치")
_COMMON = (
    "기준",
    "신청",
    "절차",
    "사용",
    "변경",
    "관리",
    "운영",
    "원칙",
    "조치",
    "사유",
    "종류",
    "기간",
    "제한",
    "대한",
)
_SAYS_LITTLE = re.compile(
    r"직원|회사|신청|제출|승인|확인|보고|통지|통보|부서장|본부장|대표이사|담당자|가람온|[가-힣]*팀|며칠|언제|얼마|누구|어디|어떤|어떻게"
    r"|무엇|이내|이상|이하|이전|전까지|까지|부터|경우|때에|사용|지급|받은|받을|받아|하나|해야|있나|되나|없나|하여|하고|하며|해당|사유|기간"
    r"|다음|매월|매년|영업일|서류|절차|사람|본인|가능|포함|적용|정한|따라|대하여|관하여|위하여|또는|다만|그날|날부터|종료|시작|예정"
)
_TELLING_WORDS = 4
_PRONOUN = re.compile(r"(?:^|\s)이 (?:규정|규칙)(?=[은는이을의에과])")


@dataclass(frozen=True)
class Draft:
    """A question with its answer."""

    question: str
    answer: str
    evidence: str


def answered(article: Article, passage: Passage, statement: Statement, question: str) -> Draft:
    """Give the whole statement as the answer, with its provisos and, where it points to them, the items."""
    evidence = statement.text
    text = all_polite(statement.text)
    if passage.items and "각 호" in statement.text:
        text = f"{_without_pointer(text)} {_listed(passage)}"
        evidence = passage.raw
    text = re.sub(r"\(이하 [^()]*\)", "", text)
    text = _PRONOUN.sub(lambda match: f"{' ' if match[0].startswith(' ') else ''}{article.regulation}", text)
    return Draft(in_full(article, question), f"{article.cited}{passage.place}에 따라 {text}", evidence)


def in_full(article: Article, question: str) -> str:
    """Name the subject in a question that does not say by itself what it is about."""
    words = subject_words(article)
    telling = {word for word in re.findall(r"[가-힣]{2,}", question) if not _SAYS_LITTLE.match(word)}
    if article.regulation in question or any(word in question for word in words) or len(telling) >= _TELLING_WORDS:
        return question
    if not words:
        return f"{article.regulation}에서 {question}"
    matter = re.sub(r"의 (?:절차|신청|기준|사용|원칙|관리|변경)$", "", article.title)
    return f"{matter}의 경우 {question}"


def subject_words(article: Article) -> list[str]:
    """Content words of the title; none for titles that every regulation has (`목적`, `정의`)."""
    if article.title in _EVERYWHERE:
        return []
    words = [re.sub(r"(?:의|및|를|을|와|과|에)$", "", word) for word in re.split(r"[\s·,]+", article.title)]
    return [word for word in words if len(word) > 1 and word not in _COMMON]


def fact_drafts(article: Article, passage: Passage) -> list[Draft]:
    """Return every draft that the passage allows, in the order of the text."""
    drafts = [*_definitions(article, passage), *_labelled_items(article, passage), *_cases(article, passage)]
    drafts += [draft for statement in passage.statements for draft in _permissions(article, passage, statement)]
    drafts += _purpose(article, passage)
    return drafts or [draft for statement in passage.statements for draft in _rules(article, passage, statement)]


def fallback_draft(article: Article, passage: Passage) -> Draft:
    """Return the question that any passage answers."""
    subject = f"{article.regulation} {article.number}" if not article.title else article.title
    place = f" {passage.place}" if passage.place else ""
    question = (
        f"{article.regulation} {article.number}{place}에서는 {with_particle(subject, '을/를')} 어떻게 정하고 있나요?"
    )
    statement = passage.statements[0] if passage.statements else Statement(passage.raw, ())
    return answered(article, passage, statement, question)


def _definitions(article: Article, passage: Passage) -> list[Draft]:
    drafts = []
    for number, text in [*passage.items, *(("", s.main) for s in passage.statements)]:
        match = _DEFINITION.match(text)
        if match:
            quoted = f"‘{match['term']}’"
            term = with_particle(quoted, "이란/란")
            ways = (
                f"{article.regulation}에서 말하는 {term} 무엇인가요?",
                f"{with_particle(quoted, '은/는')} {article.regulation}에서 어떤 뜻으로 쓰이나요?",
                f"{article.regulation}의 용어 가운데 {with_particle(quoted, '은/는')} 무엇을 가리키나요?",
                f"{article.regulation}은 {with_particle(quoted, '을/를')} 어떻게 정의하나요?",
            )
            question = ways[int(number or 0) % len(ways)]
            place = f"{passage.place}제{number}호" if number else passage.place
            answer = f"{article.cited}{place}에 따라 {term} {all_polite(text[match.start('meaning') :])}"
            drafts.append(Draft(question, answer, text))
    return drafts


def _labelled_items(article: Article, passage: Passage) -> list[Draft]:
    """`본부장: 60만원` under `직책수당은 다음 각 호의 금액을 매월 지급한다`."""
    if not passage.statements or _PROCEDURAL_NOUN.search(passage.statements[0].text):
        return []
    drafts = []
    for number, text in passage.items:
        label, mark, value = text.partition(": ")
        if not mark or len(label) > _LONGEST_LABEL:
            continue
        first, *rest = re.split(r"\.\s(?=다만)", value, maxsplit=1)
        question, subject = _item_question(article, passage, label, first)
        stated = all_polite(first) if first.rstrip(".").endswith("다") else f"{first.rstrip('.')}입니다."
        extra = "".join(f" {all_polite(sentence)}" for sentence in rest)
        answer = f"{article.cited}{passage.place}제{number}호에 따라 {subject} {stated}{extra}"
        drafts.append(Draft(in_full(article, question), answer, text))
    return drafts


def _item_question(article: Article, passage: Passage, label: str, value: str) -> tuple[str, str]:
    """Return the question, and the subject of its answer."""
    if value.rstrip(".").endswith("다"):
        return f"{article.title} 중 ‘{label}’의 내용은 무엇인가요?", with_particle(f"‘{label}’", "은/는")
    subject = with_particle(_item_subject(label, _listed_noun(article, passage, label)), "은/는")
    if _PERSON.match(value):
        return f"{subject} 누구인가요?", subject
    bare = re.sub(r"\([^()]*\)", "", value).rstrip(".")
    in_place = asked_in_place(bare)
    return f"{subject} {in_place}인가요?" if in_place != bare else f"{subject} 어떻게 정해져 있나요?", subject


def _item_subject(label: str, noun: str) -> str:
    if label.endswith(("경우", "때")):
        return f"{label} {noun}"
    if label[-2:] == noun[-2:]:
        return f"{noun} 중 {label}"
    if re.search(r"의 |또는|(?:으로|에서)$", label):
        return f"‘{label}’의 경우 {noun}"
    return f"{label}의 {noun}"


def _listed_noun(article: Article, passage: Passage, label: str) -> str:
    """What the items are items of: `경조금`, `최소 재직 기간`, `직책수당`."""
    lead = passage.statements[0].main
    same = re.search(r"(?:^|, )(?P<noun>[^,]+?)[은는] 다음(?: 각 호)?와 같다", lead)
    if same:
        head, mark, tail = same["noun"].rpartition("의 ")
        return tail if mark and label.endswith(head) else same["noun"]
    listed = re.search(r"다음 각 호의 (?P<noun>[가-힣]+)[을를]", lead)
    if listed and listed["noun"] not in ("금액", "유급휴가"):
        return listed["noun"]
    topic = topic_of(lead)
    if listed and topic:
        return topic[:-1] if not topic.endswith("회사는") else article.title
    term = re.match(r"(?P<what>.+)의 .*기간$", article.title)
    return f"{term['what']} 기간" if term else article.title


def _cases(article: Article, passage: Passage) -> list[Draft]:
    """`다음 각 호의 어느 하나에 해당하는 때에는` asks for the cases; `다음 각 호와 같다` asks for the list."""
    labelled = any(": " in text for _, text in passage.items)
    if not passage.items or article.title == "정의" or (labelled and "종류" not in article.title):
        return []
    drafts = []
    for statement in passage.statements:
        sentence = next((s for s in (statement.main, *statement.provisos) if "각 호" in s), "")
        if not sentence or _PROCEDURAL_NOUN.search(sentence):
            continue
        text = plain(sentence.removeprefix("다만,").strip()).removesuffix(".")
        if "어느 하나에 해당하는" in text:
            text = re.sub(r"^직원이 (?=다음)", "", text)
            text = re.sub(r"다음 각 호의 어느 하나에 해당하는 때에는?", "어떤 경우에", text)
            text = re.sub(r"다음 각 호의 어느 하나에 해당하는 (\S+?)[은는](?=\s)", _which, text)
            question = asking(re.sub(r"다음 각 호의 어느 하나에 해당하는", "어떤", text))
        elif re.search(r"[은는] 다음 각 호와 같다$", text):
            question = re.sub(r"[은는] 다음 각 호와 같다$", "", text) + "에는 어떤 것들이 있나요?"
        else:
            question = asking(re.sub(r"다음 각 호의 ", "어떤 ", text))
        if sentence != statement.main and topic_of(statement.main):
            question = f"{topic_of(statement.main)} {question}"
        if not dangles(question):
            drafts.append(answered(article, passage, statement, tidied(question)))
    return drafts


def _which(match: re.Match[str]) -> str:
    return f"어떤 {with_particle(match[1], '이/가')}"


def _permissions(article: Article, passage: Passage, statement: Statement) -> list[Draft]:
    """`…직원은 …할 수 없다` asks whether such a person may."""
    text = plain(statement.main).removesuffix(".")
    topic = topic_of(text)
    if (
        not text.endswith("수 없다")
        or topic in ("", "회사는", "직원은")
        or re.search(r"초과|, ", text)
        or dangles(text)
    ):
        return []
    rest = text[len(topic) :].strip().removesuffix("수 없다")
    person = re.search(r"(?:직원|사람|근무자|응시자|부서)은?는?$", topic)
    question = f"{topic[:-1]}도 {rest}수 있나요?" if person else f"{topic} {rest}수 있나요?"
    return [answered(article, passage, statement, question)]


def _rules(article: Article, passage: Passage, statement: Statement) -> list[Draft]:
    """`철도 운임은 …` asks how that is settled; a person or a circumstance as the topic does not."""
    text = plain(statement.main)
    topic = topic_of(text)
    if (
        re.search(r"\d", text)
        or not text.rstrip(".").endswith("다")
        or not _MATTER.search(topic)
        or dangles(f"{topic} ")
    ):
        return []
    where = "" if " " in topic else f"{article.regulation}에서 "
    return [answered(article, passage, statement, f"{where}{topic} 어떻게 정해져 있나요?")]


def _purpose(article: Article, passage: Passage) -> list[Draft]:
    """What a regulation is for, and whom it binds."""
    statement = passage.statements[0] if passage.statements else Statement("", ())
    subject = with_particle(article.regulation, "은/는")
    if article.title == "목적" and statement.main:
        return [answered(article, passage, statement, f"{subject} 무엇을 목적으로 하나요?")]
    if re.match(r"이 (?:규정|규칙)은 .+에게 적용한다", statement.main):
        return [answered(article, passage, statement, f"{subject} 누구에게 적용하나요?")]
    return []


def _without_pointer(text: str) -> str:
    text = re.sub(r"다음 각 호의 어느 하나에", "다음 중 하나에", text)
    text = re.sub(r"다음 각 호와 같", "다음과 같", text)
    return re.sub(r"다음 각 호의", "다음의", text)


def _listed(passage: Passage) -> str:
    items = [f"{number}. {plain(text).rstrip('.')}" for number, text in passage.items]
    ending = "." if items[-1].endswith("다") else "입니다."
    return f"{'. '.join(items)}{ending}"
