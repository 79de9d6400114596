"""train: a real QLoRA training in seconds: what it leaves behind, that a kill costs nothing, and how it refuses."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tuning_samples import open_run

from regtune.artifacts import file_record, load_spec, read_json
from regtune.config import PipelineConfig
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.stages import run_stage
from regtune.tuning.checkpoints import last_checkpoint
from regtune.tuning.models import load_base, load_tokenizer, with_adapter
from regtune.tuning.report import TrainReport
from regtune.tuning.train import open_work
from regtune.tuning.trainer import _events

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, train_config: PipelineConfig, prompts: dict[str, str]) -> Path:
    """A run folder after one uninterrupted training."""
    folder = open_run(tmp_path_factory.mktemp("trained") / "run", train_config, prompts)
    run_stage("train", folder)
    return folder


def test_the_report_says_how_it_went(trained: Path) -> None:
    """Every step and every epoch has its loss, the loss falls, and the stand-in is called one."""
    report = read_json(trained / "train_report.json", TrainReport)
    assert [point.step for point in report.train_curve] == list(range(1, 19))
    assert [point.step for point in report.validation_curve] == [6, 12, 18]
    assert report.train_curve[-1].loss < report.train_curve[0].loss
    assert report.best_validation_loss == min(point.loss for point in report.validation_curve)
    assert report.base_is_stand_in
    assert (report.steps, report.planned_steps, report.resumed_from_step) == (18, 18, 0)
    assert report.tokens_per_second > 0


def test_the_adapter_changes_what_the_model_says(trained: Path, train_config: PipelineConfig) -> None:
    """It loads onto the base for answering, ends at the turn, and the base answers as before with it switched off."""
    import torch

    model, tokenizer = load_base(train_config.train)
    tokens = tokenizer("연차휴가는 며칠인가요?", return_tensors="pt")
    with torch.no_grad():
        before = model(**tokens).logits
        tuned = with_adapter(model, trained / "adapter")
        after = tuned(**tokens).logits
        with tuned.disable_adapter():
            off = tuned(**tokens).logits
    assert not torch.allclose(before, after)
    assert torch.equal(before, off)
    assert tokenizer.convert_tokens_to_ids("<|im_end|>") in tuned.generation_config.eos_token_id


def test_the_card_says_what_it_was_made_from(trained: Path) -> None:
    """Recipe, rows and both stand-ins are named in the adapter's folder, and no other README is."""
    card = (trained / "adapter" / "README.md").read_text(encoding="utf-8")
    report = read_json(trained / "train_report.json", TrainReport)
    for fact in (
        load_spec(trained).spec_sha256,
        report.rows_sha256,
        "Stand-in base model",
        "Stand-in dataset",
        "시행일",
    ):
        assert fact in card
    assert sorted(path.name for path in (trained / "adapter").iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_the_losses_are_pictures_too(trained: Path) -> None:
    """A PNG of the curve, and event files whose losses are the report's."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert (trained / "train_curve.png").read_bytes()[16:24] == (960).to_bytes(4, "big") + (540).to_bytes(4, "big")
    events = EventAccumulator(str(trained / "tensorboard")).Reload()
    report = read_json(trained / "train_report.json", TrainReport)
    told = [(event.step, event.value) for event in events.Scalars("train/loss")]
    assert told == [(point.step, pytest.approx(point.loss, abs=1e-4)) for point in report.train_curve]


def test_nothing_hidden_stays_behind(trained: Path) -> None:
    """Checkpoints go when the adapter is safe."""
    assert not (trained / ".train").exists()


def _is_whole(state: Path) -> bool:
    """A file that is being written is there before all of it is."""
    try:
        return bool(json.loads(state.read_text(encoding="utf-8")))
    except ValueError:
        return False


def test_a_killed_training_ends_at_the_same_losses(trained: Path, make_run: Callable[..., Path]) -> None:
    """SIGKILL after a checkpoint, then the same command: same curves, same adapter, and only the rest is done again."""
    folder = make_run("killed")
    environment = {**os.environ, "PYTHONPATH": str(PLUGINS)}
    process = subprocess.Popen([sys.executable, "-m", "regtune", "train", str(folder)], env=environment)
    deadline = time.monotonic() + 200
    while (
        not any(map(_is_whole, folder.glob(".train/checkpoint-*/trainer_state.json"))) and time.monotonic() < deadline
    ):
        assert process.poll() is None, "ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "train_report.json").exists()
    killed = last_checkpoint(folder / ".train")
    assert killed is not None
    run_stage("train", folder)
    resumed = read_json(folder / "train_report.json", TrainReport)
    whole = read_json(trained / "train_report.json", TrainReport)
    assert resumed.resumed_from_step in {6, 12}
    assert resumed.train_curve == whole.train_curve
    assert resumed.validation_curve == whole.validation_curve
    assert killed.spent.seconds > 0
    assert killed.spent.tokens == whole.train_tokens * killed.step // 6
    assert resumed.seconds > killed.spent.seconds, "the seconds of the killed process were lost"
    weights = "adapter/adapter_model.safetensors"
    assert file_record(folder / weights) == file_record(trained / weights)


def test_training_goes_on_after_a_validation(train_config: PipelineConfig) -> None:
    """The first layer still gets a gradient after the model has been evaluated.

    bitsandbytes repacked the weights at the first evaluation on a CPU with AVX512-BF16, for good.
    """
    import torch

    from regtune.tuning.transformers_engine import trainable_model

    model: Any = trainable_model(train_config.train, seed=1)
    tokens = {"input_ids": torch.tensor([[5, 6, 7, 8]]), "labels": torch.tensor([[5, 6, 7, 8]])}
    with torch.no_grad():
        model.eval()(**tokens)
    model.train()(**tokens).loss.backward()
    first = [parameter for name, parameter in model.named_parameters() if ".layers.0.self_attn.q_proj.lora_B" in name]
    assert len(first) == 1
    assert first[0].grad is not None
    assert first[0].grad.abs().sum() > 0


def test_a_loss_that_is_no_number_leaves_no_adapter(make_run: Callable[..., Path]) -> None:
    """A learning rate beyond reason stops within an epoch, with the step."""
    folder = make_run(learning_rate=1e30, warmup_steps=0, max_grad_norm=1e30, optimizer="sgd")
    with pytest.raises(ConfigurationError, match=r"at step \d in qa-\d+.*; lower train\.learning_rate"):
        run_stage("train", folder)
    assert not (folder / "adapter").exists()


def test_unsloth_without_cuda_is_refused(make_run: Callable[..., Path]) -> None:
    """Exit 4, and the line names the setting."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(PrerequisiteMissingError, match=r"train\.engine is unsloth and there is no CUDA") as caught:
        run_stage("train", make_run(engine="unsloth"))
    assert caught.value.exit_code == 4


def test_a_process_that_unsloth_patched_answers_nothing(
    train_config: PipelineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Unsloth leaves of transformers fails in generate with an AttributeError; the line says what to do."""
    monkeypatch.setitem(sys.modules, "unsloth", sys)
    with pytest.raises(PrerequisiteMissingError, match="run the same command again"):
        load_base(train_config.train)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"base_model": ""}, "train.base_model is empty", id="empty"),
        pytest.param({"base_model": "/nowhere/model"}, "no model there", id="no-folder"),
        pytest.param({"base_model": "./models/Qwen3-8B"}, r"Qwen3-8B \(seen from /.*no model there", id="relative"),
        pytest.param({"base_model": "~/Qwen3-8B"}, r"~/Qwen3-8B \(seen from /.*no model there", id="of-the-shell"),
    ],
)
def test_a_missing_base_model_is_named(changes: dict[str, object], message: str, make_run: Callable[..., Path]) -> None:
    """Before anything is loaded."""
    with pytest.raises(PrerequisiteMissingError, match=message):
        run_stage("train", make_run(**changes))


@pytest.mark.parametrize("spoiled", ["model.safetensors", "config.json"])
def test_a_model_copied_by_half_is_one_line(
    spoiled: str, train_config: PipelineConfig, base_folder: Path, tmp_path: Path
) -> None:
    """Weights that end early and a configuration without a model type were tracebacks."""
    base = tmp_path / "base"
    shutil.copytree(base_folder, base)
    whole = (base / spoiled).read_bytes()
    (base / spoiled).write_bytes(b"{}" if spoiled == "config.json" else whole[: len(whole) // 2])
    with pytest.raises(PrerequisiteMissingError, match=r"cannot be loaded.*give the folder of a whole model"):
        load_base(train_config.train.model_copy(update={"base_model": str(base)}))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{% for m in messages %}{{ m.content }}{% endfo %}", id="syntax"),
        pytest.param("{{ raise_exception('no system role') }}", id="refuses"),
        pytest.param("{{ messages[0].content + 3 }}", id="type"),
    ],
)
def test_a_broken_chat_template_is_one_line(
    template: str, train_config: PipelineConfig, base_folder: Path, tmp_path: Path
) -> None:
    """It was a traceback from within Jinja."""
    base = tmp_path / "base"
    shutil.copytree(base_folder, base)
    (base / "chat_template.jinja").write_text(template, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"chat template of .* cannot be rendered.*give a model with Qwen3's"):
        load_tokenizer(train_config.train.model_copy(update={"base_model": str(base)}))


def test_a_base_without_its_tokenizer_is_refused(
    train_config: PipelineConfig, base_folder: Path, tmp_path: Path
) -> None:
    """An empty one is made up for it, and the line spoke of a missing end token."""
    base = tmp_path / "base"
    shutil.copytree(base_folder, base, ignore=shutil.ignore_patterns("tokenizer*"))
    with pytest.raises(PrerequisiteMissingError, match="has no tokenizer; give the folder of a whole model"):
        load_tokenizer(train_config.train.model_copy(update={"base_model": str(base)}))


@pytest.mark.parametrize("room", [60_000, 170_000], ids=["adapter", "optimizer"])
def test_a_full_disk_is_one_line(room: int, make_run: Callable[..., Path]) -> None:
    """A checkpoint that finds no room was a traceback of safetensors or torch; no adapter is left by it."""
    folder = make_run("full")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(PrerequisiteMissingError, match=r"disk is full and the checkpoint of step 6.*make room"):
            run_stage("train", folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (folder / "adapter").exists()
    assert last_checkpoint(folder / ".train") is None


def test_checkpoints_of_another_recipe_are_not_gone_on_from(tmp_path: Path) -> None:
    """Changed rows or settings begin anew; the same ones find what was there."""
    work = open_work(tmp_path / ".train", "one")
    (work / "checkpoint-6").mkdir()
    assert (open_work(work, "one") / "checkpoint-6").is_dir()
    assert not (open_work(work, "two") / "checkpoint-6").exists()


def test_a_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    """The last whole one counts; what a kill cut short is removed."""
    state = '{"global_step": 6, "max_steps": 18, "log_history": []}'
    for name, text in (("checkpoint-6", state), ("checkpoint-12", state[:20]), ("checkpoint-18", None)):
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "trainer_state.json").write_text(text, encoding="utf-8")
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert (found.folder.name, found.step, found.planned_steps) == ("checkpoint-6", 6, 18)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-6"]


def test_two_processes_learn_what_one_learns(make_run: Callable[..., Path], base_folder: Path, tmp_path: Path) -> None:
    """They share each step's rows, also of an epoch's last and smaller step: same losses, one adapter, and a report."""
    base = tmp_path / "base"
    shutil.copytree(base_folder, base)
    shape = json.loads((base / "config.json").read_text("utf-8"))
    (base / "config.json").write_text(json.dumps(shape | {"attention_dropout": 0.0}), encoding="utf-8")
    reports = []
    for count in (1, 2):
        changes = {"batch_size": 10, "epochs": 2, "warmup_steps": 1, "processes": count}  # steps of 10, 10 and 4 rows
        folder = make_run(f"of-{count}", base_model=str(base), **changes)
        run_stage("train", folder)
        reports.append(read_json(folder / "train_report.json", TrainReport))
    together = reports[1]
    assert (together.processes, together.layout.rows, together.steps) == (2, 5, 6)
    for curve in ("train_curve", "validation_curve"):  # 6 rows of validation: no two processes share them evenly
        losses = [[point.loss for point in getattr(report, curve)] for report in reports]
        assert losses[0] == pytest.approx(losses[1], abs=2e-3)


def test_events_of_a_training_without_a_checkpoint_are_struck_out(tmp_path: Path) -> None:
    """Ended before its first checkpoint, a training begins anew, and showed its first steps twice."""
    (tmp_path / "events.out.tfevents.1").write_bytes(b"of the process before")
    _events(tmp_path, None).tb_writer.close()
    assert "events.out.tfevents.1" not in [path.name for path in tmp_path.iterdir()]
