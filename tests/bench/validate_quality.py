"""How well validate tells good pairs from bad ones on the golden set, beside a baseline, in one process on one core.

Runs in the hosts' environment. The baseline takes a pair for good when half of the answer's words and all of its digits
stand in the article and no earlier question comes nearer than 0.9 by TF-IDF over words; a negative when it says 없음
and no article comes nearer than that. Pairs on real regulations are left out where the folder beside is absent.
With `--pairs FOLDER` (pairs.jsonl with `expected`, chunks.jsonl) the same is printed for a labelled set of one's own.
"""

import argparse
import logging
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]

from qa.golden_set import (  # noqa: E402 (the two folders are on the path only now)
    GOLDEN,
    SAMPLE,
    Golden,
    GoldenCorpus,
    Scores,
    read_folder,
    read_golden,
    read_golden_chunks,
    read_shared_corpora,
    read_written,
    scores,
)

from regtune.config import load_config  # noqa: E402
from regtune.korean.morphology import tagger_named  # noqa: E402
from regtune.qa.validate import check_pairs, duplicates_among  # noqa: E402

SETTINGS = load_config(REPOSITORY / "include" / "config" / "demo.yaml").validate_
SHARED = REPOSITORY.parent / "shared"
OVERLAP = 0.5
SIMILARITY = 0.9
CORPUS_CHUNKS = 500
_WORD = re.compile(r"[가-힣A-Za-z]+|\d+")
Reasons = dict[str, tuple[str, ...]]


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures of the parts of the golden set, ours and the baseline's, and the time a row takes."""
    parser = argparse.ArgumentParser(description="How well validate tells good pairs from bad ones.")
    parser.add_argument("--pairs", type=Path, help="folder with pairs.jsonl and chunks.jsonl instead of the golden set")
    parser.add_argument("--misses", action="store_true", help="list the pairs that are judged wrongly")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    if chosen.pairs:
        _show_corpus(read_folder(chosen.pairs), misses=chosen.misses)
        return
    with tempfile.TemporaryDirectory() as scratch:
        corpora = [GoldenCorpus(SAMPLE, read_golden_chunks(), read_golden()), *read_written()]
        if (SHARED / "regulations").is_dir():
            corpora += read_shared_corpora(SHARED, Path(scratch))
    tagger_named(SETTINGS.tagger)
    if (GOLDEN / "unseen").is_dir():
        print("Nothing was tuned on the first set, nor its misses mended; all after it were tuned on.")
        _show_corpus(read_folder(GOLDEN / "unseen"), misses=False)
    else:
        print("Every set was tuned on; what nobody has seen is judged with --pairs.")
    judged: list[Golden] = []
    given: dict[str, Reasons] = {"validate": {}, "baseline": {}}
    for corpus in corpora:
        judged += [_of(corpus.name, golden) for golden in corpus.pairs]
        for name, reasons in _show_corpus(corpus, misses=chosen.misses).items():
            given[name] |= {f"{corpus.name}/{qa_id}": found for qa_id, found in reasons.items()}
    for name, reasons in given.items():
        _show(f"{name}, all sets", scores(judged, reasons))
    print(f"validate: {_milliseconds_a_row(corpora):.1f} ms a row with a corpus of {CORPUS_CHUNKS} chunks, one core")


def _of(corpus: str, golden: Golden) -> Golden:
    """The pair with its corpus in its id: two sets may have one id for two pairs."""
    return replace(golden, pair=golden.pair.model_copy(update={"qa_id": f"{corpus}/{golden.pair.qa_id}"}))


def _show_corpus(corpus: GoldenCorpus, *, misses: bool) -> dict[str, Reasons]:
    given = {"validate": _ours(corpus), "baseline": _baseline(corpus)}
    for name, reasons in given.items():
        _show(f"{name}, {corpus.name}", scores(corpus.pairs, reasons))
        for golden in corpus.pairs if misses and name == "validate" else ():
            if bool(golden.label) != bool(reasons[golden.pair.qa_id]):
                print(f"  {_described(golden)} -> {', '.join(reasons[golden.pair.qa_id]) or 'passed'}")
    return given


def _described(golden: Golden) -> str:
    pair = golden.pair
    return f"{pair.qa_id} {pair.type} {pair.chunk_id} | {pair.question} | {pair.answer} | {golden.label or 'good'}"


def _ours(corpus: GoldenCorpus) -> Reasons:
    pairs = [golden.pair for golden in corpus.pairs]
    duplicates = [] if corpus.apart else duplicates_among(pairs, corpus.chunks, SETTINGS)
    return {check.qa_id: check.reasons for check in check_pairs(pairs, corpus.chunks, SETTINGS, duplicates)}


def _baseline(corpus: GoldenCorpus) -> Reasons:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = {chunk.chunk_id: chunk.text for chunk in corpus.chunks}
    pairs = [golden.pair for golden in corpus.pairs]
    vectorizer = TfidfVectorizer(token_pattern=_WORD.pattern)
    articles = vectorizer.fit_transform(texts.values())
    questions = vectorizer.transform(pair.question for pair in pairs)
    near_article = (questions @ articles.T).max(axis=1).toarray().ravel()
    alike = (questions @ questions.T).toarray()
    given: Reasons = {}
    for index, pair in enumerate(pairs):
        words, held = set(_WORD.findall(pair.answer)), set(_WORD.findall(texts[pair.chunk_id]))
        if pair.type == "negative":
            bad = "없" not in pair.answer or near_article[index] >= SIMILARITY
        else:
            digits = {word for word in words if word.isdecimal()}
            bad = not words or len(words & held) < OVERLAP * len(words) or not digits <= held
        twice = not corpus.apart and alike[index, :index].max(initial=0.0) >= SIMILARITY
        given[pair.qa_id] = ("baseline",) if bad or twice else ()
    return given


def _show(title: str, found: Scores) -> None:
    named, of = found.named
    print(
        f"{title}: balanced accuracy {found.balanced_accuracy:.3f}, good pairs that pass {found.passed:.3f}, "
        f"bad pairs found {found.found:.3f}, for a labelled reason {named / of:.3f}"
    )
    print("  pass by type: " + _listed(found.passed_by_type))
    print("  recall by class: " + _listed(found.found_by_class))


def _listed(shares: dict[str, tuple[int, int]]) -> str:
    return ", ".join(f"{name} {hits}/{of}" for name, (hits, of) in shares.items())


def _milliseconds_a_row(corpora: Sequence[GoldenCorpus]) -> float:
    """CPU time of a run less that of reading the corpus alone, no pair having been read before."""
    chunks = [
        chunk.model_copy(update={"chunk_id": f"{corpus.name}-{turn}-{chunk.chunk_id}"})
        for turn in range(9)
        for corpus in corpora
        for chunk in corpus.chunks
    ][:CORPUS_CHUNKS]
    known = {chunk.chunk_id for chunk in chunks}
    pairs = [
        golden.pair.model_copy(update={"chunk_id": f"{corpus.name}-0-{golden.pair.chunk_id}"})
        for corpus in corpora
        for golden in corpus.pairs
        if f"{corpus.name}-0-{golden.pair.chunk_id}" in known
    ]
    tagger_named.cache_clear()
    check_pairs([], chunks, SETTINGS, [])
    whole = _cpu_seconds(lambda: check_pairs(pairs, chunks, SETTINGS, []))
    corpus_alone = _cpu_seconds(lambda: check_pairs([], chunks, SETTINGS, []))
    return 1000 * (whole - corpus_alone) / len(pairs)


def _cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main(sys.argv[1:])
