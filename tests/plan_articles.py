"""A hundred articles of unlike shape: one to four 항, some with figures, some with procedures, some with neither."""

from stand_in import chunk_of

from regtune.contracts import Chunk


def articles(count: int) -> list[Chunk]:
    """Chunks of one regulation."""
    return [_article(number, number % 17 + 2) for number in range(1, count + 1)]


def revised(chunks: list[Chunk], index: int) -> list[Chunk]:
    """The same with another figure, and one 항 more, in one article."""
    changed = list(chunks)
    number = index + 1
    changed[index] = _article(number, number % 17 + 3, " ⑤ 개정된 사항은 30일 전까지 신청하여야 한다.")
    return changed


def _article(number: int, days: int, more: str = "") -> Chunk:
    passages = [
        f"① 직원은 {days}일 이내의 휴가 {number}호를 사용할 수 있다.",
        f"② 휴가 {number}호를 사용하려는 직원은 {days}일 전까지 신청서를 제출하여야 한다.",
        f"③ 휴가 {number}호의 운영에 필요한 사항은 대표이사가 정한다.",
        f"④ 부서장은 휴가 {number}호의 신청을 받으면 {days + 1}일 이내에 승인한다.",
    ][: number % 4 + 1]
    heading = f"제{number}조(휴가 {number}호)"
    return chunk_of(f"{heading} " + "\n".join(passages) + more, f"제{number}조", heading)
