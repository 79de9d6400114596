"""How much of the plan is kept when one of a hundred articles is revised, over every article in turn."""

import statistics
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]


def main() -> None:
    """Print the share of the quota's slots that stay, and how many articles other than the revised one are touched."""
    from plan_articles import articles, revised

    from regtune.config import load_config
    from regtune.contracts import QA_TYPES
    from regtune.qa.plan import make_plan

    config = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml")
    quota, chunks = config.generate.quota, articles(100)

    def planned(chunks: list) -> set:  # type: ignore[type-arg]
        plan = make_plan(chunks, quota, config.seed)
        return {slot for qa_type in QA_TYPES for slot in plan[qa_type][: quota.of(qa_type)]}

    before = planned(chunks)
    kept, others = [], []
    for index in range(len(chunks)):
        after = planned(revised(chunks, index))
        kept.append(len(before & after) / len(before))
        changed = {slot.chunk_id for slot in before ^ after}
        others.append(len(changed - {chunks[index].chunk_id}))
    print(
        f"plan: of {len(before)} slots over {len(chunks)} articles {statistics.fmean(kept):.1%} are kept when one is "
        f"revised (at least {min(kept):.1%}); other articles touched: {statistics.fmean(others):.2f}, "
        f"at most {max(others)}"
    )


if __name__ == "__main__":
    main()
