"""Rules that hold an answer against the place its pair rests on: who acts, what may be done, how much, in which case.

Reasons: wrong_subject, polarity_flip, wrong_number, wrong_unit_or_period, missing_proviso. A pair names its evidence,
so which sentence an answer is about need not be guessed. What the answer says beyond the place is no fault here; what
it says instead of something there is: another office, the contrary of a predicate, an amount where the span has one of
its kind, the rule where the question has the words of its proviso.
"""

import re
from collections.abc import Iterable

from regtune.korean.citations import without_citations
from regtune.korean.modality import claims_of, contradicts, without_conditions
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, same_rate, same_value
from regtune.qa.case import Case
from regtune.qa.derived_amounts import distinct, follows, known_amounts
from regtune.qa.polarity_rules import negations_in, same_predicate, tells_when_it_turns
from regtune.qa.resting import Place
from regtune.qa.sentences import Sentence
from regtune.qa.slots import dimension
from regtune.qa.subject_rules import bare, offices_in, same_actor
from regtune.qa.workings import workings_of

_ROLE = re.compile(
    r"(?<![가-힣])(?P<who>[가-힣A-Za-z]{1,10}(?:[장팀부처실과회관인자사국청]|센터))(?:[이가]\s|께서|에게|한테|께\s"
    r"|의?\s?(?:승인|허가|결재|동의|추천|제청|확인|허락|심의|의결|명령|결정)(?:[을를이가]|\s|$)"
    r"|입니다|이에요|예요|[은는]\s|에\s|으?로\s)"
)
"""Whoever acts, is told or decides, whatever it is called: known for an actor by the chunks, not by a list."""
_ANYBODY = frozenset({"본인", "회사", "당사자", "신청인", "신청자", "대상자", "퇴직자", "그사", "결과", "문자"})
"""The person that most articles are about, under its general names, and what merely looks like one."""
_BOUNDS = re.compile(
    r"(?:초과|넘)[가-힣]{0,3}\s?(?:[가-힣]+\s)?(?:[가-힣]+할\s)?(?:수\s없|지\s?(?:않|못|아니))"
    r"|초과하여[^.]{0,16}(?:없|않|못|아니)"
)
_LIFTS = re.compile(r"그러하지\s?(?:아니|않)")
_CLAUSE = re.compile(r"(?<=[고며되나])[,\s]\s*|(?<=[다.])\s+")
_IF_NOT = re.compile(r"(?<![가-힣])(?:안|못)\s?[가-힣]{1,8}면(?=[\s,])")
_WITHOUT_THESE = re.compile(r"제외한|외의|제외하고")
_QUESTION_WORD = re.compile(r"누구|누가|언제|어디|얼마|며칠|몇|무엇|무슨|어떤|어떻게|어느|왜|뭐|경우가 있")
_PREDICATE = 14
"""Characters at the end of a clause that may deny it; what stands before them denies something else."""
_CONCLUDES = re.compile(r"(?:빼|더하|곱하|나누|줄이)[가-힣]*(?:므로|니까|면|서)\s[^.]*$")
"""`9시간에서 3시간을 빼므로 6시간입니다`: what is concluded has to follow, whatever it is concluded from."""
_LEAST_WEIGHT = 2.0
"""Of the question's words that only a proviso has: one that hardly any other article has, or two."""


def subject(case: Case) -> list[str]:
    """An office of the answer that neither the place nor the question has, while the corpus knows of it."""
    place = case.place
    if place is None:
        return []
    answer = f"{without_citations(case.answer)} "
    known = {bare(office) for office in offices_in(f"{place.around} {case.question} ")}
    there = place.squeezed + squeezed(" ".join([case.question, *(p.text for p in place.provisos)])).lower()
    named = [bare(office) for office in offices_in(answer)]
    named += [m["who"] for m in _ROLE.finditer(answer) if case.corpus.mentions(m["who"].lower())]
    foreign = [
        actor
        for actor in dict.fromkeys(named)
        if actor not in _ANYBODY
        and squeezed(actor).lower() not in there
        and not any(same_actor(actor, other) for other in known)
    ]
    if not foreign:
        return []
    case.figures["foreign_actors"] = ", ".join(foreign)
    return ["wrong_subject"]


