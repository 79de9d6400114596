"""What a revision of one article costs: model calls of the first run and of the run after it, and the rows that stay.

The sample regulations of 2024-01-01 and of 2024-07-01 (one article revised, one 부칙 added), the stand-in endpoint, one
reply cache, as two runs of the DAG share it. The counts are those of pipeline.yaml, but for the pool's procedures:
three short regulations have too few passages for so many.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regtune.contracts import QAPair

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]


def main() -> None:
    """Print calls, their share, and how many rows of pairs and pool the second run kept."""
    from stand_in import pointed_at, stand_in

    from regtune.artifacts import read_jsonl
    from regtune.config import load_config
    from regtune.contracts import Provision, QAPair
    from regtune.open_run import RunRequest, open_run, plan_run
    from regtune.prompts import load_prompts
    from regtune.qa.parts import split_pairs
    from regtune.stages import run_stage

    register = REPOSITORY / "include" / "regulations" / "register.yaml"
    demo, production = (
        load_config(REPOSITORY / "include" / "config" / f"{name}.yaml") for name in ("demo", "pipeline")
    )
    pool = production.generate.evaluation_pool.model_copy(update={"procedure": 40})
    quotas = {"quota": production.generate.quota, "evaluation_pool": pool}
    config = demo.model_copy(update={"generate": demo.generate.model_copy(update=quotas)})
    with tempfile.TemporaryDirectory() as name, stand_in(Path(name)) as url:
        config = pointed_at(config, url)
        calls: list[int] = []
        datasets: list[list[QAPair]] = []
        rows: dict[str, list[set[str]]] = {"qa_pairs.jsonl": [], "evaluation_pool.jsonl": []}
        articles = 0
        for day in (date(2024, 1, 1), date(2024, 7, 1)):
            run_dir = Path(name) / "runs" / str(day)
            spec = plan_run(register, config, load_prompts(REPOSITORY / "include" / "prompts"), RunRequest(as_of=day))
            open_run(run_dir, spec, register.parent)
            manifests = [run_stage(stage, run_dir) for stage in ("parse", "chunk", "generate")]
            calls.append(manifests[-1].tokens["calls"])
            provisions = read_jsonl(run_dir / "provisions.jsonl", Provision)
            articles = sum(p.kind == "article" and p.part == "body" for p in provisions)
            datasets.append(read_jsonl(run_dir / "qa_pairs.jsonl", QAPair))
            for file, found in rows.items():
                found.append({pair.qa_id for pair in read_jsonl(run_dir / file, QAPair)})
    first, second = calls
    print(f"revision of 1 article of {articles}: {second} model calls after {first} ({second / first:.1%})")
    for file, (before, after) in rows.items():
        print(f"  {file}: {len(before & after)} of {len(before)} rows stay")
    sides = sides_of(split_pairs(datasets[0], config.split, config.seed))
    for how, kept in (("from the sides before", sides), ("from scratch", {})):
        now = sides_of(split_pairs(datasets[1], config.split, config.seed, kept))
        moved = sum(now.get(qa_id, side) != side for qa_id, side in sides.items())
        print(f"  split {how}: {moved} of {sum(qa_id in now for qa_id in sides)} rows that stay change their side")


def sides_of(parts: "Mapping[str, Sequence[QAPair]]") -> dict[str, str]:
    """qa_id -> part."""
    return {pair.qa_id: name for name, part in parts.items() for pair in part}


if __name__ == "__main__":
    main()
