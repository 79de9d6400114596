"""Who answers where: the systems that run here (a vLLM server, or transformers in turn), and the reference's endpoint.

In: a run folder, the rows asked. Out: Given, answers and efficiency of every system. Answers of an endpoint, a server
here included, lie in its cache of replies, those of transformers and every measurement in a journal of the run folder,
each on disk as it comes: what was answered or measured before a crash is not asked again.
"""

import asyncio
import gc
import importlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regtune.artifacts import file_record, sha256_of_json
from regtune.benchmark.efficiency import Loaded, measure_endpoint, measure_local, measure_served
from regtune.benchmark.journal import Journal
from regtune.benchmark.metrics import SystemName
from regtune.benchmark.results import Efficiency
from regtune.benchmark.rows import Answer, Verdict
from regtune.benchmark.systems import (
    Asked,
    LocalModel,
    answer_by_endpoint,
    answer_locally,
    messages_for,
    request_of,
)
from regtune.benchmark.vllm_server import check_prompts, vllm_server
from regtune.chat import Messages
from regtune.contracts import RunSpec
from regtune.llm import Endpoint
from regtune.replies import Request
from regtune.tuning.models import load_base, load_tokenizer, share_the_cores, with_adapter

_log = logging.getLogger(__name__)
_LOCAL: tuple[SystemName, ...] = ("base", "base_open_book", "tuned")
"""In this order: transformers puts the adapter on the loaded base last."""
_COMPARED_PROMPTS = 4


@dataclass
class Given:
    """What the systems gave."""

    answers: list[Answer] = field(default_factory=list)
    efficiency: list[Efficiency] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)


def answer_all(run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], journal: Journal) -> Given:
    """Let every configured system answer every row.

    Raises:
        PrerequisiteMissingError: the base model or the server is missing, or base or tuned answer nothing at all.
    """
    given = Given()
    systems = [name for name in _LOCAL if name in spec.config.benchmark.systems]
    if systems and spec.config.benchmark.server == "vllm":
        _answer_served(run_dir, spec, asked, systems, journal, given)
    elif systems:
        _answer_here(run_dir, spec, asked, systems, journal, given)
    if "reference" in spec.config.benchmark.systems:
        asyncio.run(_answer_elsewhere(run_dir, spec, asked, journal, given))
    return given


def _answer_served(
    run_dir: Path,
    spec: RunSpec,
    asked: Mapping[str, Asked],
    systems: Sequence[SystemName],
    journal: Journal,
    given: Given,
) -> None:
    """Base and adapter side by side behind one server."""
    config, train = spec.config.benchmark, spec.config.train
    adapter = run_dir / "adapter" if "tuned" in systems else None
    tokenizer = load_tokenizer(train)
    with vllm_server(run_dir, train, config.vllm, tokenizer, adapter) as served:
        some = list(asked.values())[:_COMPARED_PROMPTS]
        compared = [_messages(name, row, spec) for name in systems for row in some]
        check_prompts(served, tokenizer, compared)
        for system in systems:
            requests = _requests(system, spec, asked)
            endpoint = Endpoint(served.endpoint(system, config), run_dir / spec.config.endpoints.cache_dir)
            answers = asyncio.run(_asked(system, endpoint, requests))
            given.answers += answers
            given.tokens |= {f"{system}_{name}": count for name, count in endpoint.ledger.as_counts().items()}
            if _silent(answers):
                continue
            folders = [Path(train.base_model), *([adapter] if system == "tuned" and adapter else [])]
            key = _key(system, spec, [file_record(folder).sha256 for folder in folders[1:]])
            measured = journal.measured(key)
            if measured is None:
                measuring = measure_served(system, served, folders, list(requests.values()), config)
                measured = journal.keep(key, asyncio.run(measuring))
            given.efficiency.append(measured)


