"""The openai clients of an address, whose replies have an end, and the key that they send.

In: address, key, timeouts, how many requests at a time. Out: clients in turn. A body is read to its end by the client
before anybody sees it, so what sends without end fills the memory long before a timeout: here it is cut off.
"""

import math
import os
import ssl
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from regtune.config import EndpointConfig
from regtune.errors import PrerequisiteMissingError

if TYPE_CHECKING:
    import httpx2  # what openai sends with
    import openai

LARGEST_BODY_BYTES = 1 << 20
"""A completion of 32,000 tokens, each of its characters escaped, takes half of it."""
_CONNECT_SECONDS = 10.0
"""Without a connection by then the server counts as gone, however long a reply may take."""
_CONNECTIONS_A_CLIENT = 16
"""httpx2 looks at every connection of its pool for each request: at 256 in one pool that takes longer than the rest."""


class OversizedBodyError(ValueError):
    """A body that is longer than any completion, or compressed so that its length says nothing."""


def clients(base_url: str, key: str, timeout_seconds: float, at_a_time: int) -> list["openai.AsyncOpenAI"]:
    """Make the clients of one address, enough for so many requests at a time; they try nothing again."""
    import openai
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    trusted = ssl.create_default_context()
    return [
        AsyncOpenAI(
            base_url=base_url,
            api_key=key,
            timeout=openai.Timeout(timeout_seconds, connect=_CONNECT_SECONDS),
            max_retries=0,
            default_headers={"Accept-Encoding": "identity"},
            http_client=DefaultAsyncHttpxClient(verify=trusted, event_hooks={"response": [_bounded]}),
        )
        for _ in range(math.ceil(at_a_time / _CONNECTIONS_A_CLIENT))
    ]


def api_key(config: EndpointConfig) -> str:
    """Read the key from the environment.

    Raises:
        PrerequisiteMissingError: the variable is named but not set.
    """
    if config.api_key_env is None:
        return "none"
    try:
        return os.environ[config.api_key_env]
    except KeyError as error:
        message = f"{config.api_key_env} is not set; put it into the host's env file (hosts.*.env_file)."
        raise PrerequisiteMissingError(message) from error


async def _bounded(response: "httpx2.Response") -> None:
    """Have the body, which is not read yet, end with an error where it is too long."""
    import httpx2  # what openai sends with

    assert isinstance(response.stream, httpx2.AsyncByteStream)
    whole: httpx2.AsyncByteStream = response.stream
    compressed = response.headers.get("content-encoding", "identity") != "identity"

    class Bounded(httpx2.AsyncByteStream):  # type: ignore[misc]  # its types are not seen where ours are checked
        async def __aiter__(self) -> AsyncIterator[bytes]:
            if compressed:
                raise OversizedBodyError("the server's reply is compressed, which it was not asked for")
            size = 0
            async for part in whole:
                size += len(part)
                if size > LARGEST_BODY_BYTES:
                    raise OversizedBodyError(f"the server's reply is longer than {LARGEST_BODY_BYTES} bytes")
                yield part

        async def aclose(self) -> None:
            await whole.aclose()

    response.stream = Bounded()
