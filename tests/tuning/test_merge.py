"""merge: the adapter's answers without the adapter, in 16 bit and as GGUF."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tuning_samples import open_run

from regtune.cli import main
from regtune.config import PipelineConfig
from regtune.stages import run_stage
from regtune.tuning.models import load_tokenizer, with_adapter


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, train_config: PipelineConfig, prompts: dict[str, str]) -> Path:
    """A run folder whose adapter has moved far enough for its effect to outweigh 16 bit."""
    folder = open_run(tmp_path_factory.mktemp("merged") / "run", train_config, prompts, learning_rate=0.02)
    run_stage("train", folder)
    return folder


@pytest.fixture(scope="module")
def merged(trained: Path) -> Path:
    """The merged model and its GGUF file, of a run that has been measured."""
    score = {"system": "tuned", "metric": "correct", "estimate": {"value": 0.5, "low": 0.25, "high": 0.75, "rows": 8}}
    measured = {"headline": "정답률 50.0%", "scores": [score]}
    (trained / "benchmark.json").write_text(json.dumps(measured, ensure_ascii=False), encoding="utf-8")
    target = trained.with_name("model")
    assert main(["merge", str(trained), "--out", str(target), "--gguf", "bf16"]) == 0
    return target


@pytest.mark.parametrize("gguf_file", [None, "model.gguf"], ids=["safetensors", "gguf"])
def test_the_merged_model_answers_as_base_and_adapter_do(
    trained: Path, merged: Path, train_config: PipelineConfig, gguf_file: str | None
) -> None:
    """Its logits are the adapter's to within 16 bit, far from the base's; transformers reads both forms by itself."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    shape = AutoConfig.from_pretrained(merged)  # transformers reads no head size from GGUF
    tokens = load_tokenizer(train_config.train)("연차휴가는 며칠인가요?", return_tensors="pt")
    base = AutoModelForCausalLM.from_pretrained(train_config.train.base_model).eval()
    model = AutoModelForCausalLM.from_pretrained(merged, config=shape, gguf_file=gguf_file, dtype=torch.float32)
    with torch.no_grad():
        before = base(**tokens).logits
        adapted = with_adapter(base, trained / "adapter")(**tokens).logits
        found = model.eval()(**tokens).logits
    assert (found - adapted).abs().mean() < 0.1 * (before - adapted).abs().mean()


def test_the_merged_card_has_the_scores(trained: Path, merged: Path) -> None:
    """The adapter's card was written before there were any and says where they are; the merged model's has them."""
    card = (merged / "README.md").read_text(encoding="utf-8")
    assert "| tuned | 50.0% | 25.0% to 75.0% | 8 |" in card
    assert "정답률 50.0%" in card
    assert "benchmark.json and report.html" in (trained / "adapter" / "README.md").read_text(encoding="utf-8")


def test_a_gguf_file_carries_the_tokenizer_and_the_template(merged: Path, train_config: PipelineConfig) -> None:
    """A server needs nothing beside it: every token in its place, the merges, the end token, the chat template."""
    from gguf import GGUFReader

    fields = GGUFReader(merged / "model.gguf").fields
    tokenizer = load_tokenizer(train_config.train)
    tokens = fields["tokenizer.ggml.tokens"].contents()
    assert [tokens[i] for i in (0, 5, 300)] == tokenizer.convert_ids_to_tokens([0, 5, 300])
    assert fields["tokenizer.ggml.eos_token_id"].contents() == tokenizer.eos_token_id
    assert fields["tokenizer.chat_template"].contents() == tokenizer.chat_template
    assert len(fields["tokenizer.ggml.merges"].contents()) > 100


def test_a_run_without_an_adapter_is_one_line(
    make_run: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4, with what to do, and no folder is left."""
    assert main(["merge", str(make_run()), "--out", str(tmp_path / "model")]) == 4
    assert "run train first" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_nothing_but_a_merged_model_is_replaced(trained: Path, merged: Path, train_config: PipelineConfig) -> None:
    """`--out .` emptied the folder that it named, and the base model's own was one too."""
    base = Path(train_config.train.base_model)
    mine = trained.with_name("mine")
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine", encoding="utf-8")
    for place in (base, mine, mine / "thesis.txt", trained):
        assert main(["merge", str(trained), "--out", str(place)]) == 2
    assert (mine / "thesis.txt").read_text(encoding="utf-8") == "mine"
    assert (base / "model.safetensors").is_file()
    assert main(["merge", str(trained), "--out", str(merged)]) == 0
