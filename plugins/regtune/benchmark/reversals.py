"""What an answer turns round: the allowed and the forbidden, who pays and who is paid, who decides.

In: an answer with its texts (Beside). Out: the predicates, each with what the answer and what the texts make of it.
"""

import re
from collections.abc import Iterable

from regtune.benchmark.beside import Beside, clauses_of, content_words, sentences_of
from regtune.korean.citations import without_citations
from regtune.korean.modality import Claim, claims_of, contradicts, is_conditional
from regtune.korean.opposites import name_of, sides_of
from regtune.korean.payments import ways_of
from regtune.korean.quantities import read_quantities

_WAIVES = re.compile(r"([가-힣]{2,}?)[은는이가도]?\s?(?:필요\s?없|필요하지 않|필요치 않)")
_NO_NEED = r"[^.]{0,20}(?:필요\s?없|필요하지\s?(?:않|아니)|없이|생략|면제)"
_SAME_TOPIC = 2
_WHO = r"(?<![가-힣])(?P<who>[가-힣]{1,10}(?:장|팀|위원회|이사|담당자|위원|의사))"
_ACTS = r"(?P<act>승인|허가|결재|심의|의결|동의|결정|위촉|추천|면담|검토)"
_DECIDES = re.compile(rf"{_WHO}(?:이|가|께서|에서|의|은|는)\s(?:최종\s|먼저\s|사전\s|서면\s|추가로\s)?{_ACTS}")
_PASSES = re.compile(rf"{_WHO}(?:을|를)\s(?P<act>거쳐|거친|거치)")
_REACH = 30
"""Characters between somebody and what he does, in one sentence of a rule."""


def reversed_claims(beside: Beside) -> list[str]:
    """Predicates that the answer allows, demands or denies where reference answer or article says the reverse."""
    found = []
    found += [match.group() for match in _WAIVES.finditer(beside.answer) if _is_needed(beside, match[1])]
    found += _opposites(beside)
    found += [f"{who}: {act}" for who, act in _others_deciding(beside)]
    for sentence in sentences_of(without_citations(beside.answer)):
        found += _paid_the_other_way(beside, sentence)
        if is_conditional(sentence):
            continue
        near = _on_the_topic(beside, sentence)
        for claim in claims_of(sentence):
            rivals = [other for text in near for other in claims_of(text) if claim.stem and claim.stem == other.stem]
            if rivals and all(contradicts(claim.sense, other.sense) for other in rivals):
                found.append(f"{claim.stem}: {claim.sense} / {rivals[0].sense}")
            elif not rivals and _denies(claim, beside.reference):
                found.append(f"{claim.stem}: {claim.sense} / does")
    return found


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


def _others_deciding(beside: Beside) -> list[tuple[str, str]]:
    """Who decides, or is passed, by the answer, where the texts give the act to others alone."""
    texts = f"{beside.question}\n{beside.reference}\n{beside.article}"
    found = []
    for form in (_DECIDES, _PASSES):
        acting = {match["act"] for match in form.finditer(texts)}
        for match in form.finditer(without_citations(beside.answer)):
            does = re.compile(rf"{match['who']}(?![을를]\s)[^.\n]{{0,{_REACH}}}{match['act']}")
            if form is _PASSES:
                does = re.compile(rf"{match['who']}(?:[을를]|\s?(?:및|와|과|,))[^.\n]{{0,{_REACH}}}{match['act']}")
            if match["act"] in acting and not does.search(texts):
                found.append((match["who"], match["act"]))
    return found


def _is_needed(beside: Beside, step: str) -> bool:
    """Whether reference answer or article name a step, and nowhere say that it may be left out."""
    texts = f"{beside.reference}\n{beside.article}"
    return step in texts and not re.search(f"{step}{_NO_NEED}", texts)


def _denies(claim: Claim, reference: str) -> bool:
    """Whether the answer denies what the reference answer plainly does."""
    return (
        claim.sense in ("not", "must_not")
        and bool(claim.stem)
        and claim.stem in reference
        and not re.search(r"없|않|아니|못|불가|금지|제외|면제", reference)
    )


def _on_the_topic(beside: Beside, sentence: str) -> Iterable[str]:
    """The reference answer's sentences, and those of the article that share words with this one."""
    words = set(content_words(sentence))
    pieces = [text for text, _ in beside.pieces if len(words & set(content_words(text))) >= _SAME_TOPIC]
    own = [text for text in sentences_of(beside.reference) if words & set(content_words(text))]
    return own or pieces
