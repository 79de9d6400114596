"""`regtune merge`: a run's adapter and its base model as one model in 16 bit, and as GGUF.

In: a run folder that has trained. Out: a model folder.
"""

import argparse
from pathlib import Path

from regtune.tuning.merge import merge


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser("merge", help="work a run's adapter into its base model, in 16 bit")
    command.add_argument("run_dir", type=Path, metavar="RUN_FOLDER", help="a run folder with adapter/")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="new, or an earlier merged model's")
    command.add_argument(
        "--gguf", choices=("bf16", "q8_0"), help="a model.gguf for llama.cpp too; q8_0 is half as large as bf16"
    )
    command.set_defaults(act=act)


def act(arguments: argparse.Namespace) -> None:
    """Merge."""
    merge(arguments.run_dir, arguments.out, arguments.gguf)
