"""`regtune register`: the register of regulations listed, checked and changed.

In: register.yaml (a path, or any fsspec URL) and the PDFs beside it. Out: lines on stdout; with `add --yes` or
`remove --yes` a PDF and the register itself, the register last, so that it never names what is not there.
"""

import argparse
import tempfile
from datetime import date, datetime, timezone
from pathlib import Path

from regtune.artifacts import sha256_of_file
from regtune.config import include_path, load_config
from regtune.contracts import Source
from regtune.documents.parse import parse_file
from regtune.errors import ConfigurationError, PrerequisiteMissingError
from regtune.regulations.advice import advise
from regtune.regulations.effective_date import Reading, read_effective_date
from regtune.regulations.entry import Proposal, added, regulation_of, removed, rendered
from regtune.regulations.place import RegisterPlace
from regtune.regulations.register import Register, Revision, effective_dates
from regtune.store_files import known_runs, open_store

_SHA_DIGITS = 8


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser("register", help="list, check or change the register of regulations")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    for name, act, summary in (
        ("list", _list, "every revision with the date it takes effect"),
        ("check", _check, "list, and whether each PDF is the one that was registered"),
    ):
        _register_option(actions.add_parser(name, help=summary, description=f"{summary}."), act)
    new = actions.add_parser("add", help="propose an entry for a PDF; --yes writes it")
    new.add_argument("pdf", type=Path, metavar="FILE.pdf")
    new.add_argument("--regulation", metavar="ID", help="the regulation's id; found by the title when left out")
    new.add_argument("--title", help="in place of the title that the PDF shows")
    new.add_argument("--effective-date", type=_day, metavar="YYYY-MM-DD", help="in place of the one that the PDF names")
    new.add_argument("--correct", action="store_true", help="replace a revision, insert an earlier one, rename")
    new.add_argument("--yes", action="store_true", help="write it")
    new.add_argument("--store", metavar="URL", help="where runs are looked for; publish.store when left out")
    new.add_argument("--config", type=Path, default=include_path("config/pipeline.yaml"), metavar="FILE")
    _register_option(new, _add)
    old = actions.add_parser("remove", help="take a revision out; --yes writes it")
    old.add_argument("regulation", metavar="ID")
    old.add_argument("effective_date", type=_day, metavar="YYYY-MM-DD")
    old.add_argument("--yes", action="store_true", help="write it")
    _register_option(old, _remove)


def _register_option(command: argparse.ArgumentParser, act: object) -> None:
    default = str(include_path("regulations/register.yaml"))
    command.add_argument("--register", default=default, metavar="FILE", help="register.yaml: a path or an fsspec URL")
    command.set_defaults(act=act)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from error


def _list(arguments: argparse.Namespace) -> None:
    for regulation in RegisterPlace(arguments.register).register().regulations:
        for revision in regulation.revisions:
            _say(f"{regulation.regulation_id} {regulation.title} {revision.effective_date} {revision.file}")


def _check(arguments: argparse.Namespace) -> None:
    place = RegisterPlace(arguments.register)
    _check_files(place, place.register())
    _list(arguments)


def _check_files(place: RegisterPlace, register: Register) -> None:
    """Read every PDF of a register; the failures are told together."""
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="regtune-") as folder:
        for revision in (revision for regulation in register.regulations for revision in regulation.revisions):
            try:
                place.fetch(revision, Path(folder)).unlink()
            except ConfigurationError as error:
                failures.append(str(error))
    if failures:
        raise ConfigurationError("\nregtune: ".join(failures))


def _add(arguments: argparse.Namespace) -> None:
    place = RegisterPlace(arguments.register)
    place.register()  # told before a PDF is read in vain
    title, reading = _read(arguments)
    if reading.effective_date is None or reading.doubt:
        raise ConfigurationError(f"{arguments.pdf}: {reading.doubt}; give --effective-date YYYY-MM-DD.")
    with place.alone():
        _propose(arguments, place, title, reading)


