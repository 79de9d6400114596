"""Rules that compare what an answer states with what its chunk states.

Reasons: wrong_number, wrong_unit_or_period, wrong_subject, polarity_flip, missing_proviso, wrong_article.
A rule speaks only where the chunk says otherwise; what the chunk does not mention at all is grounding's business.
"""

import re
from collections.abc import Iterable

from regtune.korean.citations import read_citations, without_citations
from regtune.korean.modality import Claim, claims_of, contradicts, is_conditional, without_conditions
from regtune.korean.quantities import Quantity, read_quantities, same_bound, same_value
from regtune.qa.case import Case
from regtune.qa.corpus import ACTOR, Sentence, equals_of

_COUNTED_IN_ANSWER = ("개", "단계", "째", "차")
_CLAUSES = re.compile(r"(?<=[며고나만지])[,\s]\s*(?=\S{2,})|(?<=\d\D),\s+|;\s*|(?<=하되),?\s+")
_MARGIN = 0.12
_CLEAR_MATCH = 0.45
_FEWEST_TERMS = 3
"""A shorter answer sentence (`네, 가능합니다.`) is understood with the question's words."""
_VERBATIM = 0.6
"""An answer clause that a sentence covers this far repeats it; whether that was asked is mismatch's business."""
_TIE = 0.05
_SWAP_WINDOW = 24
_ACTION_LIST = """
승인 허가 결재 심의 의결 제출 신청 신고 보고 통지 통보 확인 검토 동의 청구 면담 지급 부담 접수 결정 소명 요청
발급 교부 서명 반납 등록 공제 보존 징수 환수 공개 조사 개최 임명 위촉 추천 작성 전달 요구 통제 지정 안내
"""
_ACTION = re.compile("|".join(_ACTION_LIST.split()))
_NEGATED = re.compile(r"없|않|아니|못|불가|금지|제외|안\s?[된되돼됩]|말아|무급|면제")
_ABSOLUTE = re.compile(
    r"예외 ?없이|예외는 없|어떠한 (?:경우|사유)|어떤 (?:경우|사유)에도|항상|언제나|무조건|모든 경우|절대"
    r"|누구든지|일체"
)


def quantities(case: Case) -> list[str]:
    """Every amount of the answer stands in the chunk or in the question, with the same bound, in its place."""
    if case.source is None:
        return []
    reasons: list[str] = []
    wrong: list[str] = []
    for quantity in case.answer_quantities:
        reason = _quantity_reason(case, quantity)
        if reason:
            reasons.append(reason)
            wrong.append(quantity.text)
    if wrong:
        case.figures["wrong_quantities"] = ", ".join(wrong)
    case.figures["answer_quantities"] = len(case.answer_quantities)
    return reasons


def _quantity_reason(case: Case, quantity: Quantity) -> str | None:
    assert case.source is not None
    same = [other for other in case.source.quantities if same_value(quantity, other)]
    if any(same_value(quantity, asked) for asked in case.question_quantities):
        return None if not same or _bounded_alike(quantity, same) else "wrong_unit_or_period"
    if not same:
        return None if _only_counts(case, quantity) else _kind_of_error(case, quantity)
    if not _bounded_alike(quantity, same):
        return _kind_of_error(case, quantity)
    return _out_of_place(case, quantity)


def _kind_of_error(case: Case, quantity: Quantity) -> str:
    """Another unit or bound where the sentence in question has that very number, else another number."""
    ranked = case.supporting(_clause_around(case.answer, quantity))
    near = [sentence for score, sentence in ranked if score >= ranked[0][0] - _MARGIN]
    number_there = any(other.value == quantity.value for sentence in near for other in sentence.quantities)
    return "wrong_unit_or_period" if number_there else "wrong_number"


def _bounded_alike(quantity: Quantity, same: Iterable[Quantity]) -> bool:
    return any(same_bound(quantity, other) for other in same)


def _only_counts(case: Case, quantity: Quantity) -> bool:
    """`다음 세 가지` counts the items that follow; `한 번에` counts nothing where the chunk has no such unit."""
    assert case.source is not None
    if quantity.unit in _COUNTED_IN_ANSWER:
        items = sum(bool(sentence.lead) for sentence in case.source.sentences)
        return quantity.value <= max(items, len(case.answer_sentences), case.answer.count(",") + 1)
    return quantity.text.startswith("한") and not any(other.unit == quantity.unit for other in case.source.quantities)


