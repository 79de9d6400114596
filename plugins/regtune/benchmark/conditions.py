"""Conditions and provisos of the reference answer that an answer leaves out.

In: an answer with its texts (Beside). Out: the conditions, in the reference answer's words.
"""

import re

from regtune.benchmark.beside import Beside, clauses_of, content_words, is_in, sentences_of, share_in
from regtune.korean.citations import without_citations
from regtune.korean.normalise import squeezed
from regtune.korean.quantities import read_quantities, same_value

_PROVISO = re.compile(r"^\s*(?:다만|단)[,\s]|^\s*예외(?:적으로|로)")
_CONDITION = re.compile(
    r"[^,.()]{2,60}?(?:경우에만|경우에는|경우에|경우|때에만|때에는|때에|때는|(?<=\S)\s때|한하여|한해|한정하여|조건으로|전제로|없으면|으면|하면"
    r"|[을를] 받아|[을를] 거쳐|[을를] 얻어|제외하고)(?=[\s,.])"
)
_ASKS_CONDITIONS = re.compile(r"조건|요건|자격|어떤 경우|경우는|누가(?!\s얼마)|대상")
"""Every part of the reference answer is then a condition."""
_CONDITION_KEPT = 0.5


def conditions_of(beside: Beside) -> list[str]:
    """Provisos and conditions of the reference answer that say more than the question did."""
    found: list[str] = []
    for sentence in sentences_of(without_citations(beside.reference)):
        if _PROVISO.match(sentence):
            parts = [sentence]
        elif _ASKS_CONDITIONS.search(beside.question):
            parts = [sentence[start:end].strip() for start, end in clauses_of(sentence)]
        else:
            parts = [match.group().strip() for match in _CONDITION.finditer(sentence)]
            parts = [part for part in parts if not _is_posed(beside, part)]
        found += [part for part in parts if beside.new_words(part)]
    return found


def missing_conditions(beside: Beside) -> list[str]:
    """Those of which the answer holds less than half of the words, and not the amounts either."""
    return [
        part
        for part in conditions_of(beside)
        if share_in(_own_words(beside, part), beside.told) < _CONDITION_KEPT and not _states_amounts(beside, part)
    ]


def _own_words(beside: Beside, condition: str) -> list[str]:
    """Words of a proviso that the rule before it lacks, where it has any; else those that the question lacks."""
    words = beside.new_words(condition)
    if not _PROVISO.match(condition):
        return words
    rule = squeezed(beside.reference.replace(condition, " "))
    return [word for word in words if not is_in(word, rule)] or words


def _is_posed(beside: Beside, condition: str) -> bool:
    """The question poses it: `회사 사정으로 휴업하면` for `회사의 귀책사유로 휴업하는 때에는`."""
    words = content_words(condition)
    question = squeezed(beside.question)
    return sum(is_in(word, question) for word in words) * 2 >= len(words) and not read_quantities(condition)


def _states_amounts(beside: Beside, condition: str) -> bool:
    """`월 3회 한도` keeps `월 3회를 초과할 수 없습니다`, when no other part of the reference answer has the amount."""
    rest = read_quantities(beside.reference.replace(condition, " "))
    amounts = read_quantities(condition)
    own = [one for one in amounts if not any(same_value(one, other) for other in rest)]
    return bool(own) and all(any(same_value(one, other) for other in beside.stated) for one in own)
