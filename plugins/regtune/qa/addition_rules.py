"""The rule on additions: the answer says nothing that neither its article nor its question knows of.

Reason: invented_addition. What an answer adds shows by nouns that name something of their own (공증, 동의서, 감봉): one
of them, or two in the first clause of a pair that names no evidence. Words that any answer may
be put in (기회, 나머지, 일주일) name nothing.
"""

import re

from regtune.korean.citations import without_citations
from regtune.korean.everyday import names_of
from regtune.korean.quantities import read_quantities
from regtune.qa.case import Case

_GENERAL_TEXT = """
가능 가운데 각자 각각 감액 개인 결과 경우 경우의 계산 계속 곧 관련 구분 그것 그날 그달 그대로 그동안 그때 그중 그해
근거 금액 금요일 금지 기간 기본 기준 기한 기회 나머지 나중 날짜 날인 내면 내용 내 년간 다음 단계 당사자 당일 당초 대로
대상 대상자 덕분 도중 동시 동안 되면 뒤 등 따로 때문 또는 마감 마지막 마찬가지 막판 만큼 매번 매일 먼저 면제 목적 무관
문제 물론 미리 반년 반면 반반 방법 방식 방침 보통 본래 본인 부분 부터 불가 비율 사람 사실 사용 사유 사전 사정 사항
상관 상태 상한 상황 생략 선택 설명 소속 수준 순간 순서 시간 시기 시작 시점 신청 실제 실시 쓰기 아래 안내 앞뒤 양쪽
어느 언제 여부 여유 역할 연속 예외 예정 오전 오후 완료 우선 원래 원칙 월요일 위해 유지 의무 이것 이내 이듬해 이때 이름
이번 이상 이상일 이외 이용 이유 이전 이하 이후 인당 인정 일괄 일반 일부 일수 일정 일주일 임의 자격 자기 자동 자신 자체
작성 적용 전날 전부 전원 전체 전후 절차 절반 정도 정해 제때 제외 제출 제한 조건 조치 종류 종료 주말 주일 준비 중간
중복 즉시 증가 지급 직접 진행 차례 차이 참고 처리 처음 첫날 최대 최소 최장 최저 추가 출국 토요일 통산 퇴근 출근 특별
특정 평일 포함 하면 하루 하한 한도 한번 한정 한편 합계 합산 해당 해도 해서 허용 현재 혜택 확인 회당 회사 회의 효력 후
휴일 요일 오늘 내일 다만 사이 만료 개시 무엇 본문 답변 질문 규정 조항 조문 직원 사원 근로자 가산금 평소 이튿날 나흘 밖
이력 대신 원인 요건 입장 대비 이쪽 둘째 첫째 셋째 그만 형태 방향 쪽 모습 차지 비중 남은 남는
"""
GENERAL = frozenset(_GENERAL_TEXT.split())
"""Words that any answer may be put in."""
_CLAUSE = re.compile(r"(?<=[며고나만지서])[,\s]\s*(?=\S{2,})|(?<=[.!?])\s+|\n|[①-⑳]")
_PARTICLES = re.compile(r"(?:[은는이가을를의에도와과로만]|으로|에게|까지|부터|이나|에는|에게는|이며|이고)+$")
_FEWEST = 2
_SHORTEST = 2


def addition(case: Case) -> list[str]:
    """Judge what the answer names."""
    if case.source is None:
        return []
    clauses = [part for part in _CLAUSE.split(without_citations(case.answer)) if part]
    named = [_foreign(case, clause) for clause in clauses]
    later = [noun for nouns in named[1:] for noun in nouns]
    everywhere = [noun for nouns in named for noun in nouns]
    fewest = _FEWEST if case.place is None else 1
    if not later and len(set(everywhere)) < fewest:
        return []
    case.figures["invented_terms"] = ", ".join(dict.fromkeys(everywhere))
    return ["invented_addition"]


def _foreign(case: Case, clause: str) -> list[str]:
    """Nouns of a clause that name something which neither chunk nor question has."""
    assert case.source is not None
    return [
        noun
        for noun in case.corpus.nouns(clause)
        if len(noun) >= _SHORTEST
        and re.search(rf"(?<![가-힣]){re.escape(noun)}", clause.lower())
        and noun not in GENERAL
        and noun not in case.question
        and not read_quantities(noun)
        and not read_quantities(f"{noun}원")
        and not case.source.holds(noun)
        and len(_PARTICLES.sub("", noun)) >= _SHORTEST
        and not case.source.holds(_PARTICLES.sub("", noun))
        and not any(case.source.holds(written) for written in names_of(noun))
        and not any(case.source.holds(part) for part in _halves(noun))
    ]


def _halves(noun: str) -> list[str]:
    """부모 of 부모상: a tagger takes a compound for one noun that it does not know."""
    return [noun[:-1]] if len(noun) > _SHORTEST else []


RULES = (addition,)
