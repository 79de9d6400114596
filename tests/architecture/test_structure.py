"""The rules of the house that no linter knows: layers, sizes, what is imported where, what the top level holds."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "plugins" / "regtune"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    {"errors", "section", "yaml_text"},
    {"benchmark_config"},
    {"config"},
    {"contracts"},
    {"artifacts", "progress", "pace_facts"},
    {"prompts", "code_hash", "stage_table", "korean", "hosts.packages", "journal", "pace", "champion", "gpu_driver"},
    {"connections", "pacing"},
    {"seen"},
    {"failures", "served"},
    {"chat", "replies"},
    {"ledger"},
    {"llm"},
    {"regulations"},
    {"open_run"},
    {"store_files"},
    {"documents", "qa", "tuning"},
    {"benchmark", "hosts"},
    {"publish"},
    {"compare"},
    {"stages"},
    {"plain"},
    {"commands"},
    {"cli"},
    {"orchestration"},
)
DOMAIN = {"documents", "qa", "tuning", "benchmark"}
ACROSS = {("benchmark", "tuning.models"), ("benchmark", "tuning.report"), ("benchmark", "tuning.card")}
"""Stages meet in files. The benchmark loads the model exactly as training does, reads its report's record, and writes
the scores into the adapter's card."""


def tracked_files() -> list[Path]:
    """Files of the working tree that git tracks or would track."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout
    return [REPOSITORY / name for name in listing.decode().split("\0") if name and (REPOSITORY / name).is_file()]


def unit_of(module: str) -> str:
    """`regtune.qa.gate` -> `qa`; the few modules with a layer of their own keep their whole name."""
    name = module.removeprefix("regtune.")
    return name if any(name in layer for layer in LAYERS) else name.split(".")[0]


def layer_of(module: str) -> int:
    """Index of the layer that holds a module; -1 for one that the table does not know."""
    unit = unit_of(module)
    return next((index for index, layer in enumerate(LAYERS) if unit in layer), -1)


def imports_of(path: Path) -> set[str]:
    """Every `regtune.…` module that a file imports anywhere, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("regtune"):
            found |= {node.module or ""} if node.module != "regtune" else {f"regtune.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("regtune.")}
    return found


def name_of(path: Path) -> str:
    """`plugins/regtune/qa/gate.py` -> `regtune.qa.gate`."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    """A module imports only from its own layer's unit or from a lower layer."""
    module = name_of(path)
    if module in {"regtune", "regtune.__main__"}:
        return
    assert layer_of(module) >= 0, f"{module} has no layer; add it to LAYERS"
    for imported in imports_of(path):
        same_unit = unit_of(imported) == unit_of(module)
        assert same_unit or layer_of(imported) < layer_of(module), f"{module} imports {imported}, which is above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_stages_meet_in_files(path: Path) -> None:
    """A stage's package imports no other stage's package."""
    unit = unit_of(name_of(path))
    for imported in imports_of(path):
        other = imported.removeprefix("regtune.")
        if unit in DOMAIN and other.split(".")[0] in DOMAIN - {unit}:
            assert (unit, other) in ACROSS, f"{name_of(path)} imports {imported}"


def test_no_import_loop() -> None:
    """No module imports itself through others."""
    graph = {name_of(path): imports_of(path) for path in MODULES}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module in done:
            return
        for imported in graph.get(module, ()):
            visit(imported, (*trail, module))
        done.add(module)

    for module in graph:
        visit(module, ())
    assert done == set(graph) | {name for names in graph.values() for name in names}


def test_only_orchestration_imports_airflow() -> None:
    """A host needs no Airflow, and a test of a stage neither."""
    for path in MODULES:
        if "orchestration" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "airflow"], path


def test_packages_import_nothing() -> None:
    """An `__init__.py` holds a docstring and nothing else."""
    for path in PACKAGE.rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, path
        assert isinstance(body[0], ast.Expr), path


def test_hosts_code_is_python_3_10() -> None:
    """What travels in the zipapp is in the grammar of Python 3.10."""
    for path in MODULES:
        if "orchestration" not in path.parts:
            ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))
    assert MODULES


def test_no_file_is_too_long() -> None:
    """No Python file has over 400 lines, and no function outside tests over 60."""
    for path in (path for path in tracked_files() if path.suffix == ".py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, f"{path}: {text.count(chr(10))} lines"
        if "tests" in path.relative_to(REPOSITORY).parts:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 60, f"{path}:{node.lineno} {node.name} has {length} lines"


def test_top_level_holds_what_was_agreed() -> None:
    """The user fixed the top level of the repository."""
    agreed = {
        *("dags", "plugins", "include", "tests", "docker-compose.yaml", "requirements.txt"),
        *("README.md", "README.ko.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "requirements.lock", "Makefile"),
        *(".ci", ".gitignore", ".dockerignore"),
    }
    found = {path.relative_to(REPOSITORY).parts[0] for path in tracked_files()}
    assert found <= agreed, found - agreed


def test_nothing_names_a_machine_or_a_registry() -> None:
    """No committed text names a developer's folder or the host of a package registry."""
    folders = r"(?<![\w.])/(?:work|farm|root|home/\w+)/"
    places = re.compile(rf"{folders}|pypi\.org|pythonhosted|huggingface\.co|registry\.npmjs")
    for path in tracked_files():
        if path.suffix in {".pdf", ".png"} or path == Path(__file__):
            continue
        found = places.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path}: {found[0] if found else ''}"


def test_every_prompt_is_used() -> None:
    """A prompt that no code names is dead; one that code names and that is not there fails its stage."""
    shipped = {path.stem for path in (REPOSITORY / "include" / "prompts").glob("*.md")}
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    assert shipped
    assert not [name for name in shipped if not re.search(rf"[\"']{name}[\"']", code)]


def test_every_subcommand_is_documented() -> None:
    """README names each command of `regtune --help`."""
    from regtune.stage_table import STAGES

    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    stages = [name for name in (*STAGES, "open_run", "run") if f"`{name}`" not in readme]
    beside = [path.stem for path in (PACKAGE / "commands").glob("[a-z]*.py") if f"regtune {path.stem}" not in readme]
    assert not stages + beside


def test_compose_file_runs_the_four_components() -> None:
    """docker-compose.yaml is YAML and starts api-server, scheduler, dag-processor and triggerer."""
    services = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {"api-server", "scheduler", "dag-processor", "triggerer"} <= set(services)
