"""The demo's configuration: demo.yaml with this machine's addresses and, when they are named, real models.

In: demo.yaml, where everything lies, and the environment. Out: a YAML file of the same shape.
REGTUNE_LLM_BASE_URL with REGTUNE_LLM_MODEL (and REGTUNE_LLM_API_KEY) put a real model behind the endpoints;
REGTUNE_BASE_MODEL names a real base model's folder, which is then tuned with the settings of pipeline.yaml.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KEY_NAME = "REGTUNE_LLM_API_KEY"


@dataclass(frozen=True)
class Places:
    """Where the demo's things are."""

    config_folder: Path
    endpoint_url: str
    base_model: Path
    """Of the stand-in."""
    store: Path
    host_python: Path
    host_folders: Mapping[str, Path]
    ui_url: str


def write_settings(target: Path, places: Places, environment: Mapping[str, str]) -> None:
    """Write the configuration, and the hosts' env file when there is a key.

    Raises:
        ValueError: one line that says which variable is missing.
    """
    settings = _read(places.config_folder / "demo.yaml")
    _put_endpoints(settings, places, environment)
    if "REGTUNE_BASE_MODEL" in environment:
        train = _read(places.config_folder / "pipeline.yaml")["train"]
        own = {"engine": "transformers", "base_model": environment["REGTUNE_BASE_MODEL"], "optimizer": "adamw_torch"}
        settings["train"] = {**train, **own}
    else:
        settings["train"]["base_model"] = str(places.base_model)
    settings["publish"]["store"] = str(places.store)
    settings["alerts"]["ui_base_url"] = places.ui_url
    for name, folder in places.host_folders.items():
        host = {"python": str(places.host_python), "base_dir": str(folder / "regtune")}
        if KEY_NAME in environment:
            host["env_file"] = str(_env_file(folder, environment[KEY_NAME]))
        settings["hosts"][name] = {**settings["hosts"][name], **host}
    target.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")


def stand_ins(environment: Mapping[str, str]) -> list[str]:
    """Name what stands in, for a person."""
    names = []
    if "REGTUNE_LLM_BASE_URL" not in environment:
        names.append("the model behind the endpoint (include/demo/endpoint.py: extracts from articles)")
    if "REGTUNE_BASE_MODEL" not in environment:
        names.append("the base model (include/demo/base_model.py: a tiny Qwen3-architecture model made on the spot)")
    return names


def _put_endpoints(settings: dict[str, Any], places: Places, environment: Mapping[str, str]) -> None:
    real = environment.get("REGTUNE_LLM_BASE_URL")
    if real and "REGTUNE_LLM_MODEL" not in environment:
        raise ValueError("REGTUNE_LLM_BASE_URL is set; REGTUNE_LLM_MODEL has to name a model that it serves.")
    for name in ("generator", "judge", "reference"):
        endpoint = dict(settings["endpoints"][name])
        endpoint["base_urls"] = [real or places.endpoint_url]
        if real:
            endpoint |= {"model": environment["REGTUNE_LLM_MODEL"], "stand_in": False, "timeout_seconds": 120}
            endpoint["api_key_env"] = KEY_NAME if KEY_NAME in environment else None
        settings["endpoints"][name] = endpoint


def _env_file(folder: Path, key: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "regtune.env"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{KEY_NAME}={key}\n")
    return path


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content
