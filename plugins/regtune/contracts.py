"""The records that stages hand to each other through files; other tools read them too.

Every model is frozen and refuses unknown fields. Files are JSON Lines in UTF-8 with Korean unescaped
(see artifacts.py). A field's meaning stands under it.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from regtune.config import PipelineConfig

QAType = Literal["lookup", "procedure", "negative"]
QA_TYPES: tuple[QAType, ...] = ("lookup", "procedure", "negative")


class Contract(BaseModel):
    """Base of every hand-off record."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Source(Contract):
    """One regulation's PDF in force on the date of the run."""

    model_config = ConfigDict(extra="ignore")  # part of RunHead

    regulation_id: str
    """Stable id from the register, e.g. `work-rules`."""
    title: str
    """Title as the register gives it, e.g. `취업규칙`."""
    effective_date: date
    """시행일 of this revision."""
    file: str
    """File name below sources/ in the run folder."""
    sha256: str
    """Of the PDF's bytes."""


class RunHead(Contract):
    """What every version of regtune reads of a run.json: a run in flight outlives an upgrade, a store several."""

    model_config = ConfigDict(extra="ignore")  # the recipe is for the run's own code

    run_name: str
    """Folder name of the run: `<as_of>-<first 12 hex digits of spec_sha256>`."""
    spec_sha256: str
    """Over everything but these two, canonical JSON."""
    as_of: date
    """The corpus is what was in force on this day."""
    sources: tuple[Source, ...]
    """Sorted by regulation_id."""
    code_sha256: str
    """Content hash of the package that opened the run."""
    skip_training: bool
    """True: the run ends after split; train and benchmark are not asked for."""


class RunSpec(RunHead):
    """run.json: the frozen recipe of one run. Its hash is in every manifest."""

    model_config = ConfigDict(extra="forbid")

    config: PipelineConfig
    """The whole resolved configuration."""
    prompts: dict[str, str]
    """Prompt templates by file stem, e.g. `lookup`."""
    force: str | None
    """Null, or a token that makes this run distinct from an equal earlier one."""


class Provision(Contract):
    """One article (조), addendum, annex, form or preamble as it stands in the PDF."""

    regulation_id: str
    regulation_title: str
    part: Literal["body", "addendum", "annex", "form", "preamble"]
    """본칙 | 부칙 | 별표 | 별지·서식 | what stands before the first article."""
    kind: Literal["article", "other"]
    number: str | None
    """`15`, `15의2`; of a guideline without 조 `1.2`; for an annex or form its own number, of one that is no 별표 with
    its word (`별도 1`); null where there is none."""
    title: str | None
    """`휴가` of `제15조(휴가)`."""
    path: tuple[str, ...]
    """Headings from the outermost, e.g. `["제2장 근무", "제15조(휴가)"]`."""
    text: str
    """Clean prose: spaces right, running heads and page marks gone, revision tags moved out."""
    revision_tags: tuple[str, ...]
    """`<개정 2024. 7. 1.>` and the like, as printed, in order."""
    page_first: int
    """1-based."""
    page_last: int
    page_starts: tuple[tuple[int, int], ...] = ()
    """Pages after the first, each with the number of non-blank characters of `text` before it."""
    deleted: bool
    """True for `제M조 삭제`."""


class Chunk(Contract):
    """What one question is asked about: an article, or a part of a long one."""

    chunk_id: str
    """Stable for the same text at the same place."""
    regulation_id: str
    regulation_title: str
    article: str
    """How a reader cites it: `제15조`, `제15조의2`, `별표 1`, `부칙 제1조`."""
    path: tuple[str, ...]
    text: str
    token_count: int
    """Tokens of `text` by the configured tokenizer."""
    page_first: int
    page_last: int
    text_sha256: str
    references: tuple[str, ...] = ()
    """Ids of the provisions of the corpus that the text cites (documents/naming.py), in the order of the text."""


