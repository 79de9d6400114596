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
    "프리랜서로 계약한 외부 디자이너",
    "홍보를 돕는 대학생 서포터즈",
    "명예 홍보대사로 위촉된 운동선수",
    "주식시장에서 지분을 산 소액주주",
    "공동 연구를 하는 대학교수",
    "행사를 돕는 자원봉사자",
    "해외 법인이 뽑은 현지인",
    "신제품을 써 보는 고객 체험단",
)
_BENEFITS = {
    "출장": ("여행용 가방 구입비", "공항 라운지 이용료", "휴대전화 로밍 요금", "기념품 구입비", "양복 세탁비"),
    "휴가": ("콘도 숙박권", "반려동물 돌봄비", "테마파크 입장권", "산후조리원 이용료", "취미 강좌 수강료"),
    "금전": ("전세자금 대출 이자", "자동차 할부금", "치아 교정비", "헬스장 이용료", "안경 구입비"),
    "근무": ("사무용 의자 구입비", "커피 구독료", "자전거 구입비", "미용실 이용료", "독서실 이용료"),
    "": ("변호사 선임비", "어학 시험 응시료", "명함 제작비", "이삿짐 운송비", "심리 상담 이용권"),
}
_CAUSES = {
    "출장": ("반려견과 함께 떠나는", "비행 공포증이 있는", "채식 식단이 필요한", "동호회 대회와 일정이 겹치는"),
    "휴가": ("반려동물 장례를 치르는", "이삿날이 겹친", "종교 순례를 떠나는", "아이돌 공연을 보러 가는"),
    "금전": ("결혼기념일을 맞은", "생애 첫 집을 산", "가상자산 투자로 손실을 본", "쌍둥이 조카가 생긴"),
    "근무": ("반려동물이 갑자기 아픈", "아파트 승강기가 고장 난", "자격증 시험공부를 하는", "이웃집 공사로 잠을 설친"),
    "": ("사내 동호회 회장을 맡은", "마라톤 대회에 나가는", "방송 프로그램에 출연하는", "전업 작가를 준비하는"),
}
_CONDITIONS = (
    "어학 성적이 900점을 넘는",
    "특허를 7건 이상 출원한",
    "자원봉사 300시간을 채운",
    "금연에 200일 넘게 성공한",
    "마라톤을 17번 완주한",
    "사내 퀴즈 대회에서 6연승한",
    "몸무게를 15킬로그램 넘게 줄인",
    "가족 걷기 대회에서 우승한",
)
_PREMISES = (
    ("수수료 납부 계좌", "어느 은행인가요?"),
    ("모바일 쿠폰", "언제까지 쓸 수 있나요?"),
    ("전담 변호사", "누구인가요?"),
    ("인증 배지 색상", "무엇인가요?"),
    ("자가진단 설문", "몇 문항인가요?"),
    ("대기자 추첨 날짜", "언제인가요?"),
    ("공모전 시상금", "얼마인가요?"),
    ("위탁 운영 업체", "어디인가요?"),
)
_NEIGHBOURS = {
    "출장": ("사내 카풀 운영", "전동 킥보드 대여", "해외 주재원 자녀 교육", "여행 경비 대출"),
    "휴가": ("생일자 조기 퇴근", "회사 휴양소 예약", "안식월 운영", "사내 어린이집 입소"),
    "금전": ("스톡옵션 부여", "우리사주 배정", "사내 대출 이자율", "명절 선물 세트 지급"),
    "근무": ("통근버스 노선", "주차장 정기권 배정", "낮잠 공간 이용", "구내식당 메뉴 선정"),
    "": ("사택 입주 순번", "동호회 활동 지원금", "사내 도서관 대출", "임직원 할인 판매"),
}
_REGULATION = "회사"


def negative_drafts(article: Article, way: str) -> list[Draft]:
    """Return a draft for each thing of the way's list that the article does not mention."""
    subject = article.title if subject_words(article) else (article.regulation or _REGULATION)
    rule = subject if subject.endswith(("규정", "규칙", "기준")) else f"{subject} 규정"
    field = next((name for name, words in _FIELDS if words.search(subject)), "")
    asked = {
        "대상자": [(f"{a}에게도 {with_particle(rule, '이/가')} 적용되나요?", f"{a}에 대한 적용") for a in _ACTORS],
        "혜택": [(f"{rule}에 따라 {b}도 지원되나요?", f"{b} 지원") for b in _BENEFITS[field]],
        "예외": [(f"{c} 경우에도 {rule}의 예외로 인정되나요?", f"{c} 경우의 예외") for c in _CAUSES[field]],
        "수치 조건": [
            (f"{c} 직원에게는 {with_particle(rule, '이/가')} 다르게 적용되나요?", f"{c} 직원에 대한 특례")
            for c in _CONDITIONS
        ],
        "잘못된 전제": [(f"{rule}에서 정한 {with_particle(p, '은/는')} {ask}", p) for p, ask in _PREMISES],
        "인접 사항": [(f"{subject} 말고 {m}에 관한 기준도 있나요?", m) for m in _NEIGHBOURS[field]],
    }[way]
    return [
        Draft(question, _absent(article, matter, len(subject)), "")
        for question, matter in asked
        if not any(word in article.text for word in matter.split()[:2])
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
