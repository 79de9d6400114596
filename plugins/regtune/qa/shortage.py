"""What is said when a quota cannot be filled, or is too small for its articles: by how many, why, and what to do.

In: for each short type what became of its plan; how many articles there are to ask about. Out: one line.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from regtune.config import Quota
from regtune.contracts import QAType

_REASONS_TOLD = 3


@dataclass(frozen=True)
class Shortage:
    """A type whose plan ran out before its quota was full."""

    setting: str
    """`quota` or `evaluation_pool` of generate."""
    type: QAType
    missing: int
    quota: int
    planned: int
    """Questions that the plan had for it."""
    reasons: Counter[str]
    """Of the replies of this type, in this set, that were not taken."""
    without_twin: int
    """Negatives that were not asked, since no answerable pair stands on their article."""


def told(short: Sequence[Shortage]) -> str:
    """Say all of them in one line."""
    return f"generate: {'; '.join(map(_one, short))}. {_remedy(short)}"


def told_of_unasked(to_cover: int, quota: Quota) -> str | None:
    """Say how many articles the quota leaves out, None where it has a question for each.

    Args:
        to_cover: chunks that hold something to ask about.
        quota: of the pairs; its negatives cover nothing.
    """
    questions = quota.lookup + quota.procedure
    if questions >= to_cover:
        return None
    unasked = to_cover - questions
    return (
        f"generate.quota: {questions} answerable questions for {to_cover} articles: {unasked} of them "
        f"({unasked / to_cover:.0%}) are not asked, other ones with another seed; raise generate.quota.lookup and "
        "procedure to ask all, or lower gate.min_article_coverage"
    )


def _one(short: Shortage) -> str:
    name = f"{'evaluation_pool.' if short.setting == 'evaluation_pool' else ''}{short.type}"
    why = [f"the plan ran out after {_questions(short.planned)}" if short.planned else "no article has one to ask"]
    if short.without_twin:
        why.append(f"{short.without_twin} not asked, without an answerable pair on their article to be the twin")
    if short.reasons:
        commonest = ", ".join(f"{reason} {count}" for reason, count in short.reasons.most_common(_REASONS_TOLD))
        why.append(f"commonest reasons: {commonest}")
    return f"{name} is short by {short.missing} of {short.quota} ({'; '.join(why)})"


def _questions(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"


def _remedy(short: Sequence[Shortage]) -> str:
    """Replies that were refused are for the prompt or the model to mend; a plan that is too short needs articles."""
    settings = ", ".join(f"generate.{each.setting}.{each.type}" for each in short)
    steps = [f"add regulations or lower {settings}"]
    refused = [each.type for each in short if each.reasons]
    if refused:
        prompts = " and ".join(f"include/prompts/{qa_type}.md" for qa_type in dict.fromkeys(refused))
        steps.insert(0, f"read qa_rejected.jsonl and mend {prompts}, or raise generate.attempts_per_question")
    if any(each.without_twin for each in short):
        steps.append("a negative needs a lookup or procedure of its article: see to those first")
    text = "; ".join(steps)
    return f"{text[0].upper()}{text[1:]}."