class ArticleChange(Contract):
    """One article (or 부칙, 별표, form, heading of a 장 or 절) that differs between two revisions."""

    kind: Literal["added", "removed", "changed", "renumbered", "moved"]
    """changed: other words under the same number; renumbered: (nearly) the same words under another number; moved:
    the same words under the same number in another 장 or 절; removed: gone, or `제M조 삭제`."""
    regulation_id: str
    """Of the new revision; of the old one when the whole regulation is gone."""
    regulation_title: str
    part: Literal["body", "addendum", "annex", "form", "heading"]
    old_id: str | None
    """Provision id (documents/naming.py); null for what was added and for headings."""
    new_id: str | None
    old_article: str | None
    """How a reader cites it: `제15조`, `부칙 제1조`, `별표 1`; of a heading its number: `제2장`."""
    new_article: str | None
    old_path: tuple[str, ...]
    new_path: tuple[str, ...]
    old_text: str | None
    """Null for what was added."""
    new_text: str | None
    """Null for what was removed."""
    words_changed: bool
    """Whether more than number and place differ; always true but for renumbered and moved."""


class DiffReport(Contract):
    """changes.json of `regtune diff`."""

    old: str
    """What was compared, as the user named it."""
    new: str
    counts: dict[str, int]
    """Changes by kind; every kind is there."""
    unchanged: int
    """Provisions of the new side without a change; preambles are not compared."""
    changes: tuple[ArticleChange, ...]
    """In the order of the new revision, what was removed after what it followed."""


class Changes(Contract):
    """changes.json: the run beside the last accepted one of the same or an earlier date."""

    previous_run: str | None
    """Null for a first run; then everything below is empty."""
    previous_as_of: date | None
    articles: tuple[ArticleChange, ...]
    """What really changed, as `documents.diff.compare` orders it."""
    short_cut: bool
    """True: nothing real changed, settings and prompts are the same, nobody forced it: the run ends here."""
    summary: str
    """Korean, one sentence, for the run's note."""
    previous_pairs: tuple[str, ...]
    """qa_id of the earlier dataset, sorted: those that the new one lacks were replaced."""
    previous_pool: tuple[str, ...]
    """The same of its evaluation pool."""
    retired_pairs: int
    """Earlier pairs whose chunk is no longer in the corpus."""
    retired_pool: int
    previous_headline: str | None
    previous_figures: dict[str, float | int | None]
    """Of the earlier publish.json: gate and scores."""


class Housekeeping(Contract):
    """housekeeping.json: what the scheduler knows and a host does not, for its checks and for clearing up."""

    kept_runs: tuple[str, ...]
    """Names of the runs whose files stay; folders of others go when they are older than publish.keep_days."""
    kept_code: tuple[str, ...]
    """File names of the zipapps that those runs ran."""
    pins: dict[str, dict[str, str]]
    """Host -> distribution -> version of its lock file (include/hosts)."""


class QAPair(Contract):
    """One question with its reference answer."""

    qa_id: str
    type: QAType
    question: str
    answer: str
    chunk_id: str
    """The chunk that was shown to the model."""
    evidence: str | None
    """Verbatim span of the chunk; null for a negative."""
    model: str
    prompt_sha256: str
    """Of the prompt template."""
    request_sha256: str
    """Of the whole request; key of the reply cache."""
    slot: str | None = None
    """What of the chunk was asked for: the angle and a hash of the passage; null where nobody noted it."""


class HeldOutPair(QAPair):
    """A row of test.jsonl."""

    article_seen: bool | None = None
    """Some training row is about the same article (without chunks.jsonl: the same chunk); null where nobody looked."""


class RejectedPair(Contract):
    """A reply that was not accepted, kept raw."""

    chunk_id: str
    type: QAType
    attempt: int
    """1-based."""
    reason: str
    raw: str
    request_sha256: str