def polarity(case: Case) -> list[str]:
    """A predicate of the place that the answer turns round, or a denial that it answers with yes."""
    place = case.place
    if place is None:
        return []
    flipped = _turned(case, place) or _affirmed(case, place)
    if not flipped:
        return []
    case.figures["polarity"] = flipped
    return ["polarity_flip"]


def _turned(case: Case, place: Place) -> str:
    if _LIFTS.search(place.span):
        return ""
    held = [claim for claim in claims_of(place.span) if claim.stem]
    sentences = [s for s in case.answer_sentences if not tells_when_it_turns(s) or tells_when_it_turns(place.span)]
    said = [claim for sentence in sentences for claim in claims_of(sentence) if claim.stem]
    for claim in said:
        rivals = [other for other in held if same_predicate(claim, other)]
        agreed = any(one.sense == other.sense for one in said if same_predicate(claim, one) for other in rivals)
        if rivals and not agreed and all(contradicts(claim.sense, other.sense) for other in rivals):
            return f"{claim.stem}: {claim.sense} / {rivals[0].sense}"
    return ""


def _affirmed(case: Case, place: Place) -> str:
    """`네, 지급합니다` to `받습니까?` where the place ends in `지급하지 아니한다`."""
    asked, said = (without_conditions(_IF_NOT.sub(" ", text)) for text in (case.question, case.answer))
    if _QUESTION_WORD.search(asked) or negations_in(asked) or negations_in(said):
        return ""
    last = _CLAUSE.split(without_conditions(place.span).strip(" ."))[-1]
    denies = negations_in(_WITHOUT_THESE.sub(" ", last)[-_PREDICATE:]) % 2 == 1
    return f"does / {last}" if denies and not _BOUNDS.search(last) and not _LIFTS.search(last) else ""


def amounts(case: Case) -> list[str]:
    """None of the answer's amounts is of the place, nor follows from what is known, and the span has others instead."""
    place = case.place
    if place is None:
        return []
    stated = [q for q in distinct(case.answer_quantities) if not q.each and not _among(q, case.question_quantities)]
    if _CONCLUDES.search(case.answer):
        stated = stated[-1:]
    there = [*place.stated, *(q for proviso in place.provisos for q in proviso.quantities)]
    if not stated or any(_among(q, there) for q in stated):
        return []
    known = known_amounts(case)
    workings = workings_of(case, known)
    for quantity in stated:
        at_its_rate = any(q.per and quantity.per and same_rate(quantity, q) for q in there)
        if at_its_rate or workings.explain(quantity) or follows(case, quantity, known):
            return []
    instead = [q for q in place.quantities for said in stated if dimension(q) == dimension(said)]
    if not instead:
        return []
    case.figures["wrong_quantities"] = ", ".join(q.text for q in stated)
    number = any(q.value == said.value for q in instead for said in stated)
    return ["wrong_unit_or_period" if number else "wrong_number"]


def proviso(case: Case) -> list[str]:
    """The question has words that of the place's surroundings only a proviso has, and the answer none of that."""
    place = case.place
    if place is None:
        return []
    asked = [t for t in case.question_terms if len(t) > 1 and not place.holds(t) and t not in place.squeezed]
    for sentence in place.provisos:
        named = [term for term in asked if sentence.holds(term)]
        if not named or case.sets_aside(sentence.text) or case.corpus.weigh(named) <= _LEAST_WEIGHT:
            continue
        if not _speaks_of(case, place, sentence):
            case.figures["proviso"] = ", ".join(named)
            return ["missing_proviso"]
    return []


def _speaks_of(case: Case, place: Place, sentence: Sentence) -> bool:
    """Whether the answer has a word or an amount that the proviso adds to the place, beyond what was asked."""
    words = (t for t in case.answer_terms if t not in case.question_terms)
    if any(sentence.holds(term) and not place.holds(term) for term in words):
        return True
    added = [q for q in sentence.quantities if not _among(q, place.nearby)]
    return any(_among(q, added) for q in case.answer_quantities if not _among(q, case.question_quantities))


def _among(quantity: Quantity, others: Iterable[Quantity]) -> bool:
    return any(same_value(quantity, other) for other in others)


RULES = (subject, polarity, amounts, proviso)