def _out_of_place(case: Case, quantity: Quantity) -> str | None:
    """The amount is in the chunk, but the sentence that the answer is about states another one of its kind."""
    assert case.source is not None
    if _RATE.match(case.answer, quantity.end):
        return None
    clause = without_citations(_clause_around(case.answer, quantity))
    said = case.corpus.aligned(case.corpus.terms(clause), case.source)
    if any(score >= max(_VERBATIM, said[0][0] - _TIE) and _states(sentence, quantity) for score, sentence in said):
        return None
    ranked = case.supporting(clause, context=1.0)
    best = ranked[0][0]
    holding = max((score for score, sentence in ranked if _states(sentence, quantity)), default=0.0)
    if best < _CLEAR_MATCH or best - holding < _MARGIN:
        return None
    rivals = [sentence for score, sentence in ranked if score >= best - _MARGIN / 2]
    alike = any(other.unit == quantity.unit for sentence in rivals for other in sentence.quantities)
    if not alike:
        return None
    case.figures["out_of_place"] = f"{quantity.text} ({holding:.2f} < {best:.2f})"
    return "wrong_number"


_RATE = re.compile(r"\s?당")


def _states(sentence: Sentence, quantity: Quantity) -> bool:
    """Whether the sentence gives that amount, or what it hangs on does and it has none of its own in the unit."""
    own = [other for other in sentence.quantities if other.unit == quantity.unit]
    around = own or [*sentence.quantities, *read_quantities(sentence.lead), *read_quantities(sentence.main)]
    return any(same_value(quantity, other) for other in around)


def _clause_around(text: str, quantity: Quantity) -> str:
    position = 0
    for clause in _CLAUSES.split(text):
        found = text.find(clause, position)
        if found <= quantity.start < found + len(clause):
            return clause
        position = found + len(clause)
    return text


def subject(case: Case) -> list[str]:
    """Who decides, receives or acts is who the chunk says."""
    if case.source is None:
        return []
    text = case.source.chunk.text
    held = set(ACTOR.findall(text))
    known = " ".join((text, case.question, case.source.chunk.regulation_title, *case.source.chunk.path))
    foreign = [actor for actor in dict.fromkeys(ACTOR.findall(case.answer)) if actor.lstrip("각해당") not in known]
    if foreign and held:
        case.figures["foreign_actors"] = ", ".join(foreign)
        return ["wrong_subject"]
    swapped = _swapped_actors(case.answer, text, held)
    if swapped:
        case.figures["swapped_actors"] = swapped
        return ["wrong_subject"]
    return []


def _swapped_actors(answer: str, text: str, actors: set[str]) -> str:
    """An actor of the chunk doing what the chunk lets only another one do; empty when there is none."""
    doing = _doings(text)
    for actor, action in _doings(answer):
        if actor not in actors or (actor, action) in doing:
            continue
        rivals = {other for other, done in doing if done == action and other != actor}
        own = {done for other, done in doing if other == actor}
        if rivals and own and rivals & {other for other, _ in _doings(answer)} | (rivals - set(ACTOR.findall(answer))):
            return f"{actor}: {action}"
    return ""


def _doings(text: str) -> set[tuple[str, str]]:
    """(actor, action) for each actor and the actions named within reach after it."""
    found: set[tuple[str, str]] = set()
    for match in ACTOR.finditer(text):
        reach = text[match.end() : match.end() + _SWAP_WINDOW]
        following = ACTOR.search(reach)
        if following and following.start() > _LIST_GAP:
            reach = reach[: following.start()]
        found.update((match.group(), action.group()) for action in _ACTION.finditer(reach))
    return found


_LIST_GAP = 4


def polarity(case: Case) -> list[str]:
    """What the chunk forbids is not allowed, what it demands is not left open, and the reverse."""
    if case.source is None:
        return []
    for sentence in case.answer_sentences:
        terms = case.corpus.terms(without_citations(sentence))
        if len(terms) < _FEWEST_TERMS:
            terms = [*terms, *(term for term in case.question_terms if term not in terms)]
        ranked = case.corpus.aligned(terms, case.source)
        if ranked[0][0] < _MARGIN:
            continue
        flipped = _flip(sentence, ranked)
        if flipped:
            case.figures["polarity"] = flipped
            return ["polarity_flip"]
    return []


def _flip(answer: str, ranked: list[tuple[float, Sentence]]) -> str:
    best, top = ranked[0]
    near = [sentence for score, sentence in ranked if score >= best - _MARGIN]
    said = claims_of(answer)
    for claim in said:
        rivals = [other for sentence in near for other in claims_of(sentence.text) if _same_predicate(claim, other)]
        if rivals and all(contradicts(claim.sense, other.sense) for other in rivals) and not is_conditional(top.text):
            return f"{claim.stem}: {claim.sense} / {rivals[0].sense}"
    if is_conditional(top.text) or is_conditional(answer):
        return ""
    negative = bool(_NEGATED.search(without_conditions(answer)))
    for other in claims_of(top.text):
        if other.sense in ("not", "must_not") and other.stem and other.stem in answer and not negative:
            return f"{other.stem}: does / {other.sense}"
    for claim in said:
        if claim.sense not in ("not", "must_not") or not claim.stem or claim.stem not in top.text:
            continue
        if not _NEGATED.search(top.text) and not any(_NEGATED.search(s.text) for s in near):
            return f"{claim.stem}: {claim.sense} / does"
    return ""


