"""Questions that an article seems to answer and does not, in six ways, each modelled on a real article.

In: an article, and the way (대상자, 혜택, 예외, 수치 조건, 잘못된 전제, 인접 사항). Out: Drafts whose answer says 없음.
What is asked about is taken from lists, by field of work, of things that company regulations rarely hold; what the
article itself mentions is left out.
"""

import re

from article import Article
from fact_questions import Draft, subject_words
from wording import with_particle

WAYS = ("대상자", "혜택", "예외", "수치 조건", "잘못된 전제", "인접 사항")

_FIELDS = (
    ("출장", re.compile(r"출장|여비|교통비|숙박|운임|법인카드|정산|영수증|선지급|자가용")),
    ("휴가", re.compile(r"휴가|휴직|병가|공가|복직|휴일|육아|임신")),
    ("금전", re.compile(r"임금|수당|상여|경조금|학자금|퇴직급여|금품|표창|보상|건강진단|정년")),
    ("근무", re.compile(r"근로|근무|근태|출퇴근|지각|조퇴|외출|결근|재택|당직|휴게|복장|복무|회의실|차량|출입증")),
)
_ACTORS = (
    "주말에만 나오는 단기 아르바이트생",
    "채용이 확정된 입사 예정자",
    "사외이사",
    "이미 퇴직한 직원",
    "본사와 계약한 프리랜서 디자이너",
    "해외 법인에서 채용한 현지 직원",
    "계열사에서 옮겨 온 직원",
    "회사 건물에서 일하는 청소 용역 직원",
)
_BENEFITS = {
    "출장": ("공항 라운지 이용", "휴대전화 로밍 요금", "양복 세탁비", "여행용 가방 구입비", "비행기 좌석 승급 비용"),
    "휴가": ("콘도 숙박권", "반려동물 돌봄비", "베이비시터 비용", "산후조리원 이용료", "가사 도우미 비용"),
    "금전": ("전세자금 대출 이자", "치아 교정비", "헬스장 이용료", "안경 구입비", "주택 월세"),
    "근무": ("재택용 의자 구입비", "커피 구독료", "자전거 구입비", "구두 수선비", "안마 의자 이용"),
    "": ("어학 시험 응시료", "명함 제작비", "이삿짐 운송비", "독서 모임 비용", "변호사 선임비"),
}
_CAUSES = {
    "출장": ("비행 공포증이 있는", "채식을 하는", "배우자가 함께 가는", "현지에 친척 집이 있는"),
    "휴가": ("반려동물이 세상을 떠난", "자격증 시험일인", "자녀의 수능 시험일인", "해외 봉사를 떠나는"),
    "금전": ("생애 첫 집을 산", "결혼기념일을 맞은", "주식 투자로 손해를 본", "부모님 칠순을 맞은"),
    "근무": ("폭설로 버스가 끊긴", "아파트 승강기가 고장 난", "자격증 시험을 앞둔", "어린 반려견을 돌보는"),
    "": ("사내 동호회 회장인", "방송에 출연하게 된", "마라톤 대회에 나가는", "책을 출간하게 된"),
}
_CONDITIONS = (
    "집에서 회사까지 두 시간이 넘게 걸리면",
    "팀원이 3명이 안 되는 팀이면",
    "마라톤을 20번 넘게 완주했으면",
    "연봉이 1억 원을 넘으면",
    "나이가 만 57세를 넘으면",
    "토익 점수가 900점을 넘으면",
    "특허를 7건 넘게 냈으면",
    "회사 주식을 1,000주 넘게 가지고 있으면",
)
_PREMISES = (
    ("신청자 추첨", "언제 하나요?"),
    ("보증금", "얼마를 맡겨야 하나요?"),
    ("만족도 설문", "몇 문항인가요?"),
    ("모바일 쿠폰", "언제까지 쓸 수 있나요?"),
    ("우수 사례 공모전", "언제 열리나요?"),
    ("외부 위탁 업체", "어디인가요?"),
    ("안내 동영상", "몇 분짜리인가요?"),
    ("전담 변호사", "누구인가요?"),
)
_NEIGHBOURS = {
    "출장": ("해외 주재원 주거비", "전동 킥보드 대여", "출장 중 관광", "장거리 통근자 기차표"),
    "휴가": ("안식월", "반려동물 돌봄휴가", "회사 휴양소 이용", "육아 품앗이"),
    "금전": ("스톡옵션", "우리사주", "사내 대출", "명절 선물"),
    "근무": ("통근버스", "주 4일제", "낮잠 시간", "구내식당 이용"),
    "": ("사택 입주", "사내 동호회 지원", "사내 도서관 이용", "임직원 할인 판매"),
}
_REGULATION = "회사"


def negative_drafts(article: Article, way: str) -> list[Draft]:
    """Return a draft for each thing of the way's list that the article does not mention."""
    subject = article.title if subject_words(article) else (article.regulation or _REGULATION)
    field = next((name for name, words in _FIELDS if words.search(subject)), "")
    asked = {
        "대상자": [(f"{a}도 {subject} 적용을 받나요?", f"{a}에 대한 {subject} 적용") for a in _ACTORS],
        "혜택": [(f"{subject}에 {b} 지원도 포함되나요?", f"{b} 지원") for b in _BENEFITS[field]],
        "예외": [(f"{c} 경우에는 {subject}에 예외를 둘 수 있나요?", f"{c} 경우의 예외") for c in _CAUSES[field]],
        "수치 조건": [(f"{c} {subject} 기준이 달라지나요?", f"{c} 달라지는 기준") for c in _CONDITIONS],
        "잘못된 전제": [(f"{subject} {with_particle(p, '은/는')} {ask}", f"{subject} {p}") for p, ask in _PREMISES],
        "인접 사항": [
            (f"{with_particle(subject, '과/와')} 별도로 {m} 제도도 운영하나요?", f"{m} 제도")
            for m in _NEIGHBOURS[field]
        ],
    }[way]
    return [
        Draft(question, _absent(article, matter, len(subject)), "")
        for question, matter in asked
        if not any(word in article.text for word in matter.removeprefix(subject).split()[:2])
    ]


def _absent(article: Article, matter: str, turn: int) -> str:
    """One of several natural ways to say 없음; `turn` picks it."""
    regulation = article.regulation or f"{_REGULATION} 규정"
    ways = (
        f"없음. {matter}에 관한 내용은 {regulation}에 규정되어 있지 않습니다.",
        f"{regulation}에는 {matter}에 관한 규정이 없습니다.",
        f"사내 규정에서 {matter}에 관한 내용을 찾을 수 없습니다.",
        f"{matter}에 대해서는 {regulation}에 정해진 바가 없습니다.",
        f"없음. {with_particle(regulation, '은/는')} {matter}에 관하여 따로 정하고 있지 않습니다.",
    )
    return ways[(turn + len(matter)) % len(ways)]
