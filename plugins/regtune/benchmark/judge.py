"""The judge: ratings of single answers and comparisons of two, by the model behind endpoints.judge.

In: questions with their articles, and answers. Out: Verdicts, sorted. A rating is guided by the reference answer and
sees the article; two answers are compared in both orders, because judges favour a place (Zheng et al. 2023). What
the answers say is untrusted: it cannot close its delimiters, and a judge that quotes it quotes no verdict. A reply
without one verdict is asked again with another seed, and is unscored after benchmark.judge_attempts: never a zero.
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from regtune.benchmark.metrics import SystemName
from regtune.benchmark.rows import Answer, Verdict
from regtune.benchmark.systems import Asked
from regtune.benchmark_config import BenchmarkConfig
from regtune.errors import PrerequisiteMissingError
from regtune.llm import Endpoint
from regtune.progress import Progress
from regtune.prompts import neutralise, render
from regtune.replies import Reply, Request

_log = logging.getLogger(__name__)
Grade = Annotated[int, Field(ge=1, le=5), WithJsonSchema({"enum": [1, 2, 3, 4, 5], "type": "integer"})]
_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)|^.*</think>", re.DOTALL)
_UNREADABLE = "unreadable:"
_MANY_ERRORS = 0.05
"""Share of the cases: a judge that was away for more than that is no judge of the run."""
_MOST_BRACES = 100
"""At which a verdict is looked for: a reply of nothing but braces ends."""
_LONGEST_REASON = 4000
"""Characters kept of a reason, whatever a judge without a limit writes."""


class Rating(BaseModel):
    """What the judge replies about one answer; the reason comes first, so that the grades follow from it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str
    correctness: Grade
    completeness: Grade
    groundedness: Grade


