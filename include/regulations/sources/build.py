"""Build the sample regulation PDFs and their register from the text sources beside this file.

In: `<regulation_id>-<effective date>.txt`. The earliest of a regulation is its whole text, each later
one only what that revision changes. Out: one PDF a revision and register.yaml, both in the folder above.

    python build.py        (needs python-docx, LibreOffice Writer and the NanumMyeongjo font)

The text is laid out as DOCX in a temporary folder and printed by LibreOffice, because PDFs made that
way carry the traits of real ones: running heads, page marks, justified lines that wrap inside a word.
The same sources and the same LibreOffice give the same bytes; another LibreOffice gives the same text
in other bytes, so that the hashes in the register change with it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from revisions import SOURCES, Regulation, read_regulations

EXIT_MISSING = 4
OUTPUT = SOURCES.parent
FONT = "NanumMyeongjo"
CONVERT_TIMEOUT_SECONDS = 180

REGISTER_COMMENT = """\
# The sample regulations: every revision, the date it takes effect (시행일), its PDF and the PDF's sha256.
# 주식회사 늘봄가람 is a fictional company; all three texts were written for this project.
# Written by sources/build.py: change the sources, not this file.
"""


def pin_pdf(content: bytes, effective_date: str) -> bytes:
    """Put the effective date and a hash in place of the clock and the random ids: same length, same offsets."""
    date = f"D:{effective_date.replace('-', '')}000000Z'".encode()
    content = re.sub(rb"D:\d{14}(?:Z|[+-]\d\d)'(?:\d\d')?", lambda found: date.ljust(len(found[0])), content)
    file_ids = rb"(?<=<)[0-9A-F]{32}(?=>)|(?<=/DocChecksum /)[0-9A-F]{32}"
    start = content.rindex(b"\ntrailer")
    body, trailer = content[:start], content[start:]
    file_id = hashlib.sha256(body).hexdigest()[:32].upper().encode()
    return body + re.sub(file_ids, file_id, trailer)


def print_pdf(docx_path: Path, effective_date: str) -> bytes:
    """Print a DOCX with LibreOffice, under a profile of its own, and return the PDF."""
    folder = docx_path.parent
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), str(docx_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=CONVERT_TIMEOUT_SECONDS)
    return pin_pdf(docx_path.with_suffix(".pdf").read_bytes(), effective_date)


def write_register(regulations: list[list[Regulation]]) -> None:
    """Write register.yaml from the PDFs as they now lie in the output folder."""
    lines = [REGISTER_COMMENT + "regulations:"]
    for revisions in regulations:
        lines += [f"  - regulation_id: {revisions[0].regulation_id}", f"    title: {revisions[0].title}"]
        lines.append("    revisions:")
        for revision in revisions:
            sha256 = hashlib.sha256((OUTPUT / revision.pdf_name).read_bytes()).hexdigest()
            lines.append(
                f"      - {{effective_date: {revision.effective_date}, file: {revision.pdf_name}, sha256: {sha256}}}"
            )
    (OUTPUT / "register.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def missing_prerequisite() -> str | None:
    """Name the first program or font that is not there, with how to get it."""
    if shutil.which("soffice") is None:
        return "soffice (LibreOffice) is missing; install it with: apt-get install libreoffice-writer"
    if shutil.which("fc-match") is None:
        return "fc-match is missing; install it with: apt-get install fontconfig"
    found = subprocess.run(
        ["fc-match", "-f", "%{family}", FONT],  # noqa: S607 - found on PATH just above
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if FONT not in found:
        return f"the font {FONT} is missing; install it with: apt-get install fonts-nanum"
    if importlib.util.find_spec("docx") is None:
        return "python-docx is missing; install it with: pip install python-docx"
    return None


def main() -> int:
    """Build every PDF, then the register."""
    missing = missing_prerequisite()
    if missing:
        sys.stderr.write(f"build.py: {missing}\n")
        return EXIT_MISSING
    from layout import write_docx  # needs python-docx, which was looked for just above

    regulations = read_regulations()
    with tempfile.TemporaryDirectory() as folder:
        for revision in (revision for revisions in regulations for revision in revisions):
            docx_path = Path(folder) / revision.pdf_name.replace(".pdf", ".docx")
            write_docx(revision, docx_path)
            (OUTPUT / revision.pdf_name).write_bytes(print_pdf(docx_path, revision.effective_date))
            sys.stdout.write(f"{revision.pdf_name}\n")
    write_register(regulations)
    return 0


if __name__ == "__main__":
    sys.exit(main())
