"""What shortage.py claims."""

from collections import Counter

from regtune.config import Quota
from regtune.qa.shortage import Shortage, told, told_of_unasked


def test_each_short_type_has_its_own_reasons_and_remedy() -> None:
    """Reasons of one type are not those of another, and only what was refused is for a prompt to mend."""
    short = [
        Shortage("quota", "lookup", 3, 10, 25, Counter(ungrounded=9, duplicate=2, empty=1, refusal=1), 0),
        Shortage("evaluation_pool", "procedure", 2, 2, 0, Counter(), 0),
    ]
    assert told(short) == (
        "generate: lookup is short by 3 of 10 (the plan ran out after 25 questions; commonest reasons: ungrounded 9, "
        "duplicate 2, empty 1); evaluation_pool.procedure is short by 2 of 2 (no article has one to ask). "
        "Read qa_rejected.jsonl and mend include/prompts/lookup.md, or raise generate.attempts_per_question; "
        "add regulations or lower generate.quota.lookup, generate.evaluation_pool.procedure."
    )


def test_negatives_without_twins_are_told_as_such() -> None:
    """No reply was refused: the message says what they lack, and where to look."""
    message = told([Shortage("quota", "negative", 5, 5, 12, Counter(), 12)])
    assert "negative is short by 5 of 5 (the plan ran out after 12 questions; 12 not asked, without an answ" in message
    assert message.endswith("a negative needs a lookup or procedure of its article: see to those first.")
    assert "qa_rejected" not in message


def test_articles_that_a_small_quota_leaves_out_are_told() -> None:
    """How many, which share, and what to do; nothing where there is a question for each."""
    quota = Quota(lookup=150, procedure=100, negative=50)
    assert told_of_unasked(250, quota) is None
    assert told_of_unasked(400, quota) == (
        "generate.quota: 250 answerable questions for 400 articles: 150 of them (38%) are not asked, other ones with "
        "another seed; raise generate.quota.lookup and procedure to ask all, or lower gate.min_article_coverage"
    )
