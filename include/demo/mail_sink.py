"""A stand-in for the mail server: takes every message on loopback and keeps it as a file.

In: `python mail_sink.py --port N --folder FOLDER`. Out: FOLDER/0001.eml and so on, in order of arrival.
It relays nothing.
"""

import argparse
import asyncio
from pathlib import Path


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, folder: Path) -> None:
    """One SMTP dialogue (RFC 5321, without extensions)."""
    await _say(writer, "220 stand-in mail server")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            await _say(writer, "354 go on")
            _keep(await _message(reader), folder)
            await _say(writer, "250 kept")
        elif verb == b"QUIT":
            await _say(writer, "221 bye")
            break
        elif verb in {b"HELO", b"EHLO", b"MAIL", b"RCPT", b"RSET", b"NOOP"}:
            await _say(writer, "250 ok")
        else:
            await _say(writer, "502 not here")
    writer.close()


async def _say(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(f"{text}\r\n".encode())
    await writer.drain()


async def _message(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(lines)


def _keep(message: bytes, folder: Path) -> None:
    number = len(list(folder.glob("*.eml"))) + 1
    temporary = folder / f"{number:04d}.part"
    temporary.write_bytes(message)
    temporary.rename(folder / f"{number:04d}.eml")


async def _serve(port: int, folder: Path) -> None:
    server = await asyncio.start_server(lambda r, w: _converse(r, w, folder), "127.0.0.1", port, limit=1 << 20)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="A stand-in for the mail server.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
