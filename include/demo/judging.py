"""How the stand-in judges, verifies and answers freely: by quantities and words that two texts share.

In: prompts with the delimiters of the judge and of the verifier, or a plain question. Out: the reply's fields. Crude
next to a real judge, but it rewards right figures, an honest 없음 and nothing invented, and it is deterministic. Asked
without an article it answers from what it has read of the regulations once (recall.py).
"""

import re
from collections.abc import Iterable

from article import Article, Passage, read_article
from extraction import between
from fact_questions import answered
from recall import bigrams, recalled
from wording import all_polite

_ABSENT = re.compile(
    r"^없음|없음[.\s]*$|(?:규정|내용|바|기준|조항)(?:이|가|은|는|도|을|에|에는)? ?(?:없|찾을 수 없)"
    r"|정하고 있지 않|(?:규정|명시)되어 있지 않"
)
_QUANTITY = re.compile(r"\d[\d,.]*\s?(?:억|만|천)*\s?[가-힣%]{1,2}")
_CITATION = re.compile(r"제\d+(?:조(?:의\d+)?|항|호)")
_RIGHT = ("supported", "correct", "yes", "pass", "true", "valid", "ok", "맞음", "적합", "근거 있음", "참")
_CLOSE = 0.15
_HIGHEST = 5


def rating(prompt: str) -> dict[str, str | int]:
    """Grade <답변> against <모범답안> and <조문>."""
    reference, answer, article = between(prompt, "모범답안"), between(prompt, "답변"), between(prompt, "조문")
    if says_absent(reference):
        right = says_absent(answer)
        grade = _HIGHEST if right else 1
        reason = (
            "모범답안과 같이 규정에 없다고 답하였습니다." if right else "규정에 없는 내용인데 있는 것처럼 답하였습니다."
        )
        return {"reason": reason, "correctness": grade, "completeness": grade, "groundedness": grade}
    if says_absent(answer) or not answer.strip():
        reason = "규정에 있는 내용인데 답하지 못하였습니다."
        return {"reason": reason, "correctness": 1, "completeness": 1, "groundedness": 3}
    figures = _recall(quantities(reference), quantities(answer))
    words = _recall(bigrams(reference), bigrams(answer))
    grounded = _recall(bigrams(answer), bigrams(article + reference))
    invented = bool(quantities(answer) - quantities(article) - quantities(reference))
    correct = min(figures, 0.4) if invented else (0.5 * figures + 0.5 * min(1.0, words * 1.2))
    return {
        "reason": f"모범답안의 수치와 {figures:.0%}, 표현과 {words:.0%} 일치합니다.",
        "correctness": _grade(correct),
        "completeness": _grade(0.5 * figures + 0.5 * words),
        "groundedness": _grade(min(grounded, 0.4) if invented else grounded),
    }


def preference(prompt: str) -> dict[str, str]:
    """Compare <답변A> with <답변B>."""
    scores = []
    for name in ("답변A", "답변B"):
        single = re.sub(r"<답변[AB]>.*?</답변[AB]>", "", prompt, flags=re.DOTALL)
        graded = rating(f"{single}\n<답변>{between(prompt, name)}</답변>")
        scores.append(sum(float(graded[key]) for key in ("correctness", "completeness", "groundedness")) / 15)
    gap = scores[0] - scores[1]
    winner = "tie" if abs(gap) < _CLOSE else ("A" if gap > 0 else "B")
    return {"reason": f"A는 {scores[0]:.2f}, B는 {scores[1]:.2f}만큼 모범답안에 가깝습니다.", "winner": winner}


def verdict(prompt: str, allowed: Iterable[str]) -> dict[str, str]:
    """Say whether the article bears the answer out; the word is taken from the schema's choices."""
    choices = list(allowed) or ["supported", "unsupported"]
    good = next((choice for choice in choices if choice.lower() in _RIGHT), choices[0])
    bad = next((choice for choice in choices if choice != good), good)
    answer = between(prompt, "답변") or between(prompt, "모범답안")
    article = between(prompt, "조문")
    figures = quantities(answer) <= quantities(article)
    borne_out = says_absent(answer) or (figures and _recall(bigrams(answer), bigrams(article)) > 0.5)  # noqa: PLR2004
    reason = "조문에서 답변의 근거를 확인하였습니다." if borne_out else "답변의 수치나 내용이 조문과 다릅니다."
    return {"verdict": good if borne_out else bad, "reason": reason}


def free_answer(question: str, article_text: str, heading: str) -> str:
    """Answer from the article, or from the one that it recalls."""
    article = read_article(article_text, heading) if article_text else recalled(question)
    if article is None:
        return "없음. 물어보신 내용은 사내 규정에서 찾을 수 없습니다."
    best = max(article.passages, key=lambda passage: _recall(bigrams(question), bigrams(passage.raw)), default=None)
    if best is None or _recall(bigrams(question), bigrams(article.text)) < 0.35:  # noqa: PLR2004 - most of it is foreign
        return f"없음. 물어보신 내용은 {article.cited or '해당 조문'}에 규정되어 있지 않습니다."
    return _stated(article, best, question)


def _stated(article: Article, passage: Passage, question: str) -> str:
    if not passage.statements:
        return all_polite(passage.raw)
    statement = max(passage.statements, key=lambda s: _recall(bigrams(question), bigrams(s.text)))
    return answered(article, passage, statement, question).answer.lstrip()


def says_absent(text: str) -> bool:
    """Whether the text says that the regulations hold no such rule."""
    return bool(_ABSENT.search(text.strip()))


def quantities(text: str) -> set[str]:
    """Figures with their units, citations left out."""
    return {re.sub(r"[\s,]", "", match) for match in _QUANTITY.findall(_CITATION.sub(" ", text))}


def _recall(wanted: set[str], found: set[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 1.0


def _grade(share: float) -> int:
    return max(1, min(_HIGHEST, 1 + round(share * (_HIGHEST - 1))))
