"""What a question asks, in a form in which two wordings of one question compare equal.

In: a question. Out: an Asked record (kind of answer, terms, amounts, citations, period, negation), and whether two of
them ask the same. By pattern and vocabulary alone, no tagger: generate, validate, gate and split all use it, and the
gate runs where there is no Java.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from regtune.korean.citations import read_citations, without_citations
from regtune.korean.normalise import folded
from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_value, values_of
from regtune.qa.asked_kinds import families_of, kinds_agree, kinds_in
from regtune.qa.asked_words import ENDINGS, HEADS, KEPT_WHOLE, LIGHT, LIGHT_FORM, PARTICLES, SPOKEN, TITLE, WEAK

_SYMBOLS = re.compile(r"[^0-9A-Za-z가-힣%·]+")
_REWRITTEN = (
    (re.compile(r"연차\s?(?:유급)?\s?휴가|연가(?=[\s은는이가를을의])"), "연차"),
    (re.compile(r"경조사\s?휴가"), "경조휴가"),
    (re.compile(r"(?:급여일|월급날|봉급일)"), "급여 지급일"),
    (re.compile(r"(?<![가-힣])석(?=\s?달)"), "세"),
    (re.compile(r"(?<![가-힣])넉(?=\s?달)"), "네"),
    (re.compile(r"출산\s?전후\s?휴가|산전후\s?휴가"), "출산휴가"),
    (re.compile(r"어떻게\s(?:정해져|규정되어|정하고|규정하고)\s있(?:나요|습니까|는지)"), "무엇입니까"),
    (re.compile(r"다음\s?해"), "이듬해"),
    (re.compile(r"다음\s?달"), "익월"),
    (re.compile(r"자기\s?차량|본인\s?차량"), "자가용"),
    (re.compile(r"\s?별로(?=\s)|에\s?대하여|에\s?대해|에\s?관하여|에\s?관해"), " "),
)
_FRAME = re.compile(
    r"(?:에 대해|에 관해)?\s?(?:좀\s)?(?:알려|설명해|말해|가르쳐)\s?(?:주세요|주십시오|줘|주시겠습니까|주실 수 있나요)"
    r"|(?:정하고|규정하고|명시하고)\s?있(?:습니까|나요)|(?:정해져|규정되어)\s?있(?:습니까|나요)|도록\s(?=정하|규정)"
)
_POLAR = (
    ("must", re.compile(r"(?:야|어야만)\s?(?:하|합|할|되|됩|한)|의무|필수|반드시")),
    ("may", re.compile(r"수(?:도)?\s?있|가능|허용|도\s?(?:되|됩|괜찮)|(?<!야 )되나요|(?<!야 )됩니까|할 수")),
)
_PERIODS = (
    (
        "년",
        re.compile(
            r"연간|매년|해마다|(?:1|일)\s?년(?:에|마다)|한\s?해에?|(?<![가-힣])연(?=\s(?:\d|몇|얼마|최대|총|[가-힣]*회))"
        ),
    ),
    (
        "월",
        re.compile(r"월간|매월|매달|달마다|(?:한\s?달|1\s?개월)(?:에|마다)|(?<![가-힣])월(?=\s(?:\d|몇|얼마|최대|총))"),
    ),
    (
        "주",
        re.compile(r"매주|주당|주마다|(?:일주일|1주일?)(?:에|마다)|(?<![가-힣])주(?=\s(?:\d|몇|얼마|최대|총|며칠))"),
    ),
    (
        "일",
        re.compile(
            r"매일|날마다|하루에?|(?<![\d가-힣])1일(?:에|당)?(?=\s)(?!\s?(?:이상|이내|이하|미만|초과|전|후|차))|일당(?=\s)"
        ),
    ),
    ("분기", re.compile(r"(?:매\s?)?분기(?:마다|별|에)?")),
    ("반기", re.compile(r"(?:매\s?)?반기(?:마다|별|에)?")),
)
_HANDED_IN = frozenset({"제출", "첨부", "준비", "구비", "필요"})
_NEGATION = re.compile(
    r"않|아니|아닌|못[하한할해]|없|불가|안\s(?:되|돼|된|될|하|해|한)|면제|(?<=[가-힣])\s외(?:의)?\s(?=[가-힣])"
)
_NO_EXEMPTION = re.compile(r"면제(?:하|되)?지\s?(?:않|못|아니)[가-힣]*")
_POLITE_NEGATION = re.compile(r"지\s않(?:나요|습니까|을까요)\??$")
_SIDES = (
    ("전", re.compile(r"\s(?:이전|전|앞)(?:에|의|까지)?(?=\s)")),
    ("후", re.compile(r"\s(?:이후|후|뒤)(?:에|의)?(?=\s)")),
)
_POLITE_LIST = """
해요 하죠 돼요 되죠 되요 할까요 될까요 하지요 되지요 예요 이에요 있어요 없어요 있죠 있지요 있을까요 궁금합니다 궁금해요
싶습니다 싶어요 혹시
"""
_POLITE = frozenset(_POLITE_LIST.split())
_FORMAL = re.compile(r"(?P<last>[가-힣])니까$")
_WITH_BIEUP = 17
"""Of 28 finals, that of 합 in 합니까."""
_FIRST_SYLLABLE, _FINALS = 0xAC00, 28
_WORDS_KEPT = 50_000
_SUFFIXES = "자시별용들인율률액일료"


@dataclass(frozen=True)
class Term:
    """One content word."""

    word: str
    """Bare, as it stands."""
    meanings: frozenset[str]
    """What it may stand for; equal words share one."""
    weak: bool


@dataclass(frozen=True)
class Asked:
    """One question, read."""

    kinds: frozenset[str]
    polarity: str
    """must | may | empty, of a question without a question word."""
    terms: tuple[Term, ...]
    quantities: tuple[Quantity, ...]
    cited: frozenset[tuple[str, int | None]]
    titles: frozenset[str]
    periods: frozenset[str]
    sides: frozenset[str]
    negated: bool

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """Its words and what they may stand for."""
        return frozenset({term.word for term in self.terms}.union(*(term.meanings for term in self.terms)))

    @property
    def core(self) -> str:
        """Its canonical words: the text by which candidates are found."""
        return " ".join(min(term.meanings) for term in self.terms)


def read_question(text: str) -> Asked:
    """Read one question."""
    text = _rewritten(text)
    titles = frozenset(match["title"] for match in TITLE.finditer(text))
    text = TITLE.sub(" ", text)
    cited = frozenset((citation.article, citation.paragraph) for citation in read_citations(text))
    text = without_citations(text)
    negated = bool(_NEGATION.search(_NO_EXEMPTION.sub(" ", _POLITE_NEGATION.sub(" ", text))))
    polarity = next((name for name, pattern in _POLAR if pattern.search(text)), "")
    periods = frozenset(name for name, pattern in _PERIODS if pattern.search(text))
    for _, pattern in _PERIODS:
        text = pattern.sub(" ", text)
    kinds, text = kinds_in(text)
    sides = frozenset(name for name, pattern in _SIDES if pattern.search(text))
    quantities = tuple(read_quantities(text))
    for quantity in reversed(quantities):
        text = f"{text[: quantity.start]} {text[quantity.end :]}"
    terms = _terms(text)
    if "paper" in kinds:  # to ask for papers is to ask what has to be handed in
        terms = [term for term in terms if not term.meanings & _HANDED_IN] or terms
    return Asked(
        kinds=kinds,
        polarity=polarity,
        terms=tuple(terms),
        quantities=quantities,
        cited=cited,
        titles=titles,
        periods=periods,
        sides=sides,
        negated=negated,
    )


def ask_the_same(one: Asked, other: Asked) -> bool:
    """Whether nothing tells the two apart: kind of answer, amounts, articles, period, negation, and every term."""
    if kept_apart(one, other) or not _cite_alike(one, other):
        return False
    only = [_only_in(one, other), _only_in(other, one)]
    if any(not term.weak for side in only for term in side) or all(only):
        return False
    return bool(one.terms and other.terms)


def kept_apart(one: Asked, other: Asked) -> bool:
    """Whether anything but words tells the two apart: negation, period, regulation, kind of answer, amounts."""
    if one.negated != other.negated or _apart(one.periods, other.periods) or _apart(one.sides, other.sides):
        return True
    if _apart(one.titles, other.titles):
        return True
    if not kinds_agree(one.kinds, other.kinds) or not _polarities_agree(one, other):
        return True
    return not _amounts_agree(one.quantities, other.quantities)


def blocks_of(question: Asked) -> list[tuple[object, ...]]:
    """Two questions that ask the same have one of these in common: negation, amounts and a family of kinds."""
    amounts = frozenset(_comparable(value, unit) for value, unit in values_of(question.quantities))
    return [(question.negated, amounts, family) for family in families_of(question.kinds)]


def _comparable(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """A form that is equal wherever `same_value` holds: 24 hours and one day, 5:00 and 17:00, a date with no year."""
    if unit == "일":
        return value * 24 * 60, "분"
    if unit == "시각":
        return value % 720, unit
    return (value % 10000, "월일") if unit == "날짜" else (value, unit)


def _rewritten(text: str) -> str:
    text = folded(text).replace("'", "").replace('"', "")
    for pattern, replacement in _REWRITTEN:
        text = pattern.sub(replacement, text)
    return _FRAME.sub(" ", text)


def _terms(text: str) -> list[Term]:
    words = _SYMBOLS.sub(" ", text).replace("·", "").split()
    return [term for word in words if (term := _term(word)) is not None]


@functools.lru_cache(maxsize=_WORDS_KEPT)
def _term(whole: str) -> Term | None:
    """Read one word; None for one that every question may have."""
    spoken = next((nouns for start, nouns in SPOKEN.get(whole[0], ()) if whole.startswith(start)), None)
    word = _bare(whole)
    light = whole in LIGHT or whole in _POLITE or word in LIGHT or len(word) == 1 or LIGHT_FORM.fullmatch(whole)
    if spoken is None and light:
        return None
    nouns = spoken or frozenset({word})
    meanings = frozenset(HEADS.get(noun, noun) for noun in nouns)
    return Term(word, meanings, weak=any(noun in WEAK for noun in (*nouns, *meanings)))


def _bare(word: str) -> str:
    if KEPT_WHOLE.search(word):
        return word
    word = _FORMAL.sub(_as_spoken, word)
    stem = ENDINGS.sub("", word)
    return PARTICLES.sub("", stem) if stem != word else ENDINGS.sub("", PARTICLES.sub("", word))


def _as_spoken(match: re.Match[str]) -> str:
    """줄어듭니까 as 줄어드나요."""
    syllable = ord(match["last"]) - _FIRST_SYLLABLE
    if syllable % _FINALS != _WITH_BIEUP or match["last"] == "습":
        return match.group()
    return chr(_FIRST_SYLLABLE + syllable - _WITH_BIEUP) + "나요"


def _only_in(one: Asked, other: Asked) -> list[Term]:
    """Terms of the first that the second does not have, in whatever compound."""
    words = other.words
    return [
        term
        for term in one.terms
        if not (term.meanings & words) and not any(_made_of(word, words) for word in (term.word, *term.meanings))
    ]


def _made_of(word: str, parts: frozenset[str]) -> bool:
    """Whether a compound falls into pieces of two syllables or more that stand in the parts: 출산휴가 = 출산 + 휴가."""
    if not word or (len(word) == 1 and word in _SUFFIXES):
        return True
    return any(
        any(word[:length] in part for part in parts) and _made_of(word[length:], parts)
        for length in range(len(word), 1, -1)
    )


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)


def _cite_alike(one: Asked, other: Asked) -> bool:
    """The same articles; or one names none and the rest is specific enough to stand without it."""
    if one.cited == other.cited:
        return True
    specific = sum(not term.weak for term in one.terms) > 1 and sum(not term.weak for term in other.terms) > 1
    return specific and not (one.cited and other.cited)


def _polarities_agree(one: Asked, other: Asked) -> bool:
    """Of questions without a question word."""
    return bool(one.kinds or other.kinds or not one.polarity or not other.polarity or one.polarity == other.polarity)


def _amounts_agree(one: Sequence[Quantity], other: Sequence[Quantity]) -> bool:
    return all(
        any(same_value(left, right) and same_bound(left, right) for right in others)
        for some, others in ((one, other), (other, one))
        for left in some
    )
