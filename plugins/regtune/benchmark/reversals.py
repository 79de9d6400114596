"""What an answer turns round: the allowed and the forbidden, who pays and who is paid, who decides and who is told.

In: an answer with its texts (Beside). Out: the predicates, each with what the answer and what the texts make of it.
"""

import re
from collections.abc import Iterable

from regtune.benchmark.absolutes import boundless_claims, turned_qualities
from regtune.benchmark.addressees import others_in_charge
from regtune.benchmark.beside import Beside, clauses_of, content_words, sentences_of
from regtune.korean.citations import without_citations
from regtune.korean.modality import Claim, claims_of, contradicts, is_conditional, without_conditions
from regtune.korean.opposites import name_of, sides_of
from regtune.korean.payments import ways_of
from regtune.korean.quantities import read_quantities, same_value

_WAIVES = re.compile(r"([가-힣]{2,}?)[은는이가도]?\s?(?:필요\s?없|필요하지 않|필요치 않)")
_NO_NEED = r"[^.]{0,20}(?:필요\s?없|필요하지\s?(?:않|아니)|없이|생략|면제)"
_SAME_TOPIC = 2
_WITHOUT = re.compile(
    r"(?P<step>결재|승인|허가|동의|심의|의결|면담|검토)(?:[을를]\s(?:받지|거치지)\s않고|(?:이나|도)?\s?없이)\s"
    r"(?!\S*(?:면|경우|때))(?![^.]*(?:없|않|못|안\s|금지|면\s|경우|때))"
)
_FIRST_SYLLABLE, _FINALS, _VOWELS, _YEO, _I = 0xAC00, 28, 21, 6, 20
"""Of composed Hangul syllables: initial x 21 vowels x 28 finals."""
_NEGATED = re.compile(r"없|않|아니|못|불가|금지|제외|면제")
_USES = frozenset({"쓰", "사용", "받", "이용", "주", "부여", "지급", "제공"})
_GIVES = re.compile(r"[을를이가]\s(?:준다|줍니다|드립니다|받습니다|받는다|부여|지급|제공|사용할 수 있|쓸 수 있)")
_ELSE = re.compile(r"초과|넘|이외|외에|한꺼번|나누|이월|전에는|후에는")


def reversed_claims(beside: Beside) -> list[str]:
    """Predicates that the answer allows, demands or denies where reference answer or article says the reverse."""
    found = []
    found += [match.group() for match in _WAIVES.finditer(beside.answer) if _is_needed(beside, match[1])]
    found += _opposites(beside)
    found += turned_qualities(beside)
    found += boundless_claims(beside)
    found += others_in_charge(beside)
    found += [
        match.group().strip() for match in _WITHOUT.finditer(beside.answer) if not _may_lack(beside, match["step"])
    ]
    for sentence in sentences_of(without_citations(beside.answer)):
        found += _paid_the_other_way(beside, sentence)
        if is_conditional(sentence):
            continue
        near = _on_the_topic(beside, sentence)
        for claim in claims_of(sentence):
            rivals = [
                other for text in near for other in claims_of(text) if claim.stem and other.stem in _forms(claim.stem)
            ]
            if rivals and all(contradicts(claim.sense, other.sense) for other in rivals):
                found.append(f"{claim.stem}: {claim.sense} / {rivals[0].sense}")
            elif not rivals and (
                _denies(claim, sentence, beside.reference) or _denies_the_use(claim, sentence, beside.reference)
            ):
                found.append(f"{claim.stem}: {claim.sense} / does")
    return found


def _forms(stem: str) -> frozenset[str]:
    """`알리` of `알리지 않아도` and `알려` of `알려야 한다` are one stem."""
    before, final = divmod(ord(stem[-1]) - _FIRST_SYLLABLE, _FINALS)
    other = {_YEO: _I, _I: _YEO}.get(before % _VOWELS)
    if final or other is None:
        return frozenset({stem})
    return frozenset({stem, stem[:-1] + chr(_FIRST_SYLLABLE + (before - before % _VOWELS + other) * _FINALS)})


def _opposites(beside: Beside) -> list[str]:
    """`최초 1일은 무급` where it is 유급, clause by clause: the nearest clause of the reference answer counts."""
    found = []
    rule = _sided(beside.reference)
    for words, pair, sign in _sided(beside.answer):
        rivals = [(len(words & others), other) for others, its_pair, other in rule if its_pair == pair]
        nearest = max((shared for shared, _ in rivals), default=0)
        if nearest and all(other == -sign for shared, other in rivals if shared == nearest):
            found.append(name_of(pair))
    return found


def _sided(text: str) -> list[tuple[frozenset[str], int, int]]:
    """Words and figures of each clause, with each side that it takes."""
    found = []
    for start, end in clauses_of(text):
        clause = text[start:end]
        words = frozenset([*content_words(clause), *(f"{one.value}{one.unit}" for one in read_quantities(clause))])
        found += [(words, pair, sign) for pair, sign in sides_of(clause).items()]
    return found


def _paid_the_other_way(beside: Beside, sentence: str) -> list[str]:
    """`임금에서 공제합니다` where the rule pays it, and takes nothing."""
    texts = [*sentences_of(beside.reference), *sentences_of(beside.question)]
    rule = frozenset[str]().union(*(ways_of(text) for text in texts))
    article = frozenset[str]().union(*(ways_of(text) for text, _ in beside.pieces))
    ways = ways_of(sentence)
    foreign = ways - rule if rule else frozenset[str]()
    return [f"payment: {way}" for way in sorted(foreign) if way not in article or not ways & rule]


def _may_lack(beside: Beside, step: str) -> bool:
    """Whether a text says that a step is not needed."""
    texts = f"{beside.question}\n{beside.reference}\n{beside.article}"
    return bool(re.search(rf"{step}(?:{_NO_NEED}|[^.]{{0,10}}(?:요하지|받지|거치지)\s(?:않|아니))", texts))


def _is_needed(beside: Beside, step: str) -> bool:
    """Whether reference answer or article name a step, and nowhere say that it may be left out."""
    texts = f"{beside.reference}\n{beside.article}"
    return step in texts and not re.search(f"{step}{_NO_NEED}", texts)


def _denies(claim: Claim, sentence: str, reference: str) -> bool:
    """Whether the answer denies what the reference answer plainly does, or waives it where it has the same amount."""
    if not claim.stem or not any(form in reference for form in _forms(claim.stem)):
        return False
    if claim.sense == "need_not":
        return _shares_amount(sentence, reference) and not _NEGATED.search(without_conditions(reference))
    return claim.sense in ("not", "must_not") and not _NEGATED.search(reference)


def _shares_amount(sentence: str, reference: str) -> bool:
    given = read_quantities(reference)
    return any(same_value(one, other) for one in read_quantities(sentence) for other in given)


def _denies_the_use(claim: Claim, sentence: str, reference: str) -> bool:
    """`5일의 휴가를 쓸 수 없습니다` where the reference answer gives the five days."""
    if claim.sense not in ("not", "must_not") or claim.stem not in _USES or _ELSE.search(sentence):
        return False
    return (
        _shares_amount(sentence, reference)
        and bool(_GIVES.search(reference))
        and not _NEGATED.search(without_conditions(reference))
    )


def _on_the_topic(beside: Beside, sentence: str) -> Iterable[str]:
    """The reference answer's sentences, and those of the article that share words with this one."""
    words = set(content_words(sentence))
    pieces = [text for text, _ in beside.pieces if len(words & set(content_words(text))) >= _SAME_TOPIC]
    own = [text for text in sentences_of(beside.reference) if words & set(content_words(text))]
    return own or pieces
