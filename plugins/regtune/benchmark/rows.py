"""The rows of a benchmark: answers.jsonl with its scores, verdicts.jsonl; and labels.jsonl, which people write.

In: nothing. Out: frozen pydantic models.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from regtune.benchmark.metrics import SystemName
from regtune.contracts import Contract


class Scores(Contract):
    """What is known of an answer without a judge; see scores.py for the definitions."""

    correct: bool
    absent: bool
    """The answer says that the regulations hold no such rule."""
    refused: bool
    """The answer says that it cannot answer, and nothing else."""
    quantities_right: bool | None
    """Null for a negative, and when the reference answer has no quantity beyond the question's."""
    missing_quantities: tuple[str, ...]
    """Of the reference answer, as printed there, that the answer lacks or states of another case."""
    unsupported_quantities: tuple[str, ...]
    """Of the answer, that neither reference answer, question nor article holds."""
    contradicting_quantities: tuple[str, ...]
    """Of the answer, that the article holds for another case, stated as if for this one."""
    missing_conditions: tuple[str, ...]
    """Provisos and conditions of the reference answer that the answer leaves out."""
    has_conditions: bool
    """The reference answer has any beyond the question's."""
    invented: tuple[str, ...]
    """Sentences and benefits of the answer that nothing supports."""
    reversed_claims: tuple[str, ...]
    """What the answer allows and the reference answer or the article forbids, or the reverse."""
    article_right: bool | None
    """Every citation names the right article and regulation; null when the answer cites no article."""
    korean: bool
    content_recall: float
    """Share of the content words that the reference answer adds to the question, found in the answer."""
    characters: int


class Answer(Contract):
    """One system's answer to one question: a row of answers.jsonl."""

    qa_id: str
    article: str = ""
    """`<regulation_id>:<article>` that the question was made from: the unit of the bootstrap."""
    system: SystemName
    answer: str
    failure: str | None
    """Why there is no answer; such a row is in no score, and is counted."""
    truncated: bool
    """Ended by benchmark.max_new_tokens."""
    tokens: int
    """Of the answer, by the system's own tokenizer."""
    seconds: float
    """Wall time of its batch divided by the batch's rows, or of its request. Latency is measured apart."""
    scores: Scores | None = None
    """Null for a failure."""


class Verdict(Contract):
    """One opinion of the judge: a row of verdicts.jsonl."""

    kind: Literal["rating", "pairwise"]
    qa_id: str
    system: SystemName
    """Whose answer is rated, or stands as A."""
    opponent: SystemName | None
    """Whose answer stands as B."""
    correctness: int | None = None
    completeness: int | None = None
    groundedness: int | None = None
    winner: SystemName | Literal["tie"] | None = None
    reason: str = ""
    """The judge's words; untrusted."""
    attempts: int
    unscored: str | None
    """Why no verdict could be had after benchmark.judge_attempts; such a row is in no score, and is counted."""
    request_sha256: str
    """Of the last request."""


class Label(BaseModel):
    """What a person says of one answer: a line of labels.jsonl. Other fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    qa_id: str
    system: SystemName
    correct: bool = Field(strict=True)
    """Whether a colleague who relies on the answer does the right thing."""
