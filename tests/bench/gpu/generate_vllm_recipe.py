"""What generate_vllm.py runs: the model's folder, the recipe that serves it, the requests that generate would send."""

import sys
from datetime import date
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))
from qwen3_shapes import QWEN3_30B_A3B
from stand_in import REPOSITORY, sample_chunks

from regtune.config import PipelineConfig, Quota, load_config
from regtune.contracts import QA_TYPES, Chunk, RunSpec
from regtune.open_run import RunRequest, new_spec
from regtune.prompts import load_prompts
from regtune.qa.asking import request_for
from regtune.qa.plan import slots_of
from regtune.replies import Request

MODEL = "qwen3-30b-a3b-shape"
TWIN = "연차유급휴가는 며칠까지 다음 해로 이월할 수 있나요?"
"""That the negatives are modelled on."""


def model_folder(folder: Path, tokenizer: Path) -> Path:
    """Lay the shape's config.json beside the tokenizer's files."""
    folder.mkdir()
    (folder / "config.json").write_text(QWEN3_30B_A3B, encoding="utf-8")
    for file in sorted(tokenizer.iterdir()):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def recipe(model: Path, backend: str, port: int) -> RunSpec:
    """pipeline.yaml with this machine's interpreter, the shaped model and its address."""
    config: PipelineConfig = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml")
    own = {
        "python": sys.executable,
        "model_path": str(model),
        "port": port,
        "structured_outputs_backend": backend,
        "extra_args": ("--load-format", "dummy"),
        "ready_timeout_seconds": 330,
    }
    generator = {"base_urls": (f"http://127.0.0.1:{port}/v1",), "model": MODEL, "api_key_env": None}
    config = config.model_copy(
        update={
            "serve": config.serve.model_copy(update=own),
            "endpoints": config.endpoints.model_copy(
                update={"generator": config.endpoints.generator.model_copy(update=generator)}
            ),
        }
    )
    prompts = load_prompts(REPOSITORY / "include" / "prompts")
    return new_spec(RunRequest(as_of=date(2025, 7, 1)), [], config, prompts)


def regulation_chunks() -> list[Chunk]:
    """The articles of two of the sample regulations."""
    return [*sample_chunks("service-2024-01-01", "복무규정"), *sample_chunks("travel-2024-01-01", "여비규정")]


def sample_requests(spec: RunSpec) -> list[Request]:
    """What generate asks about them: every slot, in the order of the articles and types."""
    return [
        request_for(slot, chunk, TWIN if slot.type == "negative" else "", (), spec, spec.config.seed)
        for chunk in regulation_chunks()
        for qa_type in QA_TYPES
        for slot in slots_of(chunk, qa_type)
    ]


def garbage_spec(spec: RunSpec, reply_tokens: int, *, adaptive: bool) -> RunSpec:
    """The recipe for a model of whose replies none is taken: a plan that is asked to its end, each slot twice."""
    config = spec.config
    generate = {"quota": Quota(lookup=1000, procedure=1000, negative=0), "max_tokens": reply_tokens}
    generate |= {"attempts_per_question": 2}
    most = config.endpoints.generator.concurrency
    pacing = config.endpoints.pacing if adaptive else config.endpoints.pacing.model_copy(update={"start": most})
    update = {
        "generate": config.generate.model_copy(update=generate),
        "endpoints": config.endpoints.model_copy(update={"pacing": pacing}),
    }
    return spec.model_copy(update={"config": config.model_copy(update=update)})
