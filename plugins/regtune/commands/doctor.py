"""`regtune doctor`: what is wrong with this machine, as host 02, as host 48 or as both; the checks of the DAG, by hand.

In: a run folder, or a configuration. Out: a line for each finding; exit 4 when something blocks. Nothing is removed.
"""

import argparse
from datetime import datetime, timezone
from pathlib import Path

from regtune.artifacts import load_spec
from regtune.config import HostName, include_path, load_config
from regtune.contracts import RunSpec
from regtune.errors import PrerequisiteMissingError
from regtune.hosts import check_02, check_48
from regtune.hosts.checks import missing_on
from regtune.hosts.clock import check_clock
from regtune.open_run import RunRequest, new_spec

_LOOKS = {"02": check_02.look, "48": check_48.look}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    summary = "what is wrong with this machine as host 02, 48 or both, in seconds"
    command = commands.add_parser("doctor", help=summary, description=f"doctor: {summary}.")
    command.add_argument(
        "run_dir", nargs="?", type=Path, metavar="RUN_FOLDER", help="take the settings of its run.json"
    )
    command.add_argument("--host", choices=("02", "48", "all"), default="all", help="default: all")
    command.add_argument("--config", type=Path, default=include_path("config/pipeline.yaml"), metavar="FILE")
    command.add_argument(
        "--now",
        type=float,
        metavar="SECONDS",
        help="the scheduler's clock, to compare with: date +%%s there; without it the kernel is asked",
    )
    command.add_argument("--env-file", type=Path, help="KEY=VALUE lines put into the environment (keys of endpoints)")
    command.set_defaults(act=act)


def act(arguments: argparse.Namespace) -> None:
    """Check one host or both.

    Raises:
        PrerequisiteMissingError: names everything that blocks.
    """
    hosts: tuple[HostName, ...] = ("02", "48") if arguments.host == "all" else (arguments.host,)
    spec = load_spec(arguments.run_dir) if arguments.run_dir is not None else _spec(arguments.config)
    failures: list[str] = []
    for host in hosts:
        found = _LOOKS[host](_place(arguments.run_dir, spec, host), spec)
        check_clock(found, arguments.now)
        if found.missing:
            failures.append(str(missing_on(found)))
    if failures:
        raise PrerequisiteMissingError("\nregtune: ".join(failures))


def _spec(config: Path) -> RunSpec:
    request = RunRequest(as_of=datetime.now(timezone.utc).date())
    return new_spec(request, (), load_config(config), {})


def _place(run_dir: Path | None, spec: RunSpec, host: HostName) -> Path:
    """Where the disk is looked at: the run folder, else what there is of hosts.*.base_dir."""
    if run_dir is not None:
        return run_dir
    base = Path(spec.config.hosts.named(host).base_dir)
    return next(path for path in (base, *base.parents) if path.is_dir()) if base.is_absolute() else Path.cwd()
