"""An engine elsewhere: a server that speaks the protocol over a real engine, and bad ones."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.inference import (
    ContextOverflow,
    EngineDied,
    GrammarError,
    ModelSpec,
    Options,
    open_engine,
)
from sorte_cli.inference.address import read_address
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.manager import ModelManager
from sorte_cli.inference.remote import RemoteEngine
from sorte_cli.inference.specs import spec_for

from .tiny import ENDLESS

HELLO = [("user", "hello")]
GRAMMAR = 'root ::= "rename " [a-z]+ "\\n"'


class Server(http.server.ThreadingHTTPServer):
    """Speaks as llama-server does. `kind` says what it can do."""

    daemon_threads = True

    def __init__(self, engine: LocalEngine, kind: str = "grammar") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.engine, self.kind = engine, kind
        self.requests: list[dict[str, Any]] = []
        self.scripted: list[str] = []
        self.finishes: list[str] = []
        self.key = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up is what is tested


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def _json(self, document: Any, status: int = 200) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        if self.server.key and self.headers["Authorization"] != f"Bearer {self.server.key}":
            self._json({"error": {"message": "no"}}, 401)
        elif self.path == "/v1/models" and self.server.kind != "other":
            self._json({"data": [{"id": "small-3B", "meta": {"n_ctx": 512}}, {"id": "second"}]})
        else:
            self._json({"hello": "there"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/tokenize" and self.server.kind == "grammar":
            self._json({"tokens": self.server.engine.tokenize(body["content"])})
        elif self.path == "/v1/chat/completions":
            self.server.requests.append(body)
            self._complete(body)
        else:
            self._json({"error": "unknown"}, 404)

    def _complete(self, body: dict[str, Any]) -> None:
        kind = self.server.kind
        if kind == "silent":
            self.send_response(200)
            self.end_headers()
            return
        if kind == "broken":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"data: {not json\n\n")
            return
        if kind == "strict" and "grammar" in body:
            self._json({"error": {"message": "grammar is not supported"}}, 400)
            return
        form = body.get("response_format", {})
        if kind == "schema" and form.get("type") == "json_schema":
            properties = form["json_schema"]["schema"]["properties"]
            if "code" in properties:
                self._say(json.dumps({"code": properties["code"]["enum"][0]}))
                return
        messages = [(m["role"], m["content"]) for m in body["messages"]]
        grammar = body.get("grammar", "") if kind == "grammar" else ""
        if kind == "vllm":
            grammar = body.get("structured_outputs", {}).get("grammar", "")
        options = Options(
            max_tokens=body["max_tokens"],
            temperature=body["temperature"],
            grammar=grammar,
            stop=tuple(body.get("stop", ())),
        )
        if self.server.scripted:
            self._say(self.server.scripted.pop(0))
            return
        gone = threading.Event()
        try:
            self.server.engine.render(messages)
            started = [False]

            def send(text: str) -> None:
                if not started[0]:
                    started[0] = True
                    self._stream_start()
                try:
                    self._chunk(text, None)
                except OSError:
                    gone.set()

            found = self.server.engine.generate(messages, options, on_text=send, cancel=gone)
            self.server.finishes.append(found.finish)
            if not started[0]:
                self._stream_start()
            self._chunk("", found.finish)
        except ContextOverflow as error:
            self._json({"error": {"message": error.message}}, 400)

    def _say(self, text: str) -> None:
        self._stream_start()
        self._chunk(text, None)
        self._chunk("", "stop")

    def _stream_start(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def _chunk(self, text: str, finish: str | None) -> None:
        event = {"choices": [{"delta": {"content": text}, "finish_reason": finish}]}
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()
        if finish:
            self.wfile.write(b"data: [DONE]\n\n")


@pytest.fixture(scope="module")
def behind(long_model: Path) -> Iterator[LocalEngine]:
    opened = LocalEngine(ModelSpec(long_model, context_tokens=2048), keep_prefixes=False)
    yield opened
    opened.close()


@pytest.fixture
def server(behind: LocalEngine) -> Iterator[Server]:
    opened = Server(behind)
    thread = threading.Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


def test_the_answer_is_that_of_the_engine_behind_it(server: Server, behind: LocalEngine) -> None:
    engine = open_engine(ModelSpec(Path("x"), url=server.url))
    wanted = behind.generate(HELLO, Options(max_tokens=20))
    pieces: list[str] = []
    found = engine.generate(HELLO, Options(max_tokens=20), on_text=pieces.append)
    assert found.text == wanted.text == "".join(pieces)
    assert found.finish == wanted.finish
    assert engine.count("ab ab") == len(behind.tokenize("ab ab"))
    assert engine.info.name == "small-3B"
    assert (engine.info.context_tokens, engine.info.parameters) == (512, 3_000_000_000)


@pytest.mark.parametrize("kind", ["grammar", "vllm"])
def test_a_grammar_is_obeyed_over_there(server: Server, kind: str) -> None:
    server.kind = kind
    engine = RemoteEngine(server.url)
    for _ in range(2):
        found = engine.generate(HELLO, Options(max_tokens=40, grammar=GRAMMAR))
        assert found.text.startswith("rename ")
    probes = [r for r in server.requests if "hello" in r["messages"][0]["content"].lower()]
    assert len(probes) < len(server.requests) + 1
    with pytest.raises(GrammarError):
        engine.generate(HELLO, Options(grammar="root ::= ("))


@pytest.mark.parametrize("kind", ["plain", "strict"])
def test_without_grammars_answers_are_checked_and_asked_for_again(
    server: Server, kind: str
) -> None:
    server.kind = kind
    engine = RemoteEngine(server.url)
    options = Options(max_tokens=40, grammar=GRAMMAR)
    probes = ["hello"] * (2 if kind == "plain" else 1)
    server.scripted = [*probes, "Sure! rename x", "```\nrename total\n```"]
    pieces: list[str] = []
    found = engine.generate(HELLO, options, on_text=pieces.append)
    assert found.text == "rename total\n" == "".join(pieces)
    last = server.requests[-1]["messages"]
    assert [m["role"] for m in last] == ["user", "assistant", "user"]
    assert "'Sure! rename x'" in last[-1]["content"]
    server.scripted = ["no", "no", "never"]
    with pytest.raises(GrammarError, match="3 times"):
        engine.generate(HELLO, options)


SCHEMA = json.dumps({"type": "object", "properties": {"verb": {"enum": ["rename"]}}})


def test_an_engine_without_grammars_gets_the_schema_of_the_same_answer(server: Server) -> None:
    server.kind = "schema"
    engine = RemoteEngine(server.url)
    server.scripted = ["hello", "hello", '{"verb": ', '```json\n{"verb": "rename"}\n```']
    options = Options(max_tokens=40, grammar=GRAMMAR, schema=SCHEMA)
    pieces: list[str] = []
    found = engine.generate(HELLO, options, on_text=pieces.append)
    assert (found.text, found.form) == ('{"verb": "rename"}', "json")
    assert "".join(pieces) == found.text
    last = server.requests[-1]
    assert last["response_format"]["json_schema"]["schema"] == json.loads(SCHEMA)
    assert SCHEMA in last["messages"][0]["content"]
    assert "not one whole JSON document" in last["messages"][-1]["content"]
    server.scripted = ["no", "no", "never"]
    with pytest.raises(GrammarError, match="3 times"):
        engine.generate(HELLO, options)


def test_an_engine_that_takes_neither_is_held_to_the_grammar(server: Server) -> None:
    server.kind = "plain"
    engine = RemoteEngine(server.url)
    server.scripted = ["hello"] * 4 + ["rename total\n"]
    found = engine.generate(HELLO, Options(max_tokens=40, grammar=GRAMMAR, schema=SCHEMA))
    assert (found.text, found.form) == ("rename total\n", "text")


def test_cancelling_ends_the_work_over_there(server: Server) -> None:
    engine = RemoteEngine(server.url)
    cancel = threading.Event()
    options = Options(max_tokens=2000, grammar=ENDLESS)
    found = engine.generate(HELLO, options, on_text=lambda _: cancel.set(), cancel=cancel)
    assert found.finish == "cancelled"
    end = time.monotonic() + 30
    while "cancelled" not in server.finishes and time.monotonic() < end:
        time.sleep(0.02)
    assert server.finishes[-1] == "cancelled"
    assert engine.generate(HELLO, Options(max_tokens=3)).text is not None


def test_stop_texts_count(server: Server) -> None:
    engine = RemoteEngine(server.url)
    options = Options(max_tokens=200, grammar='root ::= "one" "\\n" "two" [a-z]*', stop=("two",))
    assert engine.generate(HELLO, options).text == "one\n"


def test_a_prompt_that_is_too_long_says_so(server: Server) -> None:
    engine = RemoteEngine(server.url)
    with pytest.raises(ContextOverflow) as caught:
        engine.generate([("user", "word " * 5000)], Options(max_tokens=3))
    assert caught.value.prompt_tokens > 2048


@pytest.mark.parametrize(
    ("kind", "reason"), [("silent", "broke off"), ("broken", "not JSON"), ("other", "compatible")]
)
def test_odd_engines_are_one_clear_error(server: Server, kind: str, reason: str) -> None:
    server.kind = kind
    with pytest.raises(EnvironmentFailure, match=reason):
        RemoteEngine(server.url).generate(HELLO, Options(max_tokens=3))


def test_models_keys_and_addresses_are_checked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RemoteEngine(server.url + "#second").info.name == "second"
    with pytest.raises(EnvironmentFailure, match="no model called 'third'"):
        RemoteEngine(server.url + "#third")
    server.key = "secret"
    with pytest.raises(EnvironmentFailure, match="wants a key"):
        RemoteEngine(server.url)
    monkeypatch.setenv("SORTE_REMOTE_KEY", "secret")
    assert RemoteEngine(server.url).info.name == "small-3B"
    for bad in ("ftp://x", "http://", "http://me:pw@host/v1", "http://host:99999/v1"):
        with pytest.raises(UsageError):
            read_address(bad)


def test_an_engine_that_is_not_there_is_named(server: Server) -> None:
    with pytest.raises(EngineDied, match=r"127\.0\.0\.1:1 does not answer"):
        RemoteEngine("http://127.0.0.1:1/v1")


def test_a_role_can_be_played_elsewhere(server: Server, model: Path) -> None:
    brain = spec_for(server.url, context_tokens=1000)
    with ModelManager(brain, ModelSpec(model), inline=True) as manager:
        assert isinstance(manager.engine("brain"), RemoteEngine)
        assert manager.engine("brain").info.context_tokens == 1000
        assert manager.engine("executor").info.name == "tiny"
        assert manager.engine("brain").alive
        assert manager.fit("brain").in_memory
    with ModelManager(brain, brain) as one:
        assert one.shared
