"""`regtune diff`: what changed between two revisions.

In: two run folders, PDFs or provisions files. Out: a summary in Korean on stdout and, with --out, changes.json and the
신구조문대비표 as comparison.md and comparison.html.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from regtune.artifacts import RUN_FILE, read_jsonl, write_json, write_text
from regtune.config import include_path, load_config
from regtune.contracts import Provision
from regtune.documents.diff import compare, report, same_regulation
from regtune.documents.diff_tables import summary, to_html, to_markdown
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.plain import open_plain
from regtune.prompts import load_prompts
from regtune.stages import run_stage

_PROVISIONS = "provisions.jsonl"
_BEGIN = 64
"""Bytes that tell a PDF or JSON lines from any other file."""
_BLANKS = b"\xef\xbb\xbf \t\r\n"
"""The mark of UTF-8 among them."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser("diff", help="what changed between two revisions, article by article")
    for side in ("old", "new"):
        command.add_argument(side, type=Path, metavar=side.upper(), help="a run folder, a PDF or a provisions file")
    command.add_argument("--out", type=Path, metavar="DIR", help="changes.json, comparison.md and comparison.html")
    command.add_argument("--config", type=Path, default=include_path("config/pipeline.yaml"), metavar="FILE")
    command.add_argument("--prompts", type=Path, default=include_path("prompts"), metavar="FOLDER")
    command.set_defaults(act=act)


def act(arguments: argparse.Namespace) -> None:
    """Compare, print the summary, write the tables.

    Raises:
        PrerequisiteMissingError: a side is not there, or is a folder without provisions.
        UnusableInputError: a side is neither a PDF that parse can read nor a provisions file.
        ConfigurationError: a single regulation is compared with a corpus that does not have it, or --out is a run
            folder, whose own changes.json would be lost.
    """
    if arguments.out is not None and (arguments.out / RUN_FILE).exists():
        raise ConfigurationError(f"--out {arguments.out}: is a run folder; give a folder of its own.")
    old, new = (_provisions(path, arguments) for path in (arguments.old, arguments.new))
    old, new = _same_regulations(old, new, str(arguments.old)), _same_regulations(new, old, str(arguments.new))
    found = report(str(arguments.old), str(arguments.new), new, compare(old, new))
    print(summary(found))  # noqa: T201 - what the command is for
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_text(arguments.out / "comparison.md", to_markdown(found))
        write_text(arguments.out / "comparison.html", to_html(found))
        write_json(arguments.out / "changes.json", found)


def _provisions(path: Path, arguments: argparse.Namespace) -> list[Provision]:
    if path.is_dir():
        if not (path / _PROVISIONS).is_file():
            raise PrerequisiteMissingError(f"{path}: holds no {_PROVISIONS}; run parse on it first.")
        return read_jsonl(path / _PROVISIONS, Provision)
    if not path.exists():
        raise PrerequisiteMissingError(f"{path}: no such file.")
    config, prompts = load_config(arguments.config), load_prompts(arguments.prompts)
    with tempfile.TemporaryDirectory() as name, path.open("rb") as file:
        out, begin = Path(name), file.read(_BEGIN)
        if path.suffix.lower() == ".pdf" or begin.startswith(b"%PDF-"):
            open_plain(out, {}, [path], config, prompts)
            run_stage("parse", out)
        elif begin.strip(_BLANKS) and not begin.lstrip(_BLANKS).startswith(b"{"):
            raise UnusableInputError(
                f"{path}: neither a PDF nor a provisions file; give the regulation's PDF, the folder of a run, or the "
                f"{_PROVISIONS} that parse wrote."
            )
        else:
            open_plain(out, {"provisions": path}, [], config, prompts)
        return read_jsonl(out / _PROVISIONS, Provision)


def _same_regulations(side: Sequence[Provision], other: Sequence[Provision], name: str) -> list[Provision]:
    """Of a corpus that is compared with one regulation, that one."""
    single = {provision.regulation_id for provision in other}
    if len(single) != 1 or len({provision.regulation_id for provision in side}) == 1:
        return list(side)
    kept = [provision for provision in side if same_regulation(provision, other[0])]
    if not kept:
        titles = ", ".join(dict.fromkeys(provision.regulation_title for provision in side))
        raise ConfigurationError(f"{name}: has no {other[0].regulation_title}, but {titles}; give one of these.")
    return kept
