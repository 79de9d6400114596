"""A small dataset that the gate accepts, with its pool, checks and articles."""

from regtune.contracts import Chunk, QACheck, QAPair

QUOTA = {"lookup": 4, "procedure": 3, "negative": 2}
POOL = {"lookup": 1, "procedure": 1, "negative": 1}
TOPICS = ["병가", "외출", "출장", "숙박", "당직", "승진", "정년", "휴직", "복직", "조퇴", "교육", "표창"]


def chunks_of_seven_articles() -> list[Chunk]:
    """An article for each of the first seven topics."""
    return [
        Chunk(
            chunk_id=f"c{number}",
            regulation_id="rules",
            regulation_title="취업규칙",
            article=f"제{number}조",
            path=(f"제{number}조({topic})",),
            text=f"제{number}조({topic}) {topic}은 {number}일 전까지 신청하여야 한다.",
            token_count=20,
            page_first=1,
            page_last=1,
            text_sha256="",
        )
        for number, topic in enumerate(TOPICS[:7], 1)
    ]


def _pair(qa_id: str, qa_type: str, number: int) -> QAPair:
    topic = TOPICS[number]
    negative = qa_type == "negative"
    return QAPair.model_validate(
        {
            "qa_id": qa_id,
            "type": qa_type,
            "question": f"{topic}은 며칠 전까지 신청해야 합니까?",
            "answer": "없음. 규정에 관련 내용이 없습니다." if negative else f"{number + 1}일 전까지 신청합니다.",
            "chunk_id": f"c{number % 7 + 1}",
            "evidence": None if negative else f"{topic}은 {number + 1}일 전까지 신청하여야 한다.",
            "model": "",
            "prompt_sha256": "",
            "request_sha256": "",
        }
    )


def check_of(pair: QAPair) -> QACheck:
    """A check that the pair passed."""
    figure = ("negative_evidence", 0.1) if pair.type == "negative" else ("grounding", 0.95)
    return QACheck(qa_id=pair.qa_id, passed=True, reasons=(), figures=dict([figure]))


def sound_dataset() -> tuple[list[QAPair], list[QAPair], list[QACheck]]:
    """Nine pairs and a pool of three that meet every expectation."""
    types = [qa_type for qa_type, count in QUOTA.items() for _ in range(count)]
    pairs = [_pair(f"q{number}", qa_type, number) for number, qa_type in enumerate(types)]
    pool = [_pair(f"p{number}", qa_type, 9 + number) for number, qa_type in enumerate(POOL)]
    return pairs, pool, [check_of(pair) for pair in (*pairs, *pool)]
