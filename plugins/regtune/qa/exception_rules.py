"""The rule on provisos (`다만, …`): a question about the exception is not answered by the rule that it limits.

Reason: missing_proviso. The question is about the exception when the amounts of its case meet the proviso's bounds,
or when it names what only the proviso names. The answer passes when it states what the proviso states, speaks of an
exception, or says the contrary of the rule that a proviso lifts.
"""

import re
from collections.abc import Iterable, Sequence

from regtune.korean.modality import claims_of, contradicts, without_conditions
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import Quantity, read_quantities, same_value, within
from regtune.qa.case import Case, bounds_in
from regtune.qa.resting import Place
from regtune.qa.sentences import Sentence, equals_of, in_text
from regtune.qa.slots import is_condition

_NEGATED = re.compile(
    r"없|않|아니|못|불가|금지|제외|안\s?[되된돼됩]|말아|무급|면제|무료|빠[지집진져]|[빼뺀뺍]|아닙|아닌"
)
_ABSOLUTE = re.compile(
    r"예외 ?없이|예외는 없|어떠한 (?:경우|사유)|어떤 (?:경우|사유)에도|항상|언제나|무조건|모든 경우|절대"
    r"|누구든지|누구나|일체|반드시|(?:관계|상관)\s?없이|불문하고|막론하고|얼마든지"
)
_LIFTS = re.compile(r"그러하지\s?(?:아니|않)|제외|적용하지\s?(?:아니|않)|예외|(?:하|되|보)지\s?(?:아니|않)")
_EXCEPTION = re.compile(
    r"다만|(?<![가-힣])단,|예외|제외|원칙적|원칙으로|경우에만|때에만|한하여|한해|아니라면|않는 한|단서"
)
_YES = re.compile(r"^(?:네|예|그렇|맞)[\s,.]")
_CAPS = re.compile(r"초과할 수 없|초과하지 못|넘을 수 없|한도로 한다")
"""Such a proviso bounds the rule in every case; it makes no exception."""
_MERE = re.compile(r"(?:네|예|아니요|아니오|아뇨|그렇습니다|아닙니다|맞습니다)[.,!]?")
_NO = re.compile(r"^(?:아니요|아니오|아뇨|아닙니다|아니에요)[,.\s]+(?=\S)")
_ASKS_WHETHER_ALWAYS = re.compile(r"무조건|반드시|꼭|예외\s?없이|항상|언제나|어떤 경우에도|(?:관계|상관)\s?없이")
_RESTRICTS = re.compile(r"여야\s?한다|이어야|한정한다|한한다|한하여|에만|초과할 수 없|아니\s?된다")
"""Such a proviso adds a condition to the rule."""
_ENDING = re.compile(
    r"(?:하|되)?(?:지\s?(?:아니|않|못)[가-힣]*(?:\s수\s있다)?|(?:여|어|아|해|돼)야\s?[가-힣]*)$|(?:할|될)?\s수\s[있없]다$"
)
_CONDITIONS = re.compile(r"(?:경우|때|자|직원|사람|날)(?:에는|에|에도|이면|은|는)\s")
_OPENS_TABLE = re.compile(r"다음|표|아래")
_STEM = 2
_SPECIAL_SHARE = 0.34
_AMPLE = 2
_NEAR = 0.1
_DISTINCT = 4
_REPEATED = 0.8
"""An answer whose own words one sentence covers this far rests on it, be it by the rule or not."""


def proviso(case: Case) -> list[str]:
    """Judge the answer by each proviso of the chunk."""
    if case.source is None:
        return []
    closest = case.corpus.aligned(case.question_terms, case.source, context=1.0)[0][0]
    own = [term for term in case.answer_terms if term not in case.question_terms]
    best, resting = case.corpus.aligned(own, case.source)[0] if len(own) > 1 else (0.0, case.source.sentences[0])
    for sentence in case.source.sentences:
        if not sentence.main or _CAPS.search(sentence.text) or _share_held(case, sentence) < closest - _NEAR:
            continue
        if case.place and not _is_beside(case.place, sentence):
            continue
        if _goes_beyond(case, sentence) or _affirms_without_exception(case, sentence):
            case.figures["proviso"] = "not met"
            return ["missing_proviso"]
        elsewhere = best >= _REPEATED and _states_another_rule(case, resting, sentence)
        if not elsewhere and _asks_of_exception(case, sentence) and _answers_by_the_rule(case, sentence):
            case.figures["proviso"] = "asked about"
            return ["missing_proviso"]
        about = case.supporting(case.answer)[0][1]
        denied = _ABSOLUTE.search(case.answer) and not _ABSOLUTE.search(sentence.main)
        if denied and about.text == sentence.main and not _EXCEPTION.search(case.answer.replace("예외 없이", "")):
            case.figures["proviso"] = "denied"
            return ["missing_proviso"]
    return []


