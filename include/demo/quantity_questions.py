"""Questions about a quantity: the number in a clause becomes a question word where it stands.

Korean asks in place, so `5일 이내의 일수를 이월할 수 있다` becomes `며칠 이내의 일수를 이월할 수 있나요?`.
In: a sentence of an article. Out: questions, each asking for one quantity (or several alike ones at once).
"""

import re
from dataclasses import dataclass

from wording import asking, plain, with_particle

_UNITS = "영업일|개월|월(?=에)|킬로미터|킬로그램|퍼센트|시간|학기|마일|켤레|미터|일|주|분|년|회|명|세|점|벌|자|배"
_CLOCK = r"(?:(?:오전|오후|낮)\s?)?\d+시(?!간)(?:\s?\d+분)?"
_DATES = r"(?:\d{4}년\s)?\d+월\s?\d+일(?:부터 \d+일(?=까지))?"
_MONEY = r"\d[\d,]*(?:억|천만|백만|만|천)?원"
_QUANTITY = re.compile(
    rf"(?P<date>{_DATES})|(?P<clock>{_CLOCK})|(?P<money>{_MONEY})"
    rf"|(?P<number>\d[\d,.]*(?:만|천)?\s?)(?P<unit>{_UNITS})(?![가-힣]*분의)"
)
_NOT_BEFORE = re.compile(r"(?:제|별표\s?|별지\s?|분의\s?)$")
_NOT_AFTER = re.compile(r"^(?:의\s?\d|\s?만점|째|분의|\s?등급|임금)")
# `1회 2시간`, `1일 사용 한도`: a one is a rate unless what follows makes it an amount.
_AMOUNT_OF_ONE = re.compile(
    r"^(?:간)?\s?(?:에 한하여|이내|이상|이하|전까지|까지|의 범위|이 지[나난]|으?로 하"
    r"|의 (?:생리|연차|유급)|[을를] (?!포함|초과|기준))"
)
_JOINED = re.compile(
    r"^(?:간|에)?(?:\s?(?:이상|이하|부터|에서|까지))?\s?(?:,|또는|와|과|및)?\s?"
    r"(?:(?:월|연|편도|각각|다음 날)\s)?(?:1회\s|1일\s|1주\s)?$"
)
_CONNECTIVE = re.compile(r"(?<=[가-힣](?:고|며|되))(?<!사고)(?<!신고)(?<!보고)(?<!광고)(?<!경고),\s")
_ADNOMINAL = re.compile(
    r"(?:하|되|려|받|있|없|않|보|오|걸리|다루|보내|맡|쓰|따르|지나|끝나|이르|속하|돌보|일하)는$"
    r"|(?:받|적|않|같|높|맡|늦|남|넘|입|많)은$"
)
_OWN_SUBJECT = re.compile(r"^(?:\S+\s){0,4}?\S+(?:은|는|이|가)\s")
_DANGLING = re.compile(
    r"(?:^|\s)(?:그|이를|이와|그때까지|본인에게)\s|제\d+[항호조](?!서식)|이 (?:규정|규칙)|각 호|해당 호|그렇지 않"
)
_PAIRS = {"을": "을/를", "은": "은/는", "이": "이/가", "과": "과/와", "으로": "으로/로"}
_CONTEXT_LIMIT = 60
_SELF_STANDING = 34
_TIDIER = (
    (r"^(?:직원은|회사는|임직원은) ", ""),
    (r"며칠 이내의 일수를", "며칠까지"),
    (r"(며칠|얼마|몇 \S+?)[을를] 초과(?:할 수 없|하지 않)나요\?$", r"\1까지 가능한가요?"),
    (r"(며칠|얼마|몇 \S+?)[을를] 초과하여 (\S+) 수 없나요\?$", r"\1까지 \2 수 있나요?"),
    (r"(며칠|얼마|몇 \S+?)[을를] 초과하여 (\S+)지 않나요\?$", r"\1까지 \2나요?"),
    (r"(\d+[회일주]) 며칠", r"\1에 며칠"),
)


@dataclass(frozen=True)
class Span:
    """A quantity in a clause."""

    start: int
    end: int
    kind: str
    word: str
    """What stands in its place in a question."""


def clauses_of(sentence: str) -> list[tuple[str, str]]:
    """Split a sentence at `…하고, ` and the like.

    Returns:
        (context, clause) pairs: a later clause about the sentence's topic carries the topic as its context; a short one
        with a subject of its own carries the clauses before it.
    """
    text = plain(sentence.removeprefix("다만,").strip()).removesuffix(".")
    parts = _CONNECTIVE.split(text)
    if re.search(r"해야 (?:한다|하며)", parts[-1]):
        parts = [re.sub(r"(?<!야 )하고$", "해야 하고", part) for part in parts]
    topic = topic_of(text)
    pairs = [("", parts[0])]
    for index, part in enumerate(parts[1:], 1):
        before = ", ".join(parts[:index]) + ", "
        if not _OWN_SUBJECT.match(part):
            pairs.append((f"{topic} " if topic else "", part))
        else:
            pairs.append((before if len(part) < _SELF_STANDING and len(before) <= _CONTEXT_LIMIT else "", part))
    return pairs


