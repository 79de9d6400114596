"""What parse tells a person to look at: a code in English for programs, a sentence in Korean for people.

In: a code and the figures of one case. Out: the warning of parse_report.json, the log and `regtune inspect`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_TEXTS = {
    "amendment_left_out": "개정문과 개정이유 {count}자를 뺐습니다.",
    "comparison_left_out": "신구조문대비표 {count}자를 뺐습니다.",
    "translation_left_out": "영문 번역 {count}자를 뺐습니다.",
    "commentary_left_out": "조문 옆의 해설 {count}자를 뺐습니다.",
    "unreadable_left_out": "읽을 수 없는 글자 {count}자를 뺐습니다.",
    "rotated_left_out": "돌려 쓴 글자 {count}자를 뺐습니다.",
    "watermark_left_out": "워터마크 {count}자를 뺐습니다.",
    "struck_out_left_out": "취소선이 그어진 글자 {count}자를 뺐습니다({words}). 지워진 것이 맞는지 쪽을 확인하세요.",
    "doubtful_columns": "단이 둘이거나 조문 옆에 해설이 있을 수 있으나 한 단으로 읽었습니다. 쪽을 확인하세요.",
    "pages_without_text": "글자가 없습니다: {pages}.",
    "image_without_text": "글자 없이 그림만 있어 그 내용이 빠졌습니다.",
    "repaired": "파일의 객체 목록이 잘못되어 고쳐 읽었습니다. 빠진 내용은 없어 보입니다.",
    "text_may_be_missing": "글자가 빠졌을 수 있습니다({reason}). 쪽을 확인하세요.",
    "not_quite_a_pdf": "PDF 형식이 온전하지 않습니다({reason}).",
    "unplaced_note": "본문에서 번호를 찾지 못한 각주가 그 위의 글에 붙어 있습니다.",
    "read_by_ocr": "OCR로 읽었습니다(단어 {words}개).",
    "read_by_ocr_unsure": "OCR로 읽었고, 단어 {words}개 가운데 {unsure}개가 확실하지 않습니다. 쪽과 견주어 보세요.",
    "misread_article": "OCR이 {was}(으)로 읽었으나 이 자리에는 {now}만 올 수 있어 그렇게 고쳤습니다.",
    "misread_citation": "OCR이 숫자를 닮은 글자로 읽은 번호를 고쳤습니다: {right}.",
    "unread_citation": "OCR이 번호를 읽지 못했습니다: {unread}. 쪽과 견주어 보세요.",
    "item_out_of_order": "OCR이 {number}.(으)로 읽은 호의 자리에는 {due}.이(가) 와야 합니다. 쪽과 견주어 보세요.",
    "circled_numbers": "OCR이 읽지 못하는 동그라미 숫자 {count}개를 순서에 따라 정했습니다.",
    "no_article": "조를 찾지 못하여 글 전체를 한 조항으로 두었습니다.",
    "first_article": "첫 조가 제1조가 아니라 {article}입니다.",
    "duplicate_article": "{article}: 같은 번호의 조가 두 번 나옵니다.",
    "article_gap": "조 번호가 이어지지 않습니다: {before} 다음에 {article}.",
}
_LISTED_PAGES = 5


@dataclass(frozen=True)
class Warned:
    """Something that a person should look at."""

    code: str
    message: str
    page: int | None


def warned(code: str, page: int | None, **figures: object) -> Warned:
    """The warning of this code."""
    return Warned(code, _TEXTS[code].format(**figures), page)


def pages_shown(numbers: Sequence[int]) -> str:
    """`3쪽`, `3, 7쪽`, `1, 2, 3, 4, 5쪽 등 10000쪽`."""
    shown = ", ".join(map(str, numbers[:_LISTED_PAGES]))
    return f"{shown}쪽" if len(numbers) <= _LISTED_PAGES else f"{shown}쪽 등 모두 {len(numbers)}쪽"