def _is_beside(place: Place, proviso: Sentence) -> bool:
    """Whether a proviso may limit what the pair rests on: one of its paragraph, or of what opens its table."""
    if all(sentence.in_table for sentence in place.sentences):
        return bool(_OPENS_TABLE.search(proviso.main))
    return any(proviso.paragraph == sentence.paragraph for sentence in place.sentences)


def _states_another_rule(case: Case, resting: Sentence, proviso: Sentence) -> bool:
    """The answer rests on another paragraph, with an amount that neither the proviso nor its rule has."""
    limited = [*read_quantities(proviso.main), *proviso.quantities]
    return (
        resting.paragraph != proviso.paragraph
        and any(_among(q, resting.quantities) for q in case.answer_quantities)
        and not any(_among(q, limited) for q in case.answer_quantities)
    )


def _goes_beyond(case: Case, sentence: Sentence) -> bool:
    """`네` to a case that the proviso shuts out: 50만원 where `한 번에 상환하는 금액은 100만원 이상이어야 한다`."""
    if not (_YES.match(case.answer) and _RESTRICTS.search(sentence.text)) or _EXCEPTION.search(case.answer):
        return False
    bounds = [q for q in sentence.quantities if q.bound]
    return any(within(asked, bounds) is False for asked in case.question_quantities if asked.unit != "%")


def _affirms_without_exception(case: Case, sentence: Sentence) -> bool:
    """`네` to a question whether the rule always holds, which the proviso denies."""
    if not (_ASKS_WHETHER_ALWAYS.search(case.question) and _YES.match(case.answer)):
        return False
    about = case.supporting(case.answer)[0][1]
    limited = about.text in (sentence.main, sentence.text) and not _RESTRICTS.search(sentence.text)
    return limited and not (_EXCEPTION.search(case.answer) or _repeats(case, sentence))


def _share_held(case: Case, sentence: Sentence) -> float:
    """Weighted share of the question that the proviso and its rule hold together."""
    around = squeezed(f"{sentence.main} {sentence.lead}")
    asked = [term for term in case.question_terms if len(term) > 1]
    held = [term for term in asked if sentence.holds(term) or any(equal in around for equal in equals_of(term))]
    return case.corpus.weigh(held) / (case.corpus.weigh(asked) or 1.0)


def _asks_of_exception(case: Case, sentence: Sentence) -> bool:
    if case.sets_aside(sentence.text):
        return False
    met = case.meets(sentence)
    tells_case = met or any(is_condition(sentence.text, other) for other in read_quantities(sentence.text))
    if met is not None and tells_case and any(other.bound for other in bounds_in(sentence)):
        return met
    special = _special(case, sentence)
    named = [noun for noun in special if _asked(case, noun) and noun not in _heading(case)]
    named += sorted(w for w in case.translated if w in sentence.text and w not in f"{sentence.main} {_heading(case)}")
    if any(noun in sentence.referred and noun not in sentence.main for noun in named):
        return True  # each case of the place that it refers to is one of its own
    rule_only = [
        noun
        for noun in case.corpus.nouns(sentence.main)
        if not sentence.holds(noun) and _asked(case, noun) and noun not in _heading(case)
    ]
    alone = [noun for noun in named if _is_only_there(case, sentence, noun)]
    if any(len(noun) >= _DISTINCT and noun in case.question for noun in alone):
        return True  # 무면허운전 names its case, whatever else of the rule the question repeats
    if not named or case.corpus.weigh(named) <= case.corpus.weigh(rule_only) / 3:
        return False
    return (
        bool(alone) or len(named) >= _AMPLE or case.corpus.weigh(named) >= _SPECIAL_SHARE * case.corpus.weigh(special)
    )


def _is_only_there(case: Case, sentence: Sentence, noun: str) -> bool:
    """Whether no other sentence of the chunk, nor its heading, has the noun."""
    assert case.source is not None
    others = (other for other in case.source.sentences if other is not sentence)
    return len(noun) > 1 and noun not in _heading(case) and not any(other.holds(noun) for other in others)


def _special(case: Case, sentence: Sentence) -> list[str]:
    """Nouns that only the proviso has."""
    around = f"{sentence.main} {sentence.lead}"
    return [noun for noun in case.corpus.nouns(f"{sentence.text} {sentence.referred}") if noun not in around]


def _asked(case: Case, noun: str) -> bool:
    if equals_of(noun) & set(case.question_terms) or noun in case.translated:
        return True
    whole = squeezed(noun)
    inside = any(
        len(term) > 1 and term in whole and _begins_a_word(term, case.question) for term in case.question_terms
    )
    return len(whole) > 1 and (inside or whole in squeezed(case.question))


