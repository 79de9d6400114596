"""The stand-in endpoint as a process of its own, and chunks of the sample regulations, for tests that generate."""

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from regtune.artifacts import sha256_of_bytes
from regtune.config import PipelineConfig
from regtune.contracts import Chunk

REPOSITORY = Path(__file__).resolve().parents[1]
SCRIPT = REPOSITORY / "include" / "demo" / "endpoint.py"
_ARTICLE = re.compile(r"^(제\d+조(?:의\d+)?)\(([^)]*)\)")


@contextlib.contextmanager
def stand_in(folder: Path, *arguments: str) -> Iterator[str]:
    """Run the endpoint on a free port; yields its base URL and ends it afterwards."""
    port_file = folder / "stand-in.port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, str(SCRIPT), "--port", "0", "--port-file", str(port_file), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not port_file.exists():
            assert process.poll() is None, f"the stand-in ended with {process.returncode}"
            assert time.monotonic() < deadline, "the stand-in did not bind within 30 s"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port_file.read_text(encoding='utf-8').strip()}/v1"
    finally:
        process.terminate()
        process.wait(10)


def stats(base_url: str) -> dict[str, int]:
    """What the endpoint counted."""
    with urllib.request.urlopen(f"{base_url.removesuffix('/v1')}/stats", timeout=10) as response:
        return dict(json.load(response))


def pointed_at(config: PipelineConfig, base_url: str, **changes: object) -> PipelineConfig:
    """The configuration with its generator at this address; `changes` go into endpoints.generator."""
    generator = config.endpoints.generator.model_copy(update={"base_urls": (base_url,), **changes})
    return config.model_copy(update={"endpoints": config.endpoints.model_copy(update={"generator": generator})})


def sample_chunks(name: str = "service-2024-01-01", title: str = "복무규정") -> list[Chunk]:
    """One chunk an article of a sample regulation, read from its source text."""
    source = REPOSITORY / "include" / "regulations" / "sources" / f"{name}.txt"
    body = source.read_text(encoding="utf-8").split("\n## 부칙")[0]
    chunks: list[Chunk] = []
    for part in re.split(r"\n(?=제\d+조(?:의\d+)?\()", body)[1:]:
        text = "\n".join(line for line in part.split("\n") if line and not line.startswith(("#", "@"))).strip()
        match = _ARTICLE.match(text)
        assert match is not None
        chunks.append(chunk_of(text, match[1], f"{match[1]}({match[2]})", title))
    return chunks


def chunk_of(text: str, article: str, heading: str, title: str = "복무규정") -> Chunk:
    """A chunk of one article."""
    return Chunk(
        chunk_id=f"{title}:{article}",
        regulation_id=title,
        regulation_title=title,
        article=article,
        path=(heading,),
        text=text,
        token_count=len(text),
        page_first=1,
        page_last=1,
        text_sha256=sha256_of_bytes(text.encode()),
    )
