"""A process that stands where vLLM stands: the same command line, `/v1/models`, chat completions, `/tokenize`."""

import argparse
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--model")
    parser.add_argument("--served-model-name")
    parser.add_argument("--lora-modules", default="")
    parser.add_argument("--chat-template", type=Path)
    arguments, _ = parser.parse_known_args(
        [a for a in sys.argv[1:] if a not in ("-m", "vllm.entrypoints.openai.api_server")]
    )
    if arguments.model == "broken":
        sys.exit("ValueError: no such model")
    sys.stderr.write("INFO 12-31 23:59:50 [api_server.py:1] vLLM API server version 0\n")
    sys.stderr.write("INFO 12-31 23:59:55 [gpu.py:1] Model loading took 15.25 GiB memory and 4.1 seconds\n")
    sys.stderr.write("INFO 01-01 00:00:10 [gpu.py:2] Available KV cache memory: 52.5 GiB\n")
    sys.stderr.write("INFO 01-01 00:00:20 [api_server.py:2] Starting vLLM API server 0 on http://127.0.0.1\n")
    sys.stderr.flush()
    names = [arguments.served_model_name, *filter(None, [arguments.lora_modules.partition("=")[0]])]
    template = arguments.chat_template.read_text(encoding="utf-8") if arguments.chat_template else ""
    ThreadingHTTPServer(("127.0.0.1", arguments.port), handler(names, template, arguments.model)).serve_forever()


def handler(names: list[str], template: str, model: str) -> type[BaseHTTPRequestHandler]:
    """The server's replies; an answer names the model that gave it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({"data": [{"id": name, "root": model} for name in names]})

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/tokenize":
                self.reply({"tokens": tokens_of(request["messages"], template, model)})
                return
            text = f"{request['model'].count('-')}번째 모델의 답변 5일입니다."
            usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
            head = {"id": "x", "created": 0, "model": request["model"]}
            if not request.get("stream"):
                message = {"role": "assistant", "content": text}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                self.reply({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for word in text.split():
                time.sleep(0.001)
                delta = {"index": 0, "delta": {"content": word}, "finish_reason": None}
                self.event({**head, "object": "chat.completion.chunk", "choices": [delta]})
            self.event({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
            self.wfile.write(b"data: [DONE]\n\n")

        def event(self, content: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(content)}\n\n".encode())

        def reply(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


def tokens_of(messages: list[dict[str, str]], template: str, model: str) -> list[int]:
    """Tokens of a conversation by the template that the server was given."""
    from jinja2 import Environment
    from tokenizers import Tokenizer

    text = Environment(autoescape=False).from_string(template).render(messages=messages, add_generation_prompt=True)
    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    return list(tokenizer.encode(text, add_special_tokens=False).ids)


if __name__ == "__main__":
    main()
