"""The command line: every stage on a run folder or on plain files, the whole chain, and what commands/ holds.

In: argv. Out: exit codes 0 done, 1 a bug (with its traceback), 2 configuration, 3 refused by the gate,
4 a prerequisite is missing; an expected failure is one line on stderr.
"""

import argparse
import errno
import importlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from regtune.artifacts import load_spec
from regtune.config import PipelineConfig, include_path, load_config
from regtune.documents.isolated import Failure, Tell, run_isolated, worker_count
from regtune.errors import SAME_AGAIN, ConfigurationError, PrerequisiteMissingError, RegtuneError
from regtune.open_run import RunRequest, add_previous, open_run, plan_run
from regtune.plain import OPTIONS, open_plain
from regtune.progress import Progress
from regtune.prompts import load_prompts
from regtune.stage_table import STAGES
from regtune.stages import is_cut_short, run_stage, stages_of

_log = logging.getLogger(__name__)
_COMMANDS = ("register", "inspect", "diff", "merge", "doctor", "review", "champion")
"""Imported only when one of them is asked for: a stage's process starts in half the time."""
_BENCHMARK_EXTRAS = ("labels", "changes", "history")
_PLAIN: dict[str, tuple[str, ...]] = {
    "chunk": ("provisions",),
    "generate": ("chunks",),
    "validate": ("qa", "chunks", "pool"),
    "gate": ("qa", "checks", "chunks", "pool"),
    "split": ("qa", "chunks", "previous"),
    "train": ("train-rows", "validation-rows", "chunks"),
    "benchmark": ("test-rows", "train-rows", "chunks", "adapter", "train-report", "pool", *_BENCHMARK_EXTRAS),
}
_STARTING_SECONDS = 60
"""What a file's process may take beyond parse.timeout_seconds, which its own child is held to."""
_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room and start again"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "give a place that this user may write"),
    **dict.fromkeys(
        (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOENT),
        "give a file where a file is asked, a folder where a folder is",
    ),
}
_OPTIONAL = frozenset(
    [
        *(("validate", "pool"), ("gate", "chunks"), ("gate", "pool"), ("split", "chunks"), ("train", "chunks")),
        ("split", "previous"),
        ("benchmark", "pool"),
        *(("benchmark", name) for name in _BENCHMARK_EXTRAS),
    ]
)
_SUMMARIES = {
    "check_02": "what host 02 lacks: interpreter, packages, disk, GPU memory, endpoint",
    "check_48": "what host 48 lacks",
    "parse": "PDFs to provisions.jsonl",
    "chunk": "provisions to chunks.jsonl",
    "compare": "what changed since the last accepted run",
    "serve": "start the generator's model server, or check the one that runs elsewhere",
    "generate": "chunks to question-answer pairs",
    "stop": "end the model server that serve started",
    "validate": "evidence for or against each pair",
    "gate": "accept or refuse the dataset (exit 3)",
    "split": "8:1:1",
    "train": "QLoRA adapter",
    "benchmark": "answers, scores, report.html",
    "publish": "headline and promotion decision",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    arguments = _parser(stage_only=bool(words) and words[0] in STAGES).parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    for chatty in ("httpx", "httpx2", "httpcore", "openai", "great_expectations", "filelock", "fsspec"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        _load_env_file(arguments.env_file)
        arguments.act(arguments)
    except RegtuneError as error:
        if error.repeats:
            _log.info("%s", SAME_AGAIN)
        print(f"regtune: {error}", file=sys.stderr)  # noqa: T201 - the one line
        return error.exit_code
    except OSError as error:
        print(f"regtune: {_said(error)}", file=sys.stderr)  # noqa: T201
        return PrerequisiteMissingError.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _said(error: OSError) -> str:
    """One line on a failure of the file system; raises what a user can do nothing about."""
    remedy = _REMEDIES.get(error.errno or 0)
    if remedy is None:
        raise error
    return f"{error.filename or 'disk'}: {error.strerror}; {remedy}."


def _parser(*, stage_only: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="regtune", description="Company regulations in, a small specialist model out."
    )
    parser.set_defaults(env_file=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in STAGES:
        _add_stage(commands, name)
    _add_open(commands.add_parser("open_run", help="make a run folder: run.json and sources/"), _act_open)
    whole = commands.add_parser("run", help="the whole chain on this machine")
    whole.add_argument("--previous", type=Path, metavar="RUN_FOLDER", help="an earlier run's, to be compared with")
    _add_open(whole, _act_run)
    for name in () if stage_only else _COMMANDS:
        importlib.import_module(f"regtune.commands.{name}").add(commands)
    return parser


def _add_stage(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> None:
    command = commands.add_parser(name, help=_SUMMARIES[name], description=f"{name}: {_SUMMARIES[name]}.")
    command.add_argument("run_dir", nargs="?", type=Path, metavar="RUN_FOLDER", help="a run folder with run.json")
    command.add_argument("--env-file", type=Path, help="KEY=VALUE lines put into the environment (keys of endpoints)")
    command.set_defaults(act=_act_stage, stage=name)
    if name == "parse":
        command.add_argument("--pdf", nargs="+", type=Path, metavar="FILE", help="plain PDFs in place of a run folder")
    for option in _PLAIN.get(name, ()):
        note = "optional" if (name, option) in _OPTIONAL else "plain file in place of a run folder"
        command.add_argument(f"--{option}", type=Path, metavar="FILE", help=f"{OPTIONS[option][0]}: {note}")
    if name == "parse" or name in _PLAIN:
        command.add_argument("--out", type=Path, metavar="DIR", help="where the results of plain files go")
        _add_settings(command)


def _add_open(command: argparse.ArgumentParser, act: object) -> None:
    command.add_argument("--register", type=Path, default=include_path("regulations/register.yaml"))
    command.add_argument(
        "--as-of", type=_date, required=True, metavar="YYYY-MM-DD", help="the corpus in force on this day"
    )
    command.add_argument(
        "--regulation", action="append", default=[], metavar="ID", help="only this one; may be repeated"
    )
    command.add_argument("--skip-training", action="store_true", help="end after split")
    command.add_argument("--force", metavar="TOKEN", help="a run of its own even if an equal one exists")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the run folder")
    command.add_argument("--env-file", type=Path, help="KEY=VALUE lines put into the environment")
    _add_settings(command)
    command.set_defaults(act=act)


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, default=include_path("config/pipeline.yaml"), metavar="FILE")
    command.add_argument("--prompts", type=Path, default=include_path("prompts"), metavar="FOLDER")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from error


def _act_stage(arguments: argparse.Namespace) -> None:
    name = arguments.stage
    options = _PLAIN.get(name, ())
    files = {option: path for option in options if (path := getattr(arguments, option.replace("-", "_")))}
    pdfs: list[Path] = getattr(arguments, "pdf", None) or []
    if arguments.run_dir is not None:
        if files or pdfs:
            raise ConfigurationError(f"{name}: give a run folder or plain files, not both.")
        run_stage(name, arguments.run_dir)
        return
    needed = [f"--{option}" for option in options if option not in files and (name, option) not in _OPTIONAL]
    if name == "parse" and not pdfs:
        needed = ["--pdf"]
    if needed or not (files or pdfs) or arguments.out is None:
        wanted = " and ".join([*needed, *(["--out"] if getattr(arguments, "out", None) is None else [])])
        raise ConfigurationError(f"{name}: give RUN_FOLDER{f', or {wanted}' if options or name == 'parse' else ''}.")
    config, prompts = load_config(arguments.config), load_prompts(arguments.prompts)
    if len(pdfs) > 1:
        _parse_each(pdfs, arguments.out, config, prompts)
    elif pdfs:
        _parse_plain(pdfs[0], arguments.out, config, prompts)
    else:
        open_plain(arguments.out, files, pdfs, config, prompts)
        run_stage(name, arguments.out)


def _parse_plain(pdf: Path, out: Path, config: PipelineConfig, prompts: Mapping[str, str]) -> None:
    """Parse one file; nothing is left of a folder that was made for one that is refused."""
    was_there = out.exists()
    try:
        open_plain(out, {}, [pdf], config, prompts)
        run_stage("parse", out)
    except (RegtuneError, OSError):
        if not was_there:
            shutil.rmtree(out, ignore_errors=True)
        raise


def _parse_each(pdfs: Sequence[Path], out: Path, config: PipelineConfig, prompts: Mapping[str, str]) -> None:
    """One folder a file, several at a time; every file is tried, and the failures are told together."""
    stems = [path.stem for path in pdfs]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise ConfigurationError(f"--pdf: several files are named {', '.join(twice)}; parse them one by one.")
    out.mkdir(parents=True, exist_ok=True)
    for module in (STAGES["parse"].module, "pymupdf"):  # once here, so that no child has to
        importlib.import_module(module)

    def parse_one(pdf: Path, _: Tell) -> None:
        try:
            _parse_plain(pdf, out / pdf.stem, config, prompts)
        except OSError as error:
            raise PrerequisiteMissingError(_said(error)) from error

    workers, patience = worker_count(config.parse.workers, len(pdfs)), config.parse.timeout_seconds + _STARTING_SECONDS
    progress, failures = Progress("files", len(pdfs)), dict[int, str]()
    for index, result in run_isolated(parse_one, pdfs, workers, patience):
        if isinstance(result, Failure):
            failures[index] = result.message
        progress.advance(note=pdfs[index].name)
    if failures:
        raise PrerequisiteMissingError("\nregtune: ".join(message for _, message in sorted(failures.items())))


def _opened(arguments: argparse.Namespace) -> Path:
    request = RunRequest(
        as_of=arguments.as_of,
        regulation_ids=arguments.regulation,
        skip_training=arguments.skip_training,
        force=arguments.force,
    )
    spec = plan_run(arguments.register, load_config(arguments.config), load_prompts(arguments.prompts), request)
    open_run(arguments.out, spec, arguments.register.parent)
    _log.info("run %s: %s", spec.run_name, ", ".join(f"{s.title} ({s.effective_date})" for s in spec.sources))
    run_dir: Path = arguments.out
    return run_dir


def _act_open(arguments: argparse.Namespace) -> None:
    _opened(arguments)


def _act_run(arguments: argparse.Namespace) -> None:
    run_dir = _opened(arguments)
    if arguments.previous is not None:
        add_previous(run_dir, arguments.previous)
    try:
        for name in stages_of(load_spec(run_dir)):
            if not is_cut_short(name, run_dir):
                _run_apart(name, arguments)
    finally:
        run_stage("stop", run_dir)  # whatever happened, as the DAG's teardown does


def _run_apart(name: str, arguments: argparse.Namespace) -> None:
    """Run a stage in a process of its own, as the DAG does: a Java machine or a patched library ends with it."""
    root = Path(__file__).resolve().parents[1]  # the zipapp, or the folder that holds the package
    command = [sys.executable, *([str(root)] if root.is_file() else ["-m", "regtune"]), name, str(arguments.out)]
    if arguments.env_file is not None:
        command += ["--env-file", str(arguments.env_file)]
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=False)  # noqa: S603
    if done.returncode != 0:
        raise SystemExit(done.returncode)  # the stage has said why


def _load_env_file(path: Path | None) -> None:
    if path is None:
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise PrerequisiteMissingError(f"{path}: cannot be read ({error.strerror}); see include/hosts.") from error
    for line in lines:
        key, mark, value = line.strip().partition("=")
        if mark and not key.startswith("#"):
            os.environ[key.strip()] = value.strip().strip("\"'")
