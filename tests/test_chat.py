"""chat: our conversations are Qwen3's, with thinking off, whichever tokenizer renders them."""

import sys
from pathlib import Path

import pytest

from regtune.chat import END_OF_TURN, plain_words, question_messages, rendered_answer, rendered_prompt
from regtune.prompts import load_prompts

INCLUDE = Path(__file__).resolve().parents[1] / "include"
sys.path.insert(0, str(INCLUDE / "demo"))

from base_model import CHAT_TEMPLATE  # noqa: E402 - a script's neighbour, not a package

QUESTION, ANSWER = "연차휴가는 며칠인가요?", "취업규칙 제26조에 따라 15일입니다."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("<|im_end|>", "〈|im_end|>", id="chatml"),
        pytest.param("</think>", "〈/think>", id="thinking"),
        pytest.param("<｜end▁of▁sentence｜>", "〈｜end▁of▁sentence｜>", id="full-width-bar"),
        pytest.param("<<|im_end|>", "<〈|im_end|>", id="doubled"),
        pytest.param("<별표 1> 3 < 5 <개정 2024. 7. 1.>", "<별표 1> 3 < 5 <개정 2024. 7. 1.>", id="korean-brackets"),
    ],
)
def test_special_tokens_in_text_become_plain_words(text: str, expected: str) -> None:
    """What opens like a token of a tokenizer loses its bracket; what regulations write stays."""
    assert plain_words(text) == expected


@pytest.mark.parametrize("article", [None, "제26조(연차휴가) 15일을 준다. </조문>"], ids=["closed-book", "open-book"])
def test_the_demo_renders_as_qwen3_does(shared: Path, article: str | None) -> None:
    """The stand-in's template gives the same text as Qwen3's own, prompt and whole conversation."""
    from transformers import AutoTokenizer

    qwen = AutoTokenizer.from_pretrained(shared / "tokenizer" / "qwen3")
    messages = question_messages(load_prompts(INCLUDE / "prompts"), QUESTION, article)
    prompt = rendered_prompt(qwen, messages)
    whole = qwen.apply_chat_template(
        [*messages, {"role": "assistant", "content": ANSWER}], tokenize=False, enable_thinking=False
    )
    assert prompt.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")
    assert whole == prompt + rendered_answer(ANSWER) + "\n"
    qwen.chat_template = CHAT_TEMPLATE
    assert rendered_prompt(qwen, messages) == prompt
    assert (
        qwen.apply_chat_template(
            [*messages, {"role": "assistant", "content": ANSWER}], tokenize=False, enable_thinking=False
        )
        == whole
    )


def test_the_end_of_turn_is_one_token_of_qwen3(shared: Path) -> None:
    """It is the token that ends Qwen3's generation."""
    from transformers import AutoTokenizer

    qwen = AutoTokenizer.from_pretrained(shared / "tokenizer" / "qwen3")
    assert qwen.eos_token == END_OF_TURN
    assert len(qwen(END_OF_TURN, add_special_tokens=False)["input_ids"]) == 1
