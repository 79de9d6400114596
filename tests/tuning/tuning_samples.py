"""Pairs, and run folders to train in."""

import json
from pathlib import Path

from regtune.config import PipelineConfig
from regtune.contracts import QAPair
from regtune.plain import open_plain


def pair_of(qa_id: str, question: str = "연차휴가는 며칠인가요?", answer: str = "15일입니다.") -> QAPair:
    """One pair with the fields that training reads."""
    return QAPair(
        qa_id=qa_id,
        type="lookup",
        question=question,
        answer=answer,
        chunk_id="work-rules:제26조",
        evidence=None,
        model="",
        prompt_sha256="",
        request_sha256="",
    )


def open_run(folder: Path, config: PipelineConfig, prompts: dict[str, str], **changes: object) -> Path:
    """Make a run folder of 24 training and 6 validation rows."""
    sections = {"train": config.train.model_copy(update=changes)}
    rows = [
        pair_of(f"qa-{n:02}", f"{n}번째 휴가는 며칠인가요?", f"취업규칙 제{n}조에 따라 {n}일입니다.") for n in range(30)
    ]
    files = {}
    for option, side in (("train-rows", rows[:24]), ("validation-rows", rows[24:])):
        files[option] = folder.with_name(f"{folder.name}-{option}.jsonl")
        lines = [json.dumps(row.model_dump(mode="json"), ensure_ascii=False) for row in side]
        files[option].write_text("\n".join(lines), encoding="utf-8")
    open_plain(folder, files, [], config.model_copy(update=sections), prompts)
    return folder
