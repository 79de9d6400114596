"""Question-answer pairs as token rows: what both engines train on, and what the loss is taken over.

In: QAPair records, prompts, a tokenizer and, open book, the articles. Out: rows of token ids with the place where the
answer starts.
The prompt's tokens are those of the prompt alone, as a server gets them, and the answer's follow: a token that
would span the border exists in neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regtune.artifacts import sha256_of_json
from regtune.chat import Messages, question_messages, rendered_answer, rendered_prompt, token_ids
from regtune.contracts import QAPair

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Articles = Mapping[str, str]
"""Text of each chunk by chunk_id, where the questions come with it (tuning.context: article)."""
UNTRAINED = -100
"""Label of a token that the loss leaves out, as in PyTorch's cross entropy."""


@dataclass(frozen=True)
class Row:
    """One pair, tokenised."""

    qa_id: str
    input_ids: tuple[int, ...]
    answer_start: int
    """Index of the first token that is trained on; everything before it is the prompt."""

    @property
    def labels(self) -> list[int]:
        """Tokens of the answer and its end token, `UNTRAINED` elsewhere."""
        return [UNTRAINED] * self.answer_start + list(self.input_ids[self.answer_start :])


BLANK = Row("", (0,), 1)
"""Fills a pass: one token, and no loss on it."""


@dataclass(frozen=True)
class Rows:
    """Both sides of one training."""

    train: tuple[Row, ...]
    validation: tuple[Row, ...]

    @property
    def both(self) -> tuple[Row, ...]:
        """Train rows, then validation rows."""
        return self.train + self.validation

    @property
    def train_tokens(self) -> int:
        """Tokens of one epoch, prompts included, padding not."""
        return sum(len(row.input_ids) for row in self.train)

    @property
    def answer_tokens(self) -> int:
        """Tokens of one epoch that the loss is taken over."""
        return sum(len(row.input_ids) - row.answer_start for row in self.train)

    def sha256(self) -> str:
        """Hash of every token and border: equal for the same data, prompt and tokenizer."""
        sides = (self.train, self.validation)
        return sha256_of_json([[[*row.input_ids, row.answer_start] for row in side] for side in sides])


def messages_of(pair: QAPair, prompts: dict[str, str], articles: Articles | None) -> Messages:
    """Return what the model is told before it answers; without articles the question alone."""
    return question_messages(prompts, pair.question, None if articles is None else articles[pair.chunk_id])


def encode_pair(
    pair: QAPair,
    prompts: dict[str, str],
    tokenizer: "PreTrainedTokenizerBase",
    articles: Articles | None = None,
) -> Row:
    """Tokenise one pair as the model will be served: prompt, then answer and end token."""
    prompt = token_ids(tokenizer, rendered_prompt(tokenizer, messages_of(pair, prompts, articles)))
    answer = token_ids(tokenizer, rendered_answer(pair.answer))
    return Row(pair.qa_id, (*prompt, *answer), len(prompt))


def encode_pairs(
    pairs: Sequence[QAPair],
    prompts: dict[str, str],
    tokenizer: "PreTrainedTokenizerBase",
    articles: Articles | None = None,
) -> tuple[Row, ...]:
    """Tokenise every pair, in the given order."""
    return tuple(encode_pair(pair, prompts, tokenizer, articles) for pair in pairs)
