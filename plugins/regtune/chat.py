"""The conversation that is trained on, served and benchmarked: one place, so that the three cannot differ.

In: a question (and, open book, its article) and, for training, its answer. Out: messages, and their text and tokens
by a tokenizer's chat template (ChatML as in Qwen3) with thinking off. The persona is the system prompt
include/prompts/persona.md.
"""

import re
from typing import TYPE_CHECKING

from regtune.prompts import neutralise, render

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Messages = list[dict[str, str]]
END_OF_TURN = "<|im_end|>"
"""The token that ends an answer: the last one trained on, and the one that ends generation."""

_TOKEN_OPENING = re.compile(r"<(?=[|｜/A-Za-z])")


def question_messages(prompts: dict[str, str], question: str, article: str | None = None) -> Messages:
    """Return system and user message; with `article` the user message shows it (open book)."""
    if article is None:
        user = plain_words(question)
    else:
        user = render(prompts, "open_book", article=neutralise(article), question=neutralise(question))
    return [{"role": "system", "content": render(prompts, "persona")}, {"role": "user", "content": user}]


def plain_words(text: str) -> str:
    """Make text unable to become a special token (`<|im_end|>`, `</think>`); `<별표 1>` and `3 < 5` stay."""
    return _TOKEN_OPENING.sub("〈", text)


def rendered_prompt(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> str:
    """Text up to and including the opening of the assistant's turn, as a server with thinking off renders it."""
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    return str(text)


def rendered_answer(answer: str) -> str:
    """Text that the model is trained to write after the prompt, its end token included."""
    return plain_words(answer.strip()) + END_OF_TURN


def rendered_conversation(tokenizer: "PreTrainedTokenizerBase", messages: Messages, answer: str) -> str:
    """The whole conversation by the template alone, up to the answer's end token; what training text must equal."""
    turns = [*messages, {"role": "assistant", "content": plain_words(answer.strip())}]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=False, enable_thinking=False)
    return str(text).rstrip("\n")


def token_ids(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    """Tokens of rendered text; nothing is added at its ends."""
    return [int(token) for token in tokenizer(text, add_special_tokens=False)["input_ids"]]