def _propose(arguments: argparse.Namespace, place: RegisterPlace, title: str, reading: Reading) -> None:
    """Hold the entry against the register as it is now; with --yes write it."""
    assert reading.effective_date is not None
    before = place.text()
    register = place.register()
    regulation_id = regulation_of(register, title, arguments.regulation)
    sha256 = sha256_of_file(arguments.pdf)
    file = _file_name(place, regulation_id, reading.effective_date, sha256)
    revision = Revision(effective_date=reading.effective_date, file=file, sha256=sha256)
    changed = added(register, Proposal(regulation_id, title, revision, correct=arguments.correct))
    _check_files(place, _others(register, regulation_id, reading.effective_date))
    _say(f"규정: {regulation_id} {title}")
    _say(f"시행일: {reading.effective_date} ({reading.evidence})")
    _say(f"파일: {file} (sha256 {sha256[:12]}…)")
    if arguments.yes:
        place.put(arguments.pdf, file)
        place.write(rendered(changed, before))
        _say(f"등록했습니다: {place.address}")
    else:
        _say("아직 등록하지 않았습니다. 맞으면 같은 명령에 --yes를 붙이십시오.")
    _say_advice(arguments, changed)


def _read(arguments: argparse.Namespace) -> tuple[str, Reading]:
    """Title and date as the PDF has them, or as the command line says."""
    if not arguments.pdf.is_file():
        raise PrerequisiteMissingError(f"{arguments.pdf}: no such file.")
    source = Source(regulation_id="new", title="", effective_date=_today(), file=arguments.pdf.name, sha256="")
    parsed = parse_file(arguments.pdf, source, load_config(arguments.config).parse)
    reading = read_effective_date(parsed.provisions)
    if arguments.effective_date is not None:
        reading = Reading(arguments.effective_date, "--effective-date로 지정", "")
    return arguments.title or parsed.report.regulation_title, reading


def _file_name(place: RegisterPlace, regulation_id: str, day: date, sha256: str) -> str:
    """`<id>-<date>.pdf`; with a piece of the hash when another file has that name: no file is ever overwritten."""
    name = f"{regulation_id}-{day}.pdf"
    return name.replace(".pdf", f"-{sha256[:_SHA_DIGITS]}.pdf") if place.has(name) else name


def _others(register: Register, regulation_id: str, day: date) -> Register:
    """The register without the revision that is being replaced, whose file may well be the wrong one."""
    try:
        return removed(register, regulation_id, day)
    except ConfigurationError:
        return register


def _remove(arguments: argparse.Namespace) -> None:
    place = RegisterPlace(arguments.register)
    with place.alone():
        _take_out(arguments, place)


def _take_out(arguments: argparse.Namespace, place: RegisterPlace) -> None:
    before = place.text()
    changed = removed(place.register(), arguments.regulation, arguments.effective_date)
    _say(f"뺄 개정: {arguments.regulation} {arguments.effective_date} (PDF 파일은 그대로 둡니다)")
    if arguments.yes:
        place.write(rendered(changed, before))
        _say(f"등록부에서 뺐습니다: {place.address}")
    else:
        _say("아직 빼지 않았습니다. 맞으면 같은 명령에 --yes를 붙이십시오.")


def _say_advice(arguments: argparse.Namespace, register: Register) -> None:
    """Say what is to be done, in the words of the page and of the mail."""
    url, today = arguments.store or load_config(arguments.config).publish.store, _today()
    try:
        files, root, local = open_store(url, Path() if arguments.store else include_path("").parent)
        if local and not Path(root).is_dir():  # of another machine, or of settings that --config does not name
            raise PrerequisiteMissingError("there is no such folder")  # noqa: TRY301 - told below with the rest
        runs = list(known_runs(files, root, {day for day in effective_dates(register) if day < today}))
    except Exception as error:  # noqa: BLE001 - whatever a bucket raises, the entry is made all the same
        reason = " ".join(str(error).split()) or type(error).__name__
        _say(f"결과 저장소를 읽지 못해 시작할 백필을 알 수 없습니다: {url} ({reason}).")
        _say("Airflow의 Regtune 화면이나 알림을 보십시오.")
        return
    for one in advise(register, runs, today):
        _say(f"- {one.text}" + (f"\n    {one.command}" if one.command else ""))


def _today() -> date:
    return datetime.now(timezone.utc).date()


def _say(line: str) -> None:
    print(line)  # noqa: T201 - what the command is for
