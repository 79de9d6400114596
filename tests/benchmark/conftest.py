"""A tiny base model with an adapter, rows about two articles, settings, and the stand-in endpoint."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmark_samples import ARTICLES, asked_of, chunk_of

from regtune.artifacts import load_spec, write_jsonl
from regtune.benchmark.systems import Asked
from regtune.config import EndpointConfig, PipelineConfig, load_config
from regtune.contracts import RunSpec
from regtune.plain import open_plain
from regtune.prompts import load_prompts
from regtune.tuning.models import share_the_cores

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def config() -> PipelineConfig:
    """The demo's settings."""
    return load_config(REPOSITORY / "include/config/demo.yaml")


@pytest.fixture(scope="session")
def prompts() -> dict[str, str]:
    """The shipped prompts."""
    return load_prompts(REPOSITORY / "include/prompts")


@pytest.fixture(scope="session")
def rows() -> dict[str, Asked]:
    """Six rows: of each type, about both articles."""
    listed = [
        asked_of("a", "lookup", "본인 결혼 시 휴가는 며칠입니까?", "본인이 결혼하는 때에는 5일의 휴가를 줍니다."),
        asked_of("b", "procedure", "경조휴가는 어떻게 신청합니까?", "3일 전까지 부서장에게 신청합니다."),
        asked_of("c", "negative", "반려동물 장례 휴가는 며칠입니까?", "없음. 규정에 해당 내용이 없습니다."),
        asked_of("d", "lookup", "병가는 연 며칠까지입니까?", "병가는 연 30일 이내입니다.", "제16조"),
        asked_of("e", "lookup", "진단서는 어디에 제출합니까?", "인사총무팀에 제출합니다.", "제16조"),
        asked_of("f", "negative", "병가 중 통신비를 지원합니까?", "없음. 규정에 해당 내용이 없습니다.", "제16조"),
    ]
    return {row.question.qa_id: row for row in listed}


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory, config: PipelineConfig) -> Iterator[EndpointConfig]:
    """The demo's endpoint, in a process of its own."""
    port_file = tmp_path_factory.mktemp("endpoint") / "port"
    command = [sys.executable, str(REPOSITORY / "include/demo/endpoint.py"), "--port-file", str(port_file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (port_file.exists() and port_file.read_text().strip()):
            assert process.poll() is None, "the stand-in endpoint ended at once"
            assert time.monotonic() < deadline, "the stand-in endpoint did not bind"
            time.sleep(0.05)
        url = f"http://127.0.0.1:{port_file.read_text().strip()}/v1"
        yield config.endpoints.judge.model_copy(update={"base_urls": (url,), "concurrency": 8})
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Qwen3 of two layers with random weights and a tokenizer of its own: loads in a moment, answers nonsense."""
    share_the_cores()
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    folder = tmp_path_factory.mktemp("base") / "tiny"
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(ARTICLES.values(), trainer)
    template = (
        "{%- for m in messages -%}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=template
    )
    torch.manual_seed(1)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=512,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=64,
            max_position_embeddings=2048,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def adapter(base_model: Path, config: PipelineConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that changes what the tiny model answers."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("adapter") / "adapter"
    torch.manual_seed(2)
    lora = LoraConfig(r=4, lora_alpha=64, target_modules=list(config.train.target_modules), init_lora_weights=False)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base_model), lora).save_pretrained(folder)
    return folder


@pytest.fixture
def run_folder(
    tmp_path: Path,
    config: PipelineConfig,
    prompts: dict[str, str],
    rows: dict[str, Asked],
    base_model: Path,
    adapter: Path,
    stand_in: EndpointConfig,
) -> tuple[Path, RunSpec]:
    """A run folder before benchmark: four test rows, two of the pool, one article in training."""
    pairs = [row.question for row in rows.values()]
    for name, listed in (("test", pairs[:4]), ("pool", pairs[4:]), ("train", pairs[:1])):
        write_jsonl(tmp_path / f"{name}.jsonl", listed)
    write_jsonl(tmp_path / "chunks.jsonl", [chunk_of(article) for article in ARTICLES])
    (tmp_path / "train_report.json").write_text('{"engine": "transformers", "train_curve": []}', encoding="utf-8")
    endpoints = config.endpoints.model_copy(update=dict.fromkeys(("generator", "judge", "reference"), stand_in))
    train = config.train.model_copy(update={"base_model": str(base_model)})
    benchmark = config.benchmark.model_copy(update={"max_new_tokens": 6, "bootstrap_samples": 200, "batch_size": 4})
    settings = config.model_copy(update={"endpoints": endpoints, "train": train, "benchmark": benchmark})
    files = {
        "test-rows": tmp_path / "test.jsonl",
        "pool": tmp_path / "pool.jsonl",
        "train-rows": tmp_path / "train.jsonl",
        "chunks": tmp_path / "chunks.jsonl",
        "adapter": adapter,
        "train-report": tmp_path / "train_report.json",
    }
    out = tmp_path / "run"
    open_plain(out, files, [], settings, prompts)
    return out, load_spec(out)


@pytest.fixture
def spec(run_folder: tuple[Path, RunSpec]) -> RunSpec:
    """Any recipe."""
    return run_folder[1]
