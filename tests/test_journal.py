"""What journal.py claims."""

import asyncio
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from regtune.journal import Journal

KEYS = [f"{number:064x}" for number in range(200)]


def add_all(path: Path, keys: list[str], text: str = "답") -> None:
    """Add entries at the same time."""

    async def adding() -> None:
        journal = Journal(path)
        await asyncio.gather(*(journal.add(key, {"reply": {"text": f"{text} {key[-3:]}"}}) for key in keys))

    asyncio.run(adding())


def text_of(journal: Journal, key: str) -> str | None:
    """What an entry says."""
    entry = journal.find(key)
    return entry["reply"]["text"] if entry else None


def test_what_was_added_is_found_also_by_another_journal(tmp_path: Path) -> None:
    """One line an entry; a journal over the same file has them all, and none that was not added."""
    path = tmp_path / "folder" / "replies.jsonl"
    add_all(path, KEYS[:50])
    assert len(path.read_bytes().splitlines()) == 50
    journal = Journal(path)
    assert [text_of(journal, key) for key in KEYS[:50]] == [f"답 {key[-3:]}" for key in KEYS[:50]]
    assert journal.find(KEYS[60]) is None


def test_what_others_append_meanwhile_is_found(tmp_path: Path) -> None:
    """A journal that is open reads on where it was."""
    path = tmp_path / "replies.jsonl"
    journal = Journal(path)
    assert journal.find(KEYS[0]) is None
    add_all(path, KEYS[:1])
    assert text_of(journal, KEYS[0]) == "답 000"


@pytest.mark.parametrize("cut", [1, 2, 10, 40, 70])
def test_a_torn_last_line_costs_that_line_alone(tmp_path: Path, cut: int) -> None:
    """Wherever a crash cuts the last line, the lines before it are there, and what is added next is whole."""
    path = tmp_path / "replies.jsonl"
    add_all(path, KEYS[:3])
    path.write_bytes(path.read_bytes()[:-cut])
    journal = Journal(path)
    assert [text_of(journal, key) for key in KEYS[:3]] == ["답 000", "답 001", None]
    add_all(path, KEYS[3:5])
    add_all(path, KEYS[2:3])
    assert None not in [text_of(journal, key) for key in KEYS[:5]]


def test_damage_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    """A line that is no JSON, or has no key, hides no other."""
    path = tmp_path / "replies.jsonl"
    add_all(path, KEYS[:2])
    path.write_bytes(b"\x00\xff{\n" + path.read_bytes() + b'{"reply": 1}\n[]\n')
    assert text_of(Journal(path), KEYS[1]) == "답 001"


def test_the_first_of_two_entries_counts(tmp_path: Path) -> None:
    """Two processes may ask the same at the same time; afterwards everybody reads one answer."""
    path = tmp_path / "replies.jsonl"
    add_all(path, KEYS[:1], "one")
    add_all(path, KEYS[:1], "other")
    assert text_of(Journal(path), KEYS[0]) == "one 000"


def test_several_processes_append_whole_lines(tmp_path: Path) -> None:
    """Four writers at a time: every line is whole and every entry is there."""
    path = tmp_path / "replies.jsonl"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=add_all, args=(path, KEYS[start::4])) for start in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    journal = Journal(path)
    assert all(text_of(journal, key) == f"답 {key[-3:]}" for key in KEYS)


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """The reply does not count when its line is not on disk; nor do those that waited with it."""
    (tmp_path / "replies.jsonl").mkdir()
    with pytest.raises(IsADirectoryError):
        add_all(tmp_path / "replies.jsonl", KEYS[:3])


def test_a_deleted_journal_is_an_empty_one(tmp_path: Path) -> None:
    """Deleting it asks everything anew, also for a process that has it open."""
    path = tmp_path / "replies.jsonl"
    add_all(path, KEYS[:3])
    journal = Journal(path)
    assert journal.find(KEYS[0])
    path.unlink()
    assert journal.find(KEYS[5]) is None
    add_all(path, KEYS[5:6])
    assert text_of(journal, KEYS[5]) == "답 005"


def test_a_line_is_flushed_to_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that loses power after `add` returned has the line: its whole text was there when fsync was called."""
    path, flushed = tmp_path / "replies.jsonl", []
    really = os.fsync

    def fsync(number: int) -> None:
        really(number)
        if os.path.samestat(os.fstat(number), path.stat()):
            flushed.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", fsync)

    async def adding() -> None:
        journal = Journal(path)
        for key in KEYS[:3]:
            await journal.add(key, {"reply": {"text": "답"}})
            assert flushed
            assert key.encode() in flushed[-1]

    asyncio.run(adding())


def test_a_reply_that_comes_while_another_is_flushed_is_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed during a slow flush leaves it for the next one; it used to wait in memory."""
    path, disk_is_ready = tmp_path / "replies.jsonl", threading.Event()
    monkeypatch.setattr("os.fsync", lambda _: disk_is_ready.wait(20))
    path.touch()

    async def adding() -> None:
        journal = Journal(path)
        tasks = [asyncio.create_task(journal.add(key, {"reply": {"text": "답"}})) for key in KEYS[:3]]
        await asyncio.sleep(0.2)
        assert [key.encode() in path.read_bytes() for key in KEYS[:3]] == [True] * 3
        assert not any(task.done() for task in tasks)
        disk_is_ready.set()
        await asyncio.gather(*tasks)

    asyncio.run(adding())
