"""What generate makes of its replies: schema-valid at first, calls a pair, articles covered, negatives by way.

    python tests/bench/generate_yield.py

The corpus and the quotas of the demo against its endpoint, a stand-in, once well behaved and once with faults of the
model in a third of the replies. The same figures of a run with a model stand in its manifests/generate.json.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
DAY = date(2024, 1, 1)
FAULTS = (
    *("invalid_json=0.05", "wrong_schema=0.05", "truncated=0.05", "empty=0.03", "english=0.03", "refusal=0.04"),
    *("duplicate=0.05", "whitespace=0.03"),
)


def main() -> None:
    """Print a line for each."""
    from stand_in import pointed_at, stand_in

    from regtune.config import load_config
    from regtune.open_run import RunRequest, open_run, plan_run
    from regtune.prompts import load_prompts
    from regtune.stages import run_stage

    register = REPOSITORY / "include" / "regulations" / "register.yaml"
    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml")
    prompts = load_prompts(REPOSITORY / "include" / "prompts")
    for name, arguments in (("well behaved", ()), ("with faults", ("--misbehave", *FAULTS))):
        with tempfile.TemporaryDirectory() as folder, stand_in(Path(folder), *arguments) as url:
            run_dir = Path(folder) / "runs" / "one"
            spec = plan_run(register, pointed_at(config, url), prompts, RunRequest(as_of=DAY))
            open_run(run_dir, spec, register.parent)
            manifest = [run_stage(stage, run_dir) for stage in ("parse", "chunk", "generate")][-1]
        counts = manifest.counts
        pairs = sum(
            int(counts[f"{part}{kind}"]) for part in ("", "pool_") for kind in config.generate.quota.model_dump()
        )
        ways = ", ".join(
            f"{key.partition('_')[2]} {value}" for key, value in counts.items() if key.startswith("negative_")
        )
        print(
            f"generate, stand-in {name}: "
            f"first replies that fit the schema {counts['first_pass_schema_valid_share']:.1%}; "
            f"{manifest.tokens['calls'] / pairs:.3f} calls a pair; "
            f"{counts['chunks_covered']} of {counts['chunks_to_cover']} chunks covered; negatives: {ways}"
        )


if __name__ == "__main__":
    main()
