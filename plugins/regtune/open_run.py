"""open_run: a date becomes a frozen recipe.

In: the register, a date, the configuration and the prompts. Out: run.json and sources/ in a run folder.
It reads no PDF; parse does.
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from regtune.artifacts import RUN_FILE, load_spec, read_json, replacing_folder, spec_sha256, write_json
from regtune.code_hash import package_sha256
from regtune.config import PipelineConfig
from regtune.contracts import RunHead, RunSpec, Source
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.regulations.register import in_force, load_register

SOURCES = "sources"
_RUN_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9a-f]{12}")
HOUSEKEEPING = "housekeeping.json"
PREVIOUS = "previous"
"""Folder with files of the last accepted run, for compare, generate and split."""
PREVIOUS_FILES = (
    RUN_FILE, "provisions.jsonl", "chunks.jsonl", "qa_pairs.jsonl", "evaluation_pool.jsonl", "gate_report.json",
    "publish.json", "train.jsonl", "validation.jsonl", "test.jsonl",
)  # fmt: skip
_PREVIOUS_GATE_REPORT = "previous_gate_report.json"
"""The one of them that the gate reads."""


def is_run_name(name: str) -> bool:
    """Whether `new_spec` could have named a run so: a date that there is, and a hash."""
    found = _RUN_NAME.fullmatch(name)
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:
        return False


@dataclass(frozen=True)
class RunRequest:
    """What somebody asks a run to be."""

    as_of: date
    regulation_ids: Sequence[str] = ()
    """Only these; empty means every regulation in force."""
    quota: Mapping[str, int] | None = None
    """Pairs by type in place of generate.quota."""
    skip_training: bool = False
    force: str | None = None


def plan_run(register: Path, config: PipelineConfig, prompts: Mapping[str, str], request: RunRequest) -> RunSpec:
    """Make the recipe: which revisions are in force, and every setting resolved.

    Raises:
        ConfigurationError: the register, a file of it, or the request is wrong.
    """
    sources = in_force(load_register(register), register.parent, request.as_of, request.regulation_ids)
    if request.quota is not None:
        quota = config.generate.quota.model_copy(update=dict(request.quota))
        config = config.model_copy(update={"generate": config.generate.model_copy(update={"quota": quota})})
    return new_spec(request, sources, config, prompts)


def new_spec(
    request: RunRequest, sources: Sequence[Source], config: PipelineConfig, prompts: Mapping[str, str]
) -> RunSpec:
    """Freeze a recipe; its name is the date and its own hash, so equal recipes share a run folder."""
    spec = RunSpec(
        run_name="",
        spec_sha256="",
        as_of=request.as_of,
        sources=tuple(sources),
        config=config,
        prompts=dict(prompts),
        code_sha256=package_sha256(),
        skip_training=request.skip_training,
        force=request.force,
    )
    digest = spec_sha256(spec)
    return spec.model_copy(update={"spec_sha256": digest, "run_name": f"{spec.as_of}-{digest[:12]}"})


def open_run(run_dir: Path, spec: RunSpec, folder: Path) -> None:
    """Write run.json and copy the PDFs; a folder opened for the same recipe is left as it is.

    Args:
        run_dir: made when it is not there.
        spec: from `plan_run`.
        folder: where the sources' files lie.

    Raises:
        ConfigurationError: the folder belongs to another recipe.
    """
    if (run_dir / RUN_FILE).exists():
        opened = load_spec(run_dir)
        if opened.spec_sha256 != spec.spec_sha256:
            raise ConfigurationError(
                f"{run_dir}: holds run {opened.run_name}, not {spec.run_name}; give another --out."
            )
        return
    with replacing_folder(run_dir / SOURCES) as temporary:
        for source in spec.sources:
            target = temporary / source.file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / source.file, target)
    write_json(run_dir / RUN_FILE, spec)


def add_previous(run_dir: Path, previous: Path) -> None:
    """Lay files of an earlier, accepted run beside those of a run that was just opened.

    Args:
        run_dir: of the run that is compared.
        previous: folder with `PREVIOUS_FILES`, e.g. a run folder.

    Raises:
        PrerequisiteMissingError: one of the files is not there.
        ConfigurationError: the earlier run is of a later date, or is the same run.
    """
    absent = [name for name in PREVIOUS_FILES if not (previous / name).is_file()]
    if absent:
        raise PrerequisiteMissingError(f"{previous}: lacks {', '.join(absent)}; give a run folder that was published.")
    earlier, spec = read_json(previous / RUN_FILE, RunHead), load_spec(run_dir)
    if earlier.as_of > spec.as_of or earlier.spec_sha256 == spec.spec_sha256:
        raise ConfigurationError(f"{previous}: is of {earlier.as_of}; a run of {spec.as_of} follows an earlier one.")
    with replacing_folder(run_dir / PREVIOUS) as temporary:
        for name in PREVIOUS_FILES:
            shutil.copyfile(previous / name, temporary / name)
    if _asked_alike(previous, spec):
        shutil.copyfile(previous / "gate_report.json", run_dir / _PREVIOUS_GATE_REPORT)


def earlier_recipe(previous: Path) -> RunSpec | None:
    """Read run.json of an earlier run; None when another version of regtune opened it and this one cannot read it."""
    try:
        return load_spec(previous)
    except ConfigurationError:
        return None


def _asked_alike(previous: Path, spec: RunSpec) -> bool:
    """Only datasets of the same regulations and quotas can be expected to have the same shape."""
    earlier = earlier_recipe(previous)
    if earlier is None:
        return False
    regulations = [{source.regulation_id for source in each.sources} for each in (earlier, spec)]
    return regulations[0] == regulations[1] and earlier.config.generate.quota == spec.config.generate.quota
