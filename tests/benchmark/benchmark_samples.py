"""Two articles, and how a test makes rows and answers about them."""

from regtune.benchmark.rows import Answer
from regtune.benchmark.scores import score_answer
from regtune.benchmark.systems import Asked
from regtune.config import PipelineConfig
from regtune.contracts import Chunk, QAPair

ARTICLES = {
    "제15조": "제15조(경조휴가) ① 직원이 결혼하는 때에는 5일의 휴가를 준다. ② 신청은 3일 전까지 부서장에게 한다.",
    "제16조": "제16조(병가) 병가는 연 30일 이내로 하며, 7일을 초과하는 때에는 진단서를 인사총무팀에 제출하여야 한다.",
}


def chunk_of(article: str) -> Chunk:
    """One of the two articles."""
    return Chunk(
        chunk_id=f"work-rules:{article}",
        regulation_id="work-rules",
        regulation_title="취업규칙",
        article=article,
        path=("제4장 휴가", article),
        text=ARTICLES[article],
        token_count=40,
        page_first=1,
        page_last=1,
        text_sha256="",
    )


def asked_of(qa_id: str, qa_type: str, question: str, answer: str, article: str = "제15조") -> Asked:
    """One row of the evaluation."""
    pair = QAPair.model_validate(
        {
            "qa_id": qa_id,
            "type": qa_type,
            "question": question,
            "answer": answer,
            "chunk_id": f"work-rules:{article}",
            "evidence": None,
            "model": "m",
            "prompt_sha256": "",
            "request_sha256": "",
        }
    )
    return Asked(pair, chunk_of(article), in_test=True, article_seen=article == "제15조")


def answer_of(row: Asked, system: str, text: str, config: PipelineConfig, failure: str | None = None) -> Answer:
    """An answer with its deterministic scores."""
    scores = None if failure else score_answer(text, row.question, row.chunk, config.benchmark)
    return Answer.model_validate(
        {
            "qa_id": row.question.qa_id,
            "system": system,
            "answer": text,
            "failure": failure,
            "truncated": False,
            "tokens": 5,
            "seconds": 0.1,
            "scores": scores,
        }
    )