class Preference(BaseModel):
    """What the judge replies about two answers."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    winner: Literal["A", "B", "tie"]


@dataclass(frozen=True)
class Case:
    """One thing to judge. Without `opponent` a rating, with it a comparison with `answer` as A."""

    asked: Asked
    answer: Answer
    opponent: Answer | None = None


async def judge(
    endpoint: Endpoint, cases: Sequence[Case], prompts: Mapping[str, str], config: BenchmarkConfig, seed: int
) -> list[Verdict]:
    """Judge every case; verdicts in the order of the cases.

    Raises:
        PrerequisiteMissingError: the endpoint was unreachable, or failed, in many cases. Unreadable verdicts are none.
    """
    verdicts: dict[int, Verdict] = {}
    for attempt in range(1, config.judge_attempts + 1):
        open_cases = [i for i in range(len(cases)) if i not in verdicts or verdicts[i].unscored is not None]
        if not open_cases:
            break
        if attempt > 1:
            _log.info("judge: %d verdicts are missing, attempt %d", len(open_cases), attempt)
        requests = [_request(cases[i], prompts, config, seed + attempt - 1) for i in open_cases]
        replies = await _ask(endpoint, requests)
        verdicts |= {i: read_verdict(cases[i], reply, attempt) for i, reply in zip(open_cases, replies, strict=True)}
        if endpoint.gave_up:  # it was waited for: not anew for each attempt
            _hold_to_answers(endpoint, list(verdicts.values()))
    _hold_to_answers(endpoint, list(verdicts.values()))
    unscored = sum(verdict.unscored is not None for verdict in verdicts.values())
    _log.log(logging.WARNING if unscored else logging.INFO, "judge: %d verdicts, %d unscored", len(cases), unscored)
    return [verdicts[i] for i in range(len(cases))]


def _hold_to_answers(endpoint: Endpoint, verdicts: Sequence[Verdict]) -> None:
    """Raise where the endpoint itself failed in many cases; ops mend it, and nothing is lost."""
    reasons = [verdict.unscored for verdict in verdicts if verdict.unscored is not None]
    errors = [reason for reason in reasons if not reason.startswith(_UNREADABLE)]
    if len(errors) > _MANY_ERRORS * len(verdicts):
        how = "was unreachable" if endpoint.gave_up else "failed"
        raise PrerequisiteMissingError(
            f"{endpoint.config.base_urls[0]}: {endpoint.config.model} {how} in {len(errors)} of {len(verdicts)} cases "
            f"({errors[0]}); mend endpoints.judge and run again: the verdicts that were given are kept."
        )


async def _ask(endpoint: Endpoint, requests: Sequence[Request]) -> list[Reply]:
    """Ask, what is the same once: systems often give the same answer, and both would be in flight together."""
    distinct = {request.messages: request for request in requests}
    progress = Progress("verdicts", len(distinct))
    replies = await endpoint.ask_all(list(distinct.values()), lambda _index, _reply: progress.advance())
    by_messages = dict(zip(distinct, replies, strict=True))
    return [by_messages[request.messages] for request in requests]


def cases_of(
    asked: Mapping[str, Asked],
    answers: Mapping[tuple[SystemName, str], Answer],
    pairs: Sequence[tuple[SystemName, SystemName]],
) -> list[Case]:
    """Every answer to rate, and every pair of answers in both orders; failures are left out.

    Args:
        asked: by qa_id.
        answers: by (system, qa_id).
        pairs: systems compared.
    """
    given = {key: answer for key, answer in answers.items() if answer.failure is None}
    cases = [Case(asked[qa_id], answer) for (_, qa_id), answer in given.items()]
    for system, opponent in pairs:
        for qa_id, row in asked.items():
            one, other = given.get((system, qa_id)), given.get((opponent, qa_id))
            if one is not None and other is not None:
                cases += [Case(row, one, other), Case(row, other, one)]
    return cases


def read_verdict(case: Case, reply: Reply, attempt: int) -> Verdict:
    """Read a reply; one that is no verdict makes an unscored one."""
    fields = {
        "kind": "rating" if case.opponent is None else "pairwise",
        "qa_id": case.answer.qa_id,
        "system": case.answer.system,
        "opponent": case.opponent.system if case.opponent else None,
        "attempts": attempt,
        "request_sha256": reply.request_sha256,
    }
    if reply.finish_reason == "error":
        return Verdict.model_validate({**fields, "unscored": reply.text})
    found = _verdicts_in(reply.text, Rating if case.opponent is None else Preference)
    if len(found) > 1:  # one of them may be the answer's own, quoted
        return Verdict.model_validate({**fields, "unscored": f"{_UNREADABLE} reply: several_verdicts"})
    (text,) = found
    try:
        if case.opponent is None:
            rating = Rating.model_validate_json(text).model_dump()
            reason = rating.pop("reason")[:_LONGEST_REASON]
            return Verdict.model_validate({**fields, **rating, "reason": reason, "unscored": None})
        preference = Preference.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "reply"
        return Verdict.model_validate({**fields, "unscored": f"{_UNREADABLE} {where}: {problem['type']}"})
    winners = {"A": case.answer.system, "B": case.opponent.system, "tie": "tie"}
    return Verdict.model_validate(
        {
            **fields,
            "reason": preference.reason[:_LONGEST_REASON],
            "winner": winners[preference.winner],
            "unscored": None,
        }
    )


def _verdicts_in(text: str, schema: type[BaseModel]) -> list[str]:
    """Return the objects with the schema's fields, once what differs in its reason alone; without one, the first."""
    text = _THOUGHT.sub("", text)
    decoder, first, position = json.JSONDecoder(), "", text.find("{")
    found: dict[str, str] = {}
    for _ in range(_MOST_BRACES):
        if position < 0:
            break
        try:
            content, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            first = first or text[position:end]
            if schema.model_fields.keys() <= content.keys():
                graded = {name: value for name, value in content.items() if name != "reason"}
                found[json.dumps(graded, sort_keys=True)] = text[position:end]
        position = text.find("{", end)
    return list(found.values()) or [first]


def _request(case: Case, prompts: Mapping[str, str], config: BenchmarkConfig, seed: int) -> Request:
    chunk, question = case.asked.chunk, case.asked.question
    shown = {
        "regulation": neutralise(" ".join((chunk.regulation_title, *chunk.path))),
        "article": neutralise(chunk.text),
        "question": neutralise(question.question),
        "reference": neutralise(question.answer),
    }
    schema: type[BaseModel]
    if case.opponent is None:
        prompt = render(dict(prompts), "judge_rating", **shown, answer=neutralise(case.answer.answer))
        schema = Rating
    else:
        a, b = neutralise(case.answer.answer), neutralise(case.opponent.answer)
        prompt = render(dict(prompts), "judge_pairwise", **shown, answer_a=a, answer_b=b)
        schema = Preference
    return Request(
        messages=(("user", prompt),),
        max_tokens=config.judge_max_tokens,
        temperature=0.0,
        top_p=1.0,
        seed=seed,
        schema=schema.model_json_schema(),
    )
