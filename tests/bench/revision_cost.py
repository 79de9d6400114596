"""What a revision of one article costs: model calls of the first run and of the run after it, and the rows that stay.

The sample regulations of 2024-01-01 and of 2024-07-01 (one article revised, one 부칙 added) and the stand-in endpoint.
The second run has the first one's dataset beside it, as a run of the DAG has; once with the first one's reply cache, as
on the same host, once without, as on a host that was set up anew. The counts are those of pipeline.yaml, but for the
pool's procedures: three short regulations have too few passages for so many.
"""

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]

from regtune.artifacts import read_jsonl  # noqa: E402 - the path comes first
from regtune.config import PipelineConfig, load_config  # noqa: E402
from regtune.contracts import Provision, QAPair  # noqa: E402
from regtune.open_run import PREVIOUS, RunRequest, open_run, plan_run  # noqa: E402
from regtune.prompts import load_prompts  # noqa: E402
from regtune.qa.earlier_rows import NEEDED  # noqa: E402
from regtune.qa.parts import split_pairs  # noqa: E402
from regtune.stages import run_stage  # noqa: E402

REGISTER = REPOSITORY / "include" / "regulations" / "register.yaml"
ROWS = ("qa_pairs.jsonl", "evaluation_pool.jsonl")


def main() -> None:
    """Print calls, their share, and how many rows of pairs and pool the second run kept."""
    from stand_in import pointed_at, stand_in

    demo, production = (
        load_config(REPOSITORY / "include" / "config" / f"{name}.yaml") for name in ("demo", "pipeline")
    )
    pool = production.generate.evaluation_pool.model_copy(update={"procedure": 40})
    quotas = {"quota": production.generate.quota, "evaluation_pool": pool}
    config = demo.model_copy(update={"generate": demo.generate.model_copy(update=quotas)})
    with tempfile.TemporaryDirectory() as name, stand_in(Path(name)) as url:
        config, root = pointed_at(config, url), Path(name)
        before = root / "one" / "runs" / "before"
        first = _calls(before, date(2024, 1, 1), config)
        provisions = read_jsonl(before / "provisions.jsonl", Provision)
        articles = sum(p.kind == "article" and p.part == "body" for p in provisions)
        print(f"first run: {first} model calls for {articles} articles")
        for host, cache in (("one", "with its reply cache"), ("other", "without it")):
            after = root / host / "runs" / "after"
            second = _calls(after, date(2024, 7, 1), config, before)
            print(f"revision of 1 article, {cache}: {second} model calls ({second / first:.1%})")
            kept = (f"{file} {_kept(file, (before, after))}" for file in ROWS)
            print(f"  rows that stay: {', '.join(kept)}")
        datasets = [read_jsonl(folder / ROWS[0], QAPair) for folder in (before, after)]
        sides = _sides(split_pairs(datasets[0], config.split, config.seed))
        for how, known in (("from the sides before", sides), ("from scratch", {})):
            now = _sides(split_pairs(datasets[1], config.split, config.seed, known))
            moved = sum(now.get(qa_id, side) != side for qa_id, side in sides.items())
            print(f"  split {how}: {moved} of {sum(qa_id in now for qa_id in sides)} rows that stay change their side")


def _calls(run_dir: Path, day: date, config: PipelineConfig, before: Path | None = None) -> int:
    """Make one run up to generate; returns the calls that its model was asked."""
    prompts = load_prompts(REPOSITORY / "include" / "prompts")
    open_run(run_dir, plan_run(REGISTER, config, prompts, RunRequest(as_of=day)), REGISTER.parent)
    if before is not None:
        (run_dir / PREVIOUS).mkdir()
        for file in NEEDED:
            shutil.copyfile(before / file, run_dir / PREVIOUS / file)
    manifests = [run_stage(stage, run_dir) for stage in ("parse", "chunk", "generate")]
    return manifests[-1].tokens["calls"]


def _sides(parts: Mapping[str, Sequence[QAPair]]) -> dict[str, str]:
    """qa_id -> part."""
    return {pair.qa_id: name for name, part in parts.items() for pair in part}


def _kept(file: str, folders: Sequence[Path]) -> str:
    earlier, later = ({row.qa_id for row in read_jsonl(folder / file, QAPair)} for folder in folders)
    return f"{len(earlier & later)} of {len(earlier)}"


if __name__ == "__main__":
    main()
