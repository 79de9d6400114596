"""What generate's manifest says of a dataset: how many of what, how well the articles are covered, what it took.

In: what was taken and refused, and the ledger of the requests. Out: the manifest's counts.
"""

from collections import Counter

from regtune.config import GenerateConfig, PriceConfig
from regtune.contracts import QA_TYPES
from regtune.ledger import Ledger
from regtune.qa.acceptance import NO_REPLY
from regtune.qa.filled import Filled
from regtune.qa.plan import ANGLES


def counts_of(
    filled: Filled, pool_from: int, to_cover: set[str], ledger: Ledger, config: GenerateConfig
) -> dict[str, float | int | str]:
    """Count the dataset, and what it took to make it.

    Args:
        filled: pairs, then the pool.
        pool_from: index in filled.taken of the pool's first pair.
        to_cover: ids of the chunks that hold something to ask about.
        ledger: of the requests.
        config: has the GPUs and the price.
    """
    in_pairs, in_pool = filled.taken[:pool_from], filled.taken[pool_from:]
    pairs, pool = (Counter(taken.slot.type for taken in some) for some in (in_pairs, in_pool))
    ways = Counter(taken.slot.angle for taken in in_pairs if taken.slot.type == "negative")
    reasons = Counter(refused.reason for refused in filled.refused)
    covered = {t.slot.chunk_id for t in in_pairs if t.slot.type != "negative"} & to_cover
    answered = [refused for refused in filled.refused if refused.reason not in NO_REPLY]
    made = [taken for taken in filled.taken if taken.row is None]
    replies = len(made) + len(answered)
    first_replies = sum(t.attempt == 1 for t in made) + sum(r.attempt == 1 for r in answered)
    misfits = sum(refused.unreadable and refused.attempt == 1 for refused in answered)
    seconds = ledger.seconds()
    cost = _cost(ledger, config.price_per_million_tokens)
    return {
        **{qa_type: pairs[qa_type] for qa_type in QA_TYPES},
        **{f"pool_{qa_type}": pool[qa_type] for qa_type in QA_TYPES},
        **{f"negative_{way}": ways[way] for way in ANGLES["negative"]},
        "kept_pairs": sum(taken.row is not None for taken in in_pairs),
        "kept_pool": sum(taken.row is not None for taken in in_pool),
        "rejected": len(filled.refused),
        **{f"rejected_{reason}": count for reason, count in sorted(reasons.items())},
        "chunks_covered": len(covered),
        "chunks_to_cover": len(to_cover),
        "chunks_unasked": len(to_cover) - len(covered),
        "chunk_coverage": round(len(covered) / len(to_cover), 4),
        "requests_without_reply": len(filled.refused) - len(answered),
        "replies_per_pair": round(replies / max(len(made), 1), 3),
        "first_pass_schema_valid_share": round(1 - misfits / max(first_replies, 1), 4),
        "seconds_asking": round(seconds, 1),
        "tokens_per_second": round(ledger.completion_tokens / seconds, 1) if seconds else 0,
        **({"gpu_seconds": round(seconds * config.gpus, 1)} if config.gpus else {}),
        **({"cost": cost} if cost is not None else {}),
    }


def _cost(ledger: Ledger, price: PriceConfig) -> float | None:
    """Money for the tokens of this run, None while a price that it needs is unknown."""
    cached = ledger.cached_prompt_tokens if price.cached_prompt is not None else 0
    used = (
        (ledger.prompt_tokens - cached, price.prompt),
        (cached, price.cached_prompt),
        (ledger.completion_tokens, price.completion),
    )
    if any(tokens and each is None for tokens, each in used):
        return None
    return round(sum(tokens * (each or 0.0) for tokens, each in used) / 1e6, 6)
