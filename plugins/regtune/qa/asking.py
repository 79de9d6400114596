"""The request that asks the generator for one pair: the prompt of its type, its sampling, its seed.

In: a slot of the plan with its chunk and what was refused before. Out: a Request, the same for the same input. What all
prompts of a type share stands first, then the article, then what is asked about it, then what was refused: the server's
prefix cache serves as much as two prompts have in common from their beginning.
"""

import re
from collections.abc import Mapping, Sequence

from regtune.artifacts import sha256_of_bytes
from regtune.contracts import Chunk, RunSpec
from regtune.errors import ConfigurationError
from regtune.prompts import neutralise, render
from regtune.qa.acceptance import ADVICE, PairReply, Refusal
from regtune.qa.plan import Slot
from regtune.replies import Request

_SCHEMA = PairReply.model_json_schema()
_NEEDS = {
    "lookup": ("regulation", "article", "focus", "angle"),
    "procedure": ("regulation", "article", "focus", "angle"),
    "negative": ("regulation", "article", "angle", "twin"),
    "again": ("rejected",),
}
"""Prompt -> what it cannot do without: a prompt that lost `$article` would ask about nothing, and get replies."""
PROMPTS = tuple(_NEEDS)
"""Names of the prompts that generate asks by."""


def check_prompts(prompts: Mapping[str, str]) -> None:
    """See that every prompt of generate is there and shows what it has to.

    Raises:
        ConfigurationError: names the file and the variable.
    """
    for name, needed in _NEEDS.items():
        if name not in prompts:
            raise ConfigurationError(f"include/prompts/{name}.md: not there; generate needs it.")
        for variable in needed:
            if not re.search(rf"\$(?:{variable}\b|{{{variable}}})", prompts[name]):
                raise ConfigurationError(f"include/prompts/{name}.md: ${variable} is not in it; put it back.")


def request_for(slot: Slot, chunk: Chunk, twin: str, refused: Sequence[Refusal], spec: RunSpec, seed: int) -> Request:
    """Ask for the pair of a slot.

    Args:
        slot: of the plan.
        chunk: that the slot names.
        twin: the answerable question that a negative is modelled on; else empty.
        refused: what came of the attempts before, in order; tells the model what to mend.
        spec: the run's recipe.
        seed: of the pairs, or of the pool.
    """
    config = spec.config.generate
    prompt = render(
        spec.prompts,
        slot.type,
        regulation=neutralise(" / ".join([chunk.regulation_title, *chunk.path])),
        article=neutralise(chunk.text),
        focus=neutralise(slot.passage),
        angle=slot.angle,
        twin=neutralise(twin),
    )
    told = [refusal for refusal in refused if refusal.reason in ADVICE]
    if told:
        rejected = "\n".join(f"질문: {neutralise(r.question) or '(없음)'}\n이유: {ADVICE[r.reason]}" for r in told)
        prompt = f"{prompt}\n\n{render(spec.prompts, 'again', rejected=rejected)}"
    # The attempt is part of the seed: a reply that was no JSON must not be drawn again word for word.
    drawn = sha256_of_bytes(f"{seed}:{slot.type}:{slot.angle}:{slot.passage}:{len(refused) + 1}".encode())
    return Request(
        messages=(("user", prompt),),
        max_tokens=config.max_tokens,
        temperature=config.temperature,
        top_p=config.top_p,
        seed=int(drawn[:8], 16) // 2,
        schema=_SCHEMA,
    )
