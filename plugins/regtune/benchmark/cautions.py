"""What weakens a benchmark's result, in Korean.

In: settings, summaries, comparisons. Out: sentences for benchmark.json and the top of the report.
"""

import re
from collections.abc import Sequence

from regtune.benchmark.metrics import SYSTEM_TITLES
from regtune.benchmark.results import Comparison, SystemSummary
from regtune.benchmark.wording import model_name, uses_reference, why_not
from regtune.config import PipelineConfig

_FAMILY_NAMES = (
    "qwen llama gpt claude gemini mistral deepseek exaone solar phi hyperclova glm kimi grok command nemotron yi"
)
_FAMILIES = frozenset(_FAMILY_NAMES.split())
_KIN = {
    **dict.fromkeys(("qwq", "qvq", "qwenlong"), "qwen"),
    **dict.fromkeys(("o", "chatgpt", "davinci"), "gpt"),
    **dict.fromkeys(("gemma", "medgemma"), "gemini"),
    **dict.fromkeys(("hyperclovax", "hcx"), "hyperclova"),
    **dict.fromkeys(("codellama", "tinyllama"), "llama"),
    **dict.fromkeys(("mixtral", "ministral", "magistral", "codestral"), "mistral"),
}
FEW_ROWS = 100
MANY_UNSCORED = 0.05
MANY_TRUNCATED = 0.1


def warnings(
    config: PipelineConfig, systems: Sequence[SystemSummary], rows: int, verdicts: int, unscored: int
) -> tuple[str, ...]:
    """What weakens the result."""
    return (*_of_models(config), *_of_counts(rows, verdicts, unscored), *_of_systems(systems))


def judge_warnings(comparisons: Sequence[Comparison], *, ratings_tell: bool) -> tuple[str, ...]:
    """What a judge that cannot tell answers apart is no evidence of."""
    found = []
    if not ratings_tell:
        found.append(
            "판정 모델이 거의 모든 답변에 같은 점수를 주어 답변을 가려내지 못합니다. 판정 점수는 결과로 보지 마십시오."
        )
    found += [
        f"{SYSTEM_TITLES[comparison.opponent]}과의 맞대결에서 판정 모델이 답변을 가려내지 못합니다"
        f"({why_not(comparison)}). 승패는 결과로 보지 마십시오."
        for comparison in comparisons
        if not comparison.tells
    ]
    return tuple(found)


def _of_models(config: PipelineConfig) -> list[str]:
    found = []
    given = config.benchmark.judge_family
    judge = frozenset({given.lower()}) if given else _families(config.endpoints.judge.model)
    generator, student = _families(config.endpoints.generator.model), _families(config.train.base_model)
    if config.endpoints.judge.model == config.endpoints.generator.model:
        found.append("판정 모델이 질문·답변을 만든 모델과 같습니다. 그 모델의 잘못은 점수에 드러나지 않습니다.")
    elif shared := judge & (generator | student):
        kin = " · ".join(n for n, f in (("생성 모델", generator), ("튜닝 모델", student)) if f & judge)
        names = ", ".join(sorted(shared))
        found.append(f"판정 모델이 {kin}과 같은 계열({names})입니다. 같은 계열의 답변에 후할 수 있습니다.")
    if uses_reference(config) and config.endpoints.judge.model == config.endpoints.reference.model:
        found.append("판정 모델이 비교용 대형 모델과 같습니다. 자기 답변에 후할 수 있습니다.")
    return found


def _of_counts(rows: int, verdicts: int, unscored: int) -> list[str]:
    found = []
    if rows < FEW_ROWS:
        found.append(f"평가 문항이 {rows}개뿐이어서 10%p 안팎의 차이는 가려낼 수 없습니다.")
    if verdicts and unscored == verdicts:
        found.append(
            f"판정 모델의 답 {verdicts}건을 하나도 읽지 못해 판정 점수와 맞대결이 없습니다. "
            "endpoints.judge의 모델과 benchmark.judge_max_tokens를 확인해야 합니다."
        )
    elif verdicts and unscored / verdicts > MANY_UNSCORED:
        found.append(f"판정 {verdicts}건 중 {unscored}건을 채점하지 못했습니다.")
    return found


def _of_systems(systems: Sequence[SystemSummary]) -> list[str]:
    found = []
    for system in systems:
        if system.rows and system.failures == system.rows:
            found.append(
                f"{system.title}: {system.rows}문항 모두 답변을 얻지 못해 점수도 비교도 없습니다. "
                "까닭은 answers.jsonl의 failure에 있습니다."
            )
        elif system.failures:
            found.append(f"{system.title}: {system.rows}문항 중 {system.failures}문항은 답변을 얻지 못해 제외했습니다.")
        if system.truncated / max(system.rows, 1) > MANY_TRUNCATED:
            found.append(f"{system.title}: 답변 {system.truncated}건이 길이 제한에서 잘렸습니다.")
    return found


def _families(model: str) -> frozenset[str]:
    """`Qwen/Qwen3-Coder-30B` -> qwen, `DeepSeek-R1-Distill-Qwen-32B` -> deepseek, qwen: every family that it names.

    A name of no known family is its own, by its first word.
    """
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", model_name(model))]
    known = {_KIN.get(word, word) for i, word in enumerate(words) if i == 0 or word != "o"} & _FAMILIES
    return frozenset(known or words[:1])
