"""Which models an OpenAI-compatible server has.

In: its address and key. Out: names. It asks no model anything.
"""

import json
import urllib.request

from regtune.connections import LARGEST_BODY_BYTES

_MODELS_TIMEOUT_SECONDS = 10


def served_models(base_url: str, key: str) -> list[str]:
    """Ask an OpenAI-compatible server which models it has.

    Raises:
        OSError: it does not answer, or refuses.
        ValueError: what answers is no such server.
    """
    if not base_url.startswith(("http://", "https://")):
        raise ValueError(f"{base_url}: not an http address")
    request = urllib.request.Request(f"{base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_MODELS_TIMEOUT_SECONDS) as response:  # noqa: S310
        content = json.loads(response.read(LARGEST_BODY_BYTES))
    try:
        return sorted(str(model["id"]) for model in content["data"])
    except (KeyError, TypeError) as error:
        raise ValueError("its list of models has another shape") from error