class QACheck(Contract):
    """What validate found about one pair."""

    qa_id: str
    passed: bool
    """True when `reasons` is empty."""
    reasons: tuple[str, ...]
    """Names from DESIGN.md, sorted."""
    figures: dict[str, float | int | str | None]
    """What each reason rests on, e.g. grounding, similarity, the duplicate's qa_id."""


class DuplicatePair(Contract):
    """Two questions that ask the same."""

    a: str
    b: str
    score: float
    """1.0 for an exact duplicate after normalisation, else cosine similarity."""


class Expectation(Contract):
    """One line of the gate's verdict."""

    name: str
    """Expectation type of Great Expectations, or its custom class in snake case."""
    column: str | None
    description: str
    """Korean, for somebody who does not know Great Expectations."""
    success: bool
    expected: str
    observed: str
    failed_ids: tuple[str, ...]
    """qa_id of rows that fail; at most the first 20."""


class GateProfile(Contract):
    """What a dataset looks like, for the next gate to compare its own with."""

    types: dict[str, int]
    """Pairs by type."""
    articles: dict[str, int]
    """Answerable pairs by article that has something to ask about, `취업규칙 제15조`; empty without chunks.jsonl."""
    question_lengths: tuple[int, ...]
    """Questions by length: below 20 characters, 20-29, … (gate_profile.LENGTH_EDGES)."""
    answer_lengths: tuple[int, ...]


class GateReport(Contract):
    """gate_report.json."""

    passed: bool
    rows: int
    pool_rows: int
    expectations: tuple[Expectation, ...]
    reasons: dict[str, int]
    """Rows by reason, over all rows; with review_excluded and review_overruled, those that a reviewer decided on."""
    without: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Reason -> descriptions of the expectations that would still fail if no row had it; empty: the gate would pass."""
    not_checked: tuple[str, ...] = ()
    """Korean: what could not be looked at, and why."""
    profile: GateProfile | None = None
    """Null only in reports of earlier versions."""


Decision = Literal["accept", "edit", "exclude"]


class ReviewedRow(Contract):
    """What a person decided about one pair; rows without a decision are not listed."""

    qa_id: str
    type: QAType
    pool: bool
    """Whether it stands in the evaluation pool."""
    decision: Decision
    note: str


class Review(Contract):
    """review.json: the last review of the run's dataset. reviews/<n>/ keeps every one, with what it replaced."""

    number: int
    """1-based; the folder below reviews/."""
    reviewer: str
    imported_at: str
    """ISO 8601, UTC."""
    sheet_sha256: str
    """Of the .xlsx."""
    reviewed_sha256: str
    """Of the dataset that the sheet was exported from."""
    result_sha256: str
    """Of the dataset with the decisions applied."""
    rows: tuple[ReviewedRow, ...]
    """Sorted by qa_id; of every review of this run, a later decision in place of an earlier one."""


class FileRecord(Contract):
    """A file (or folder, by its sorted contents) as a manifest names it."""

    sha256: str
    bytes: int
    records: int | None
    """Lines of a .jsonl file, else null."""


class Manifest(Contract):
    """<stage>.manifest.json, written last: its being there means that the stage is finished."""

    model_config = ConfigDict(extra="ignore")  # of another version's run, as RunHead

    stage: str
    run_name: str
    spec_sha256: str
    inputs: dict[str, FileRecord]
    outputs: dict[str, FileRecord]
    counts: dict[str, float | int | str]
    """What the stage reports of itself."""
    tokens: dict[str, int]
    """Model tokens used: prompt, completion, calls, cached_calls; empty where no model was asked."""
    seconds: float
    started_at: str
    """ISO 8601, UTC."""
    versions: dict[str, str]
    """Python and the packages the stage declares."""


class StageResult(Contract):
    """What a stage's `run` returns; stages.py turns it into the manifest."""

    counts: dict[str, float | int | str] = Field(default_factory=dict)
    tokens: dict[str, int] = Field(default_factory=dict)
