"""`regtune register`: the register of regulations, listed and checked.

In: register.yaml and the files beside it. Out: a line for each revision on stdout.
"""

import argparse
from pathlib import Path

from regtune.config import include_path
from regtune.regulations.register import in_force, load_register


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser("register", help="list or check the register of regulations")
    command.add_argument("action", choices=("list", "check"))
    command.add_argument("--register", type=Path, default=include_path("regulations/register.yaml"))
    command.set_defaults(act=act)


def act(arguments: argparse.Namespace) -> None:
    """Print every revision; `check` reads each file too."""
    register = load_register(arguments.register)
    for regulation in register.regulations:
        for revision in regulation.revisions:
            if arguments.action == "check":
                in_force(register, arguments.register.parent, revision.effective_date, [regulation.regulation_id])
            print(regulation.regulation_id, regulation.title, revision.effective_date, revision.file)  # noqa: T201
