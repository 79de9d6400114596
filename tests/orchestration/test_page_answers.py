"""What the page answers where it cannot show anything."""

from fastapi import Request

from regtune.errors import ConfigurationError
from regtune.orchestration.page.answers import unreadable


def test_settings_that_cannot_be_read_are_a_sentence() -> None:
    """A wrong setting is a page that names it, as text and not to be kept, instead of an empty error 500."""
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "root_path": "/airflow/regtune"})
    answer = unreadable(request, ConfigurationError("pipeline.yaml: chunk.max_tokens is <b>; must be a number."))
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = bytes(answer.body).decode()
    assert "설정이나 저장소를 읽을 수 없습니다: pipeline.yaml: chunk.max_tokens is &lt;b&gt;; must be a number." in text
    assert 'href="/airflow/regtune/"' in text
