"""Near duplicates: F1 on the labelled pairs beside TF-IDF at 0.9 and both forms of TF-IDF, and 100,000 questions."""

import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
QUESTIONS, BASELINE = 100_000, 0.9
SEED = 7
_OWNERS = """
연구직 행정직 기술직 계약직 수습 임원 팀장 본부장 운전원 당직자 파견자 휴직자 신규채용자 퇴직자 감사 위원
"""
_THINGS = """
병가 공가 연차 육아휴직 질병휴직 출장 국외출장 숙박비 일비 식비 경조금 상여금 퇴직금 학자금 사택 차량
법인카드 출입증
노트북 보안구역 징계 포상 승진 전보 겸직 재택근무 시차출퇴근 당직 교육 건강검진
복지포인트 문서 인감 계약 물품 회의록 예산
"""
_ACTS = """
신청 승인 취소 변경 연장 정산 보고 제출 점검 반납 통지 등록 심의 평가 지급 환수 폐기 열람 위임 기록
"""
_ASKS = (
    "은 언제까지 합니까?",
    "은 누가 합니까?",
    "은 어떻게 합니까?",
    "에 필요한 서류는 무엇입니까?",
    "은 며칠 걸립니까?",
    "은 어디에서 합니까?",
    "을 할 수 있습니까?",
    "을 반드시 해야 하나요?",
    " 사유는 무엇인가요?",
    " 주기는 어떻게 되나요?",
)


def main() -> None:
    """Print F1 of each way and what the large collection takes."""
    from qa.duplicate_pairs import FRESH, HELD_BACK, TUNE, f1_of

    from regtune.config import load_config

    similarity = load_config(REPOSITORY / "include/config/pipeline.yaml").validate_.duplicate_similarity
    for half in (TUNE, HELD_BACK, FRESH):
        for name, find in ways(similarity).items():
            precision, recall, score = f1_of(half, find)
            print(f"duplicates, {half}, {name}: precision {precision:.3f}, recall {recall:.3f}, F1 {score:.3f}")
    questions = made_up(QUESTIONS)
    before = peak_mib()
    started, busy = time.perf_counter(), time.process_time()
    from regtune.qa.duplicates import duplicate_pairs

    found = duplicate_pairs(questions, similarity)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    print(
        f"duplicates: {len(questions):,} questions in {seconds:.0f} s ({busy:.0f} s of one core), {len(found):,} pairs"
    )
    print(f"duplicates: peak {peak_mib()} MiB, {before} MiB before")


def peak_mib() -> int:
    """Of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def ways(similarity: float) -> dict[str, Callable[[list[tuple[str, str]]], set[tuple[str, str]]]]:
    """What is compared: regtune, TF-IDF alone over characters (the baseline) and over words without endings."""
    from regtune.korean.normalise import folded
    from regtune.qa.asked import read_question
    from regtune.qa.duplicates import duplicate_pairs

    def ours(questions: list[tuple[str, str]]) -> set[tuple[str, str]]:
        return {(pair.a, pair.b) for pair in duplicate_pairs(questions, similarity)}

    ways: dict[str, Callable[[list[tuple[str, str]]], set[tuple[str, str]]]] = {"regtune": ours}
    forms: tuple[tuple[str, Callable[[str], str], dict[str, Any]], ...] = (
        ("characters", folded, {"analyzer": "char_wb", "ngram_range": (2, 4)}),
        ("words without endings", lambda text: read_question(text).core, {"token_pattern": r"\S+"}),
    )
    for name, form, settings in forms:
        for floor in (BASELINE, similarity):
            ways[f"TF-IDF over {name} at {floor}"] = _by_cosine(form, settings, floor)
    return ways


def _by_cosine(
    form: Callable[[str], str], settings: dict[str, Any], floor: float
) -> Callable[[list[tuple[str, str]]], set[tuple[str, str]]]:
    def find(questions: list[tuple[str, str]]) -> set[tuple[str, str]]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectors = TfidfVectorizer(**settings).fit_transform([form(text) for _, text in questions])
        scores = (vectors @ vectors.T).tocoo()
        near = zip(scores.row, scores.col, scores.data, strict=True)
        return {(questions[i][0], questions[j][0]) for i, j, score in near if i < j and score >= floor}

    return find


def made_up(count: int) -> list[tuple[str, str]]:
    """Questions of one make, all different in their text: numbers, owners, things, acts and what is asked."""
    random.seed(SEED)
    texts: dict[str, None] = {}
    lists = (_OWNERS.split(), _THINGS.split(), _ACTS.split(), _ASKS)
    while len(texts) < count:
        owner, thing, act, ask = (random.choice(words) for words in lists)
        condition = random.choice(
            ("", "", f"{random.randint(2, 30)}일을 초과하는 ", f"{random.randint(1, 20)}년 이상 근속한 ")
        )
        texts[f"{condition}{owner} 직원의 {thing} {act}{ask}"] = None
    return [(f"q{number:06}", text) for number, text in enumerate(texts)]


if __name__ == "__main__":
    main()
