"""base_model: the demo's stand-in is a real, loadable model that learned the regulations and no answers."""

import json
import logging
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "include" / "demo"))

from base_model import RECORD, make_base_model, read_corpus  # noqa: E402 - a script's neighbour, not a package

TEXTS = ["제1조(목적) 이 규칙은 근로조건을 정함을 목적으로 한다.\n" * 40, "제2조(휴가) 휴가는 15일로 한다.\n" * 40]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of three steps."""
    folder = tmp_path_factory.mktemp("models") / "base"
    make_base_model(TEXTS, folder, seed=1, steps=3)
    return folder


def test_transformers_loads_it(made: Path) -> None:
    """AutoModelForCausalLM and AutoTokenizer take the folder; it is Qwen3 with tied embeddings that 4 bits suit."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(made)
    tokenizer = AutoTokenizer.from_pretrained(made)
    assert model.config.model_type == "qwen3"
    assert model.config.tie_word_embeddings
    linear = [weight for name, weight in model.named_parameters() if "proj" in name]
    assert all(weight.numel() % 64 == 0 and weight.shape[1] % 64 == 0 for weight in linear)
    text = "제2조(휴가) 휴가는 15일로 한다.\n<|im_end|>"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert tokenizer.eos_token == "<|im_end|>"


def test_the_same_inputs_give_the_same_weights(made: Path, tmp_path: Path) -> None:
    """Equal corpus, seed and steps: equal bytes."""
    make_base_model(TEXTS, tmp_path / "again", seed=1, steps=3)
    for name in ("model.safetensors", "tokenizer.json"):
        assert (tmp_path / "again" / name).read_bytes() == (made / name).read_bytes()


def test_what_is_there_is_not_made_again(made: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The same inputs return at once."""
    before = (made / "model.safetensors").stat().st_mtime_ns
    with caplog.at_level(logging.INFO):
        make_base_model(TEXTS, made, seed=1, steps=3)
    assert (made / "model.safetensors").stat().st_mtime_ns == before
    assert "nothing to do" in caplog.text


@pytest.mark.parametrize("steps", [3, 2])
def test_another_corpus_or_length_makes_another(tmp_path: Path, steps: int) -> None:
    """A changed text or number of steps is not taken for the same model; nothing half-made stays."""
    folder = tmp_path / "base"
    first = make_base_model(TEXTS, folder, seed=1, steps=2)
    second = make_base_model(TEXTS[: 1 + (steps == 3)], folder, seed=1, steps=steps)
    assert second["key"] != first["key"]
    assert json.loads((folder / RECORD).read_text(encoding="utf-8")) == second
    assert list(tmp_path.iterdir()) == [folder]


def test_it_says_that_it_stands_in(made: Path) -> None:
    """In its record and on its card."""
    assert json.loads((made / RECORD).read_text(encoding="utf-8"))["stand_in"] is True
    assert "stand-in" in (made / "README.md").read_text(encoding="utf-8")


def test_the_corpus_is_read_from_pdf_text_and_lines(tmp_path: Path) -> None:
    """Each kind of file gives its text; other files are passed over."""
    (tmp_path / "a.txt").write_text("제1조(목적)", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "제2조"}\n{"text": "제3조"}\n', encoding="utf-8")
    (tmp_path / "c.yaml").write_text("제4조", encoding="utf-8")
    assert read_corpus([tmp_path]) == ["제1조(목적)", "제2조\n제3조"]
    pdf = REPOSITORY / "include" / "regulations" / "travel-2025-07-01.pdf"
    assert "제1조(목적)" in read_corpus([pdf])[0]


def test_a_corpus_without_text_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 4, and one line."""
    import base_model

    command = ["base_model.py", "--corpus", str(tmp_path), "--out", str(tmp_path / "base")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)
        assert base_model.main() == 4
    assert "no text in" in capsys.readouterr().out
    assert not (tmp_path / "base").exists()
