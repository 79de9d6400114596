"""The conversation that is trained on, served and benchmarked: one place, so that the three cannot differ.

In: a question (and, open book, its article). Out: messages, and their text by a tokenizer's chat template
with thinking off. The persona is the system prompt include/prompts/persona.md.
"""

from typing import Any

from regtune.prompts import neutralise, render

Messages = list[dict[str, str]]


def question_messages(prompts: dict[str, str], question: str, article: str | None = None) -> Messages:
    """Return system and user message; with `article` the user message shows it (open book)."""
    if article is None:
        user = question
    else:
        user = render(prompts, "open_book", article=neutralise(article), question=neutralise(question))
    return [{"role": "system", "content": render(prompts, "persona")}, {"role": "user", "content": user}]


def rendered_prompt(tokenizer: Any, messages: Messages) -> str:  # noqa: ANN401 - transformers is not imported here
    """Text up to and including the opening of the assistant's turn, as a server with thinking off renders it."""
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    return str(text)
