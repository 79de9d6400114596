"""The review file of a run, made when somebody asks for it: the dataset with its checks, to decide in.

In: pairs, checks and chunks in the store. Out: the workbook of `regtune review export`, whose import it is for.
"""

import tempfile
from pathlib import Path

from regtune.errors import RegtuneError, UnusableInputError
from regtune.orchestration.store import Store

_NEEDED = ("run.json", "chunks.jsonl", "qa_pairs.jsonl", "qa_checks.jsonl")
_IF_THERE = ("evaluation_pool.jsonl",)


def review_file(store: Store, run_name: str) -> bytes:
    """Make the workbook.

    Raises:
        RegtuneError: the run has no checked dataset, or one that this version cannot read.
    """
    from regtune.qa.review import export_review

    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        folder = Path(temporary)
        for name in (*_NEEDED, *(name for name in _IF_THERE if store.has(run_name, name))):
            store.fetch(run_name, name, folder / name)
        out = folder / "review.xlsx"
        try:
            export_review(folder, out)
        except RegtuneError:
            raise
        except ValueError as error:  # the strict models, on what the code of another day made
            raise UnusableInputError(f"{run_name}: made by another version; export it with that one.") from error
        return out.read_bytes()
