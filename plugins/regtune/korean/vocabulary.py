"""Words that say the same in company regulations, and words that say nothing by themselves.

In: a morpheme or a word. Out: its group of equals, or whether it carries a claim. General vocabulary of regulations
and of questions about them; nothing here belongs to one company.
"""

_EQUALS = """
직원 근로자 사원 종업원 임직원 구성원 재직자 피고용인
회사 사용자 사업주 고용주
급여 임금 월급 봉급 보수 급료
퇴직 퇴사 사직
신청 청구 요청 신고 접수
제출 내다 내야 접수 제시 첨부
승인 허가 결재 허락 재가 승낙 인가 허용
서류 문서 자료 서식 양식
증명 증빙 입증 확인
통지 통보 고지 알리 알려 안내 전달 연락
지급 주 지불 받 수령 제공 지원 부여
부담 내 물 지불 책임 비용
금지 불가 불가능 없 안 못
가능 있 허용
기한 기간 시한 마감 기일
연장 늘리 늘려 갱신
단축 줄이 줄여 감축
감액 줄이 줄여 깎 차감 감소 삭감 공제
가산 더하 더해 추가 보태 늘리
초과 넘 웃돌 이상
미만 밑돌 안
이내 안 내 까지
사용 쓰 이용 활용 써
분할 나누 나눠 나뉘
작성 적 쓰 기재 기입 써
반납 돌려주 돌려 반환 환급
환수 돌려받 회수
보존 보관 유지
전액 전부 모두 모든
절반 반 분
휴무 휴일 쉬 쉼
근무 근로 일하 일 업무 재직
시작 개시 착수
종료 끝 마치 마친 만료
발급 교부 발행 재발급
재발급 다시
경우 때 시
즉시 바로 곧바로 지체
매년 해마다 연간 연 년
매월 달마다 월 월간
매주 주마다 주
매일 날마다 일
전자우편 이메일 메일 email
누리집 홈페이지 웹사이트 사이트
사회관계망 sns 소셜미디어
전화 유선
서면 문서 글
구두 말
자택 집 재택 거주지
본인 스스로 자신 당사자 직접
동의 합의 승낙
철회 취소 번복
취소 철회
의결 결정 심의 결의
결정 정하 정해
선정 뽑 선발 결정
개최 열 열리
점검 확인 검사 조사
검토 확인 심사 살피
이수 듣 수료 받
실시 하 시행 진행 운영
수행 하 진행 처리
작성 만들
보고 알리 알려
등록 입력 기재
기록 적 입력 등록 기재
착용 입 달
구성 만들 꾸리 설치 두
자녀 아이 아들 딸 자식
배우자 남편 아내
부모 아버지 어머니
사망 돌아가 별세
결혼 혼인
출산 낳 분만
질병 병 아프 아플
부상 다치 다친
진단서 소견서
교육 연수 훈련 강의
차량 자동차 차
택시비 택시
요금 비용 값 료 비
운임 요금 교통비
경비 비용 여비
비용 요금 경비 값
금액 돈 액수 액
한도 최대 상한 상한액
최소 적어도 이상 하한
상향 높이 올리
제한 막 금지
면제 없 않
대상 해당 사람 누구
거주 살
방문 찾 오
동행 함께 같이
포함 합하 합쳐 산입 들어가
제외 빼 빼고 않
산입 포함 넣 합산
부여 주 준다
위반 어기 어긴
분실 잃 잃어버리
사유 이유 까닭
사전 미리 먼저 전
사후 나중 뒤 후
전날 하루 전일
다음 익월 내달 후
익월 다음
당일 같은 그날
무급 없 않 지급
유급 지급 임금
절차 순서 방법 과정 단계
차례 순서 차례로
즉시 곧 바로
한도 까지 범위
서명 사인 날인
외부 밖 바깥 외
내부 사내
회신 답 답변 답하 응답
응답 답 회신 답하
발생 생기 생긴 일어나
복귀 돌아오 복직
임신 아기
의료기관 병원
병원 의료기관
상급자 상사
퍼센트 프로 %
킬로미터 km
"""
_SILENT = """
것 수 때 등 및 또는 그리고 하 되 있 없 이 그 저 바 점 중 내 외 안 밖 위 아래 간 후 전 시 각 총 약 더 위하 대하
관하 통하 따르 의하 의거 근거 기준 경우 해당 다음 관련 대한 위한 따른 규정 규칙 조항 조문 조 항 호 명시 내용
사항 정하 말하 보 알 같 다르 필요 가능 불가 불가능 여부 이상 이하 이내 미만 초과 까지 부터 최대 최소 매 매년
매월 매주 매일 연간 월간 일 월 년 개월 주 시간 분 원 회 명 번 차 세 퍼센트 킬로미터 미터 사람 직원 회사 근로자
임직원 사원 우리 저희 당사 사내 자 분들 누구 언제 어디 무엇 뭐 어떻 어떤 얼마 며칠 몇 무슨 어느 왜 하루 이틀
사흘 나흘 닷새 열흘 보름 한 두 네 달 해 날 날짜 일자 시점 동안 이후 이전 이때 단 다만 또한 먼저 우선 이어 이어서
마지막 최종 첫째 둘째 셋째 뒤 순 순서 단계 절차 방법 과정 진행 처리 실시 받 놓 지 들 나 가 오 만들 쓰 내야 하나
모두 모든 전부 각각 반드시 꼭 별도 따로 즉 예 아니 아니요 아니오 안녕 답변 질문 문의 안내 설명 확인 적용 제도
없음 있음 함 됨 임 입니다 합니다 됩니다 이것 그것 여기 거기 이런 그런 이렇 그렇 때문 정도 만큼 이용 상황 부분 측
씩 당 개 가지 건 절반 반
"""


def _groups() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for line in _EQUALS.strip().splitlines():
        words = line.split()
        for word in words:
            groups.setdefault(word, set()).update(words if word == words[0] else (words[0], word))
    return {word: frozenset(equals) for word, equals in groups.items()}


EQUALS = _groups()
"""A word -> the words that may stand in its place: the head of a line for each of its members, and the reverse."""
SILENT = frozenset(_SILENT.split())
"""Words without a claim of their own: they are neither grounded nor missing."""
