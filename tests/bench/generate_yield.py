"""What generate makes of its replies: schema-valid at first, calls a pair, articles covered, negatives told by style.

    python tests/bench/generate_yield.py

The sizes of pipeline.yaml, on the sample regulations, against the demo's endpoint, a stand-in, once well behaved and
once with faults of the model in a third of the replies. The same figures of a run with a model stand in its
manifests/generate.json, but for the last: how well a classifier over n-grams of characters (logistic regression, five
parts, an article in one part alone) tells the negatives by the question, as area under the ROC curve (0.5: not at all),
once by the whole of it and once by how it ends, which names no matter.
"""

import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "plugins"), str(REPOSITORY / "tests")]
DAY = date(2024, 1, 1)
FAULTS = (
    *("invalid_json=0.05", "wrong_schema=0.05", "truncated=0.05", "empty=0.03", "english=0.03", "refusal=0.04"),
    *("duplicate=0.05", "whitespace=0.03"),
)
ENDING = 12
"""Characters."""


def main() -> None:
    """Print a line for each."""
    from stand_in import pointed_at, stand_in

    from regtune.artifacts import read_jsonl
    from regtune.config import load_config
    from regtune.contracts import QAPair
    from regtune.open_run import RunRequest, open_run, plan_run
    from regtune.prompts import load_prompts
    from regtune.stages import run_stage

    register = REPOSITORY / "include" / "regulations" / "register.yaml"
    config = load_config(REPOSITORY / "include" / "config" / "demo.yaml")
    shipped = load_config(REPOSITORY / "include" / "config" / "pipeline.yaml").generate
    sizes = {"quota": shipped.quota, "evaluation_pool": shipped.evaluation_pool}
    config = config.model_copy(update={"generate": config.generate.model_copy(update=sizes)})
    prompts = load_prompts(REPOSITORY / "include" / "prompts")
    for name, arguments in (("well behaved", ()), ("with faults", ("--misbehave", *FAULTS))):
        with tempfile.TemporaryDirectory() as folder, stand_in(Path(folder), *arguments) as url:
            run_dir = Path(folder) / "runs" / "one"
            spec = plan_run(register, pointed_at(config, url), prompts, RunRequest(as_of=DAY))
            open_run(run_dir, spec, register.parent)
            manifest = [run_stage(stage, run_dir) for stage in ("parse", "chunk", "generate")][-1]
            files = ("qa_pairs.jsonl", "evaluation_pool.jsonl")
            pairs = [pair for file in files for pair in read_jsonl(run_dir / file, QAPair)]
        counts = manifest.counts
        ways = ", ".join(
            f"{key.partition('_')[2]} {value}" for key, value in counts.items() if key.startswith("negative_")
        )
        print(
            f"generate, stand-in {name}: {len(pairs)} pairs; "
            f"first replies that fit the schema {counts['first_pass_schema_valid_share']:.1%}; "
            f"{manifest.tokens['calls'] / len(pairs):.3f} calls a pair; "
            f"{counts['chunks_covered']} of {counts['chunks_to_cover']} chunks covered; negatives: {ways}; "
            f"told by the question {told_by([pair.question for pair in pairs], pairs):.3f}, "
            f"by its ending {told_by([pair.question[-ENDING:] for pair in pairs], pairs):.3f}"
        )


def told_by(texts: Sequence[str], pairs: Sequence[object]) -> float:
    """Area under the ROC curve of a classifier that has these texts of the pairs to tell the negatives by."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    is_negative = [pair.type == "negative" for pair in pairs]  # type: ignore[attr-defined]
    classifier = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    )
    parts = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    articles = [pair.chunk_id for pair in pairs]  # type: ignore[attr-defined]
    told = cross_val_predict(classifier, texts, is_negative, cv=parts, groups=articles, method="predict_proba")
    return float(roc_auc_score(is_negative, told[:, 1]))


if __name__ == "__main__":
    main()