def _same_predicate(claim: Claim, other: Claim) -> bool:
    if not claim.stem or not other.stem:
        return claim.stem == other.stem
    return claim.stem == other.stem or bool(equals_of(claim.stem) & equals_of(other.stem) - _LOOSE)


_LOOSE = frozenset({"주", "받", "하", "없", "있", "안", "못", "내", "쓰"})


def proviso(case: Case) -> list[str]:
    """A question about the exception (`다만, …`) is not answered by the rule, nor is the rule called absolute."""
    if case.source is None:
        return []
    for sentence in case.source.sentences:
        if not sentence.main:
            continue
        share = _asks_of_exception(case, sentence)
        answered = _gives(case, read_quantities(sentence.main), sentence.quantities)
        if share > _PROVISO_SHARE and (answered == "main" or _denies_exception(case, sentence)):
            case.figures["proviso"] = round(share, 3)
            return ["missing_proviso"]
        about = case.supporting(case.answer)[0][1]
        if _ABSOLUTE.search(case.answer) and not _ABSOLUTE.search(sentence.main) and about.text == sentence.main:
            case.figures["proviso"] = "absolute"
            return ["missing_proviso"]
    return []


def _asks_of_exception(case: Case, sentence: Sentence) -> float:
    """Share of the question that the proviso holds; 0 where the question is about the rule it limits, or another."""
    assert case.source is not None
    special = [term for term in case.question_terms if sentence.holds(term) and term not in sentence.main]
    main_only = [term for term in case.question_terms if term in sentence.main and not sentence.holds(term)]
    if not special or case.corpus.weigh(special) <= case.corpus.weigh(main_only) / 2:
        return 0.0
    about = case.corpus.aligned(case.question_terms, case.source, context=1.0)[0][1].text
    if about not in (sentence.text, sentence.main):
        return 0.0
    inside = case.corpus.weigh(term for term in case.question_terms if sentence.holds(term))
    return inside / (case.corpus.weigh(case.question_terms) or 1.0)


def _denies_exception(case: Case, sentence: Sentence) -> bool:
    """The proviso lifts the rule altogether, and the answer still says what the rule says, yes or no."""
    if not _LIFTS.search(sentence.text) or _EXCEPTION.search(case.answer):
        return False
    ruled, said = (bool(_NEGATED.search(without_conditions(text))) for text in (sentence.main, case.answer))
    return ruled == said


_LIFTS = re.compile(r"그러하지 아니하다|제외한다|적용하지 아니한다|예외로 한다")
_EXCEPTION = re.compile(r"다만|단,|예외|제외|원칙적|경우에만|때에만|한하여|에 한해")
_PROVISO_SHARE = 0.3


def _gives(case: Case, main: Iterable[Quantity], exception: Iterable[Quantity]) -> str:
    """Which of the two amounts the answer states: `main`, `exception`, or neither or both (empty)."""
    main, exception = list(main), list(exception)
    states_main = any(
        same_value(q, other) for q in case.answer_quantities for other in main if not _among(other, exception)
    )
    states_exception = any(
        same_value(q, other) for q in case.answer_quantities for other in exception if not _among(other, main)
    )
    if states_main == states_exception:
        return ""
    return "main" if states_main else "exception"


def _among(quantity: Quantity, others: Iterable[Quantity]) -> bool:
    return any(same_value(quantity, other) for other in others)


def article(case: Case) -> list[str]:
    """The article that is cited is the one that was asked about, or one that it names itself."""
    if case.source is None:
        return []
    chunk = case.source.chunk
    named = {(citation.article, citation.paragraph) for citation in read_citations(chunk.text)}
    own = read_citations(chunk.article)
    allowed = {chunk.article, *(citation.article for citation in own), *(name for name, _ in named)}
    for citation in (*read_citations(case.answer), *read_citations(case.question)):
        if citation.article not in allowed or _other_regulation(case, citation.title):
            case.figures["cited"] = f"{citation.title or ''} {citation.article}".strip()
            return ["wrong_article"]
        paragraphs = {sentence.paragraph for sentence in case.source.sentences}
        own_article = own and citation.article == own[0].article
        if citation.paragraph and own_article and max(paragraphs) and citation.paragraph not in paragraphs:
            case.figures["cited"] = f"{citation.article}제{citation.paragraph}항"
            return ["wrong_article"]
    return []


def _other_regulation(case: Case, title: str | None) -> bool:
    assert case.source is not None
    if title is None or title in ("이규정", "본규정"):
        return False
    chunk = case.source.chunk
    return (
        chunk.regulation_title not in ("", title)
        and title not in chunk.text
        and (title in case.corpus.titles or not chunk.regulation_title.endswith(title))
    )


RULES = (quantities, subject, polarity, proviso, article)