def _answer_here(
    run_dir: Path,
    spec: RunSpec,
    asked: Mapping[str, Asked],
    systems: Sequence[SystemName],
    journal: Journal,
    given: Given,
) -> None:
    """One base model loaded by transformers, the adapter put on it last."""
    if len(journal):
        _log.info("benchmark: %d answers are kept from an earlier try", len(journal))
    config, train = spec.config.benchmark, spec.config.train
    base_folder, adapter = Path(train.base_model), run_dir / "adapter"
    _import_engines()
    started = time.monotonic()
    model, tokenizer = load_base(train)
    seconds, folders, identity = time.monotonic() - started, [base_folder], [train.base_model]
    _log.info("benchmark: base model loaded in %.1f s", seconds)
    for system in systems:
        if system == "tuned":
            started = time.monotonic()
            model = with_adapter(model, adapter)
            seconds += time.monotonic() - started
            folders, identity = [base_folder, adapter], [*identity, file_record(adapter).sha256]
        local = LocalModel(model, tokenizer)
        prompts = {qa_id: local.prompt(_messages(system, row, spec)) for qa_id, row in asked.items()}
        answers = answer_locally(system, local, identity, prompts, config, journal)
        given.answers += answers
        if _silent(answers):
            continue
        key = _key(system, spec, identity)
        measured = journal.measured(key)
        if measured is None:
            loaded = Loaded(system, seconds, tuple(folders))
            measured = journal.keep(key, measure_local(loaded, local, list(prompts.values()), config))
        given.efficiency.append(measured)
    del model, local
    _free_gpu()


def _import_engines() -> None:
    """Before the clock of loading starts: seconds of importing are no property of a model."""
    share_the_cores()
    for package in ("torch", "transformers", "bitsandbytes", "peft"):
        importlib.import_module(package)


def _free_gpu() -> None:
    """Give the memory back: the judge may be served on the same card."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


async def _answer_elsewhere(
    run_dir: Path, spec: RunSpec, asked: Mapping[str, Asked], journal: Journal, given: Given
) -> None:
    """The reference model behind its endpoint."""
    endpoint = spec.config.endpoints.reference
    requests = _requests("reference", spec, asked)
    client = Endpoint(endpoint, run_dir / spec.config.endpoints.cache_dir)
    answers = await _asked("reference", client, requests)
    given.answers += answers
    given.tokens |= {f"reference_{name}": count for name, count in client.ledger.as_counts().items()}
    if _silent(answers):
        return
    key = _key("reference", spec, [endpoint.model, *endpoint.base_urls])
    measured = journal.measured(key)
    if measured is None:
        measuring = measure_endpoint("reference", endpoint, list(requests.values()), spec.config.benchmark)
        measured = journal.keep(key, await measuring)
    given.efficiency.append(measured)


def _key(system: SystemName, spec: RunSpec, identity: Sequence[str]) -> str:
    """Under which a measurement is kept: another model or another way of measuring is measured anew."""
    config = spec.config.benchmark
    how = [config.server, config.max_new_tokens, config.efficiency.model_dump(mode="json")]
    return sha256_of_json(["measured", system, spec.config.train.base_model, *identity, *how])


def _silent(answers: Sequence[Answer]) -> bool:
    """Whether a system answered nothing: its speed is not measured."""
    return all(answer.failure is not None for answer in answers)


def _messages(system: SystemName, row: Asked, spec: RunSpec) -> Messages:
    return messages_for(system, row, spec.prompts, spec.config.tuning.context)


def _requests(system: SystemName, spec: RunSpec, asked: Mapping[str, Asked]) -> dict[str, Request]:
    limit = spec.config.benchmark.max_new_tokens
    return {qa_id: request_of(_messages(system, row, spec), limit, spec.config.seed) for qa_id, row in asked.items()}


async def _asked(system: SystemName, endpoint: Endpoint, requests: Mapping[str, Request]) -> list[Answer]:
    try:
        return await answer_by_endpoint(system, endpoint, requests)
    finally:
        await endpoint.close()