def topic_of(sentence: str) -> str:
    """Return the leading phrase that ends in the topic particle, or empty: `이월을 희망하는 직원은`."""
    words = sentence.split(" ")
    for index, word in enumerate(words[:12]):
        if re.search(r"(?:은|는)$", word) and not _ADNOMINAL.search(word):
            return " ".join(words[: index + 1])
        if word.endswith(","):
            return ""
    return ""


def quantity_questions(sentence: str) -> list[str]:
    """Return one question for each quantity (or run of alike quantities) of the sentence, none when it has none."""
    if not sentence.rstrip(".").endswith("다"):
        return []
    questions = []
    for context, clause in clauses_of(sentence):
        bare = re.sub(r"\([^()]*\)", "", clause)
        for group in _groups(bare):
            question = tidied(context + asking(_replaced(bare, group)))
            elliptic = sentence.startswith("다만") and question.endswith("로 하나요?")
            if not elliptic and not dangles(question):
                questions.append(question)
    return questions


def dangles(question: str) -> bool:
    """Whether the question points to something outside itself (`제1항의 기한`, `그 주소`)."""
    return bool(_DANGLING.search(question))


def asked_in_place(text: str) -> str:
    """Replace every quantity of a short text: `휴가 5일, 휴가비 50만원` becomes `휴가 며칠, 휴가비 얼마`."""
    return _replaced(text, _spans(text))


def _spans(clause: str) -> list[Span]:
    spans = []
    for match in _QUANTITY.finditer(clause):
        before, after = clause[: match.start()], clause[match.end() :]
        if _NOT_BEFORE.search(before) or _NOT_AFTER.match(after):
            continue
        number = (match["number"] or "").strip()
        if number == "1" and not _is_amount(match["unit"], before, after):
            continue
        if "." in number and match["unit"] == "일":
            continue
        spans.append(Span(match.start(), match.end(), *_question_word(match, before)))
    return spans


def _is_amount(unit: str, before: str, after: str) -> bool:
    """Whether a one counts something (`1년 이내`) and is no rate (`1회 2시간`, `2주마다 1회`)."""
    if before.endswith("마다 "):
        return False
    return bool(_AMOUNT_OF_ONE.match(after)) or (unit in ("년", "개월") and after.startswith(","))


def _question_word(match: re.Match[str], before: str) -> tuple[str, str]:
    if match["date"]:
        return "date", "언제부터 언제" if "부터" in match["date"] else "언제"
    if match["clock"]:
        return "clock", "몇 시"
    if match["money"]:
        return "money", "얼마"
    unit = match["unit"]
    if unit == "일":
        return ("day" if re.search(r"(?:매월|달|전월)\s$", before) else "일"), "며칠"
    return unit, f"몇 {unit}"


def _groups(clause: str) -> list[list[Span]]:
    """Alike quantities that stand side by side, or in a series with commas, are asked for at once."""
    groups: list[list[Span]] = []
    for span in _spans(clause):
        last = groups[-1][-1] if groups else None
        gap = clause[last.end : span.start] if last is not None else ""
        if last is not None and _alike(last, span, gap):
            groups[-1].append(span)
        else:
            groups.append([span])
    merged: list[list[Span]] = []
    for group in groups:
        earlier = next((g for g in merged if g[0].kind == group[0].kind), None)
        if earlier is not None and "," in clause[earlier[-1].end : group[0].start]:
            earlier.extend(group)
        else:
            merged.append(group)
    return merged


def _alike(last: Span, span: Span, gap: str) -> bool:
    if last.kind != span.kind:
        return gap == ", " and {last.kind, span.kind} == {"회", "시간"}
    return bool(_JOINED.match(gap))


def _replaced(clause: str, spans: list[Span]) -> str:
    text, position = [], 0
    for span in spans:
        text.append(clause[position : span.start])
        text.append(span.word)
        position = span.end
        rest = clause[position:]
        particle = re.match(r"(을|은|이|과|으로)(?![가-힣])", rest)
        if span.kind in ("money", "date") and particle:
            text[-1] = with_particle(span.word, _PAIRS[particle[1]])
            position += particle.end()
        elif span.kind == "date" and re.match(r"에(?![가-힣])", rest):
            position += 1
    text.append(clause[position:])
    return "".join(text)


def tidied(question: str) -> str:
    """Make a question shorter and more natural: `…을 초과할 수 없나요?` asks `…까지 가능한가요?`."""
    for stiff, natural in _TIDIER:
        question = re.sub(stiff, natural, question)
    return re.sub(r"\s+", " ", question).strip()