def _begins_a_word(term: str, text: str) -> bool:
    """자금 in `주택구입자금의` is no word of its own, and tells nothing of 학자금."""
    return bool(re.search(rf"(?<![가-힣]){re.escape(term)}", text))


def _heading(case: Case) -> str:
    assert case.source is not None
    return " ".join((case.source.chunk.regulation_title, *case.source.chunk.path))


def _answers_by_the_rule(case: Case, sentence: Sentence) -> bool:
    rule, exception = read_quantities(sentence.main), list(sentence.quantities)
    stated = _gives(case, rule, exception)
    if stated:
        return stated == "rule"
    if _EXCEPTION.search(case.answer) or _repeats(case, sentence):
        return False
    said, ruled = _is_negative(_first_statement(case)), _is_negative(sentence.main)
    if _LIFTS.search(without_conditions(sentence.text)):
        return said == ruled
    by_amount = any(_among(o, case.answer_quantities) and not _among(o, exception) for o in rule)
    if (by_amount and not _names(case, sentence)) or (case.meets(sentence) and _fills_in_the_rules(case, sentence)):
        return True
    if _turns(sentence) or _concludes_as_the_rule(case, sentence):
        return said == ruled or not _turns(sentence)
    others = [claim.sense for claim in claims_of(sentence.text)]
    claims = [claim.sense for claim in claims_of(case.answer)] or (["must"] if _YES.match(case.answer) else [])
    return said == ruled and any(contradicts(one, other) for one in claims for other in others)


def _fills_in_the_rules(case: Case, sentence: Sentence) -> bool:
    """Whether the answer has what only the rule states (이코노미석), where the proviso states another (비즈니스석)."""
    said = [noun for noun in case.answer_nouns if not _asked(case, noun)]
    stated = [noun for noun in _special(case, sentence) if not _asked(case, noun)]
    return bool(stated) and any(in_text(noun, sentence.main) and not sentence.holds(noun) for noun in said)


def _turns(sentence: Sentence) -> bool:
    """Whether the proviso says the contrary of its rule in the same words: 산입하지 아니한다, 산입한다."""
    rule, exception = _predicate(sentence.main), _predicate(sentence.text)
    return bool(rule) and rule == exception and _is_negative(sentence.main) != _is_negative(sentence.text)


def _predicate(text: str) -> str:
    """First syllables of the last predicate, be it negated, allowed or demanded."""
    words = _ENDING.sub("", text.strip(" .")).split()
    return words[-1][:_STEM] if words else ""


def _concludes_as_the_rule(case: Case, sentence: Sentence) -> bool:
    """Whether the answer has the noun that only the rule concludes with: 본인이 부담한다, and not 회사가 부담한다."""
    if _NO.match(case.answer):
        return False
    rule, exception = (_conclusion(case, text) for text in (sentence.main, sentence.text))
    said = set(case.corpus.tagger.nouns(case.answer))
    return bool(rule & exception and (rule - exception) & said and exception - rule) and not (exception - rule) & said


def _conclusion(case: Case, text: str) -> set[str]:
    """Nouns after the last condition."""
    return set(case.corpus.tagger.nouns(_CONDITIONS.split(text)[-1]))


def _repeats(case: Case, sentence: Sentence) -> bool:
    """Whether the answer states something that only the proviso states, and the question does not."""
    said = set(case.answer_nouns)
    return any(noun in said and not _asked(case, noun) for noun in _special(case, sentence))


def _names(case: Case, sentence: Sentence) -> bool:
    return any(noun in case.answer for noun in _special(case, sentence))


def _is_negative(text: str) -> bool:
    return len(_NEGATED.findall(without_conditions(_NO.sub("", text)))) % 2 == 1


def _first_statement(case: Case) -> str:
    """The first sentence that is more than yes or no: `멈추지 않습니다. … 정지되지 않습니다` denies once."""
    return next((s for s in case.answer_sentences if not _MERE.fullmatch(s)), case.answer)


def _gives(case: Case, rule: Sequence[Quantity], exception: Sequence[Quantity]) -> str:
    """Which of the two amounts the answer states: `rule`, `exception` (be it with the rule's), or neither (empty)."""
    said = [
        q for q in case.answer_quantities if not any(same_value(q, asked) for asked in case.question_quantities)
    ] or case.answer_quantities
    said = [q for q in said if not case.answer.startswith("보다", q.end)]  # `과반수보다 무겁다` states another
    states_rule = any(_among(other, said) for other in rule if not _among(other, exception))
    states_exception = any(_among(other, said) for other in exception if not _among(other, rule))
    if states_exception:
        return "exception"
    return "rule" if states_rule and exception else ""


def _among(quantity: Quantity, others: Iterable[Quantity]) -> bool:
    return any(same_value(quantity, other) for other in others)


RULES = (proviso,)
