"""What the stand-in answers to a request for a question with its answer: it extracts, it does not write.

In: the article, the type asked for, the point to ask about and the questions turned down before, all read from the
prompt's delimiters. Out: question, answer, evidence and article. The same request gives the same reply.
"""

import re
from dataclasses import dataclass

from article import Article, Passage, Statement, read_article, read_passage
from fact_questions import Draft, answered, fact_drafts, fallback_draft
from negative_questions import WAYS, negative_drafts
from procedure_questions import procedure_drafts
from quantity_questions import quantity_questions
from table_questions import is_row, row_drafts

_QUANTITY = re.compile(
    r"\d[\d,.]*(?=\s?(?:억|만|천)*(?:원|일|개월|년|시간|분|회|명|퍼센트|영업일|주|세|점|킬로미터|시))"
)


@dataclass(frozen=True)
class Wanted:
    """What a prompt for a question asks for."""

    article: Article
    type: str
    """`단순 조회형`, `절차형` or `부정형`."""
    angle: str
    passage: Passage | None
    """None: the whole article."""
    twin: str
    """The answerable question that a negative is modelled on."""
    turned_down: tuple[str, ...]
    """Questions of earlier attempts."""


def wanted(prompt: str) -> Wanted:
    """Read a prompt's delimiters."""
    focus = between(prompt, "초점")
    return Wanted(
        article=read_article(between(prompt, "조문"), between(prompt, "규정")),
        type=between(prompt, "유형"),
        angle=between(prompt, "관점"),
        passage=read_passage(focus) if focus else None,
        twin=between(prompt, "짝"),
        turned_down=tuple(re.findall(r"질문: (.+)", between(prompt, "반려"))),
    )


def between(prompt: str, name: str) -> str:
    """Return what stands between <name> and </name>; a name that the instructions only mention does not count."""
    match = re.search(rf"<{name}>([^<>]*)</{name}>", prompt)
    return match[1].strip() if match else ""


def question_with_answer(prompt: str, draw: int) -> dict[str, str]:
    """Make the reply; `draw` is any number that the request determines."""
    request = wanted(prompt)
    drafts = [draft for draft in _drafts(request) if draft.question not in request.turned_down]
    if not drafts and not request.passage:
        drafts = _anywhere(request)
    if not drafts:
        return {"question": "", "answer": "", "evidence": "", "article": request.article.number}
    draft = drafts[draw % len(drafts)]
    return {
        "question": draft.question,
        "answer": draft.answer,
        "evidence": draft.evidence,
        "article": request.article.number,
    }


def falsified(reply: dict[str, str]) -> dict[str, str]:
    """Change the first quantity of the answer (the citation and the evidence stay), for tests of a refused gate."""
    if not reply["evidence"]:
        return reply  # a negative states no figure
    cited, mark, stated = reply["answer"].partition("에 따라 ")
    if not mark:
        cited, stated = "", reply["answer"]
    changed = _QUANTITY.sub(lambda match: str(int(re.sub(r"\D", "", match[0])) * 2 + 1), stated, count=1)
    return {**reply, "answer": f"{cited}{mark}{changed}"}


def _drafts(request: Wanted) -> list[Draft]:
    if request.type == "부정형":
        return negative_drafts(request.article, request.angle if request.angle in WAYS else WAYS[0], request.twin)
    passages = [request.passage] if request.passage else list(request.article.passages)
    if request.article.number.startswith(("별지", "서식")):
        return []  # a form holds blanks, not rules
    if request.passage and is_row(request.passage.raw):
        return row_drafts(request.article, request.passage.raw)
    if request.type == "절차형":
        return [draft for passage in passages for draft in procedure_drafts(request.article, passage, request.angle)]
    quantities = [draft for passage in passages for draft in _quantity_drafts(request.article, passage)]
    facts = [draft for passage in passages for draft in fact_drafts(request.article, passage)]
    return (quantities or facts) if request.angle == "수치" else (facts or quantities)


def _quantity_drafts(article: Article, passage: Passage) -> list[Draft]:
    """A proviso that stands alone is its own answer; a question about the rule gets its provisos too."""
    drafts = []
    for statement in passage.statements:
        labelled = "각 호" in statement.main and any(": " in text for _, text in passage.items)
        if not labelled:
            drafts += [answered(article, passage, statement, q) for q in _asked(article, statement.main)]
        for proviso in statement.provisos:
            alone = Statement(proviso.removeprefix("다만,").strip(), ())
            drafts += [answered(article, passage, alone, question) for question in _asked(article, proviso)]
    return drafts


def _asked(article: Article, sentence: str) -> list[str]:
    """`이 규정은` means the regulation, which a question has to name."""
    return quantity_questions(re.sub(r"(?<![가-힣])이 (?:규정|규칙)(?=[은의을 ])", article.regulation, sentence))


def _anywhere(request: Wanted) -> list[Draft]:
    """Nothing is left in what the article was read for: ask for its plain content."""
    if request.type == "부정형":
        drafts = [draft for way in WAYS for draft in negative_drafts(request.article, way, request.twin)]
    else:
        drafts = [fallback_draft(request.article, passage) for passage in request.article.passages]
    return [draft for draft in drafts if draft.question not in request.turned_down]
