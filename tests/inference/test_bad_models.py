"""Files that lie about themselves, up to the engine: one clear error, and the next one works."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from sorte_cli.errors import SorteError
from sorte_cli.inference import (
    ModelLoadError,
    ModelSpec,
    Options,
    chat,
    loading,
    open_engine,
)
from sorte_cli.inference.gguf import GgufError
from sorte_cli.inference.local import LocalEngine

from .tiny import (
    STRING,
    U32,
    packed_string,
    tiny_metadata,
    tiny_model,
    tiny_tensors,
    vocabulary,
    write_gguf,
)

HELLO = [("user", "hello")]


def with_settings(path: Path, **changes: tuple[int, object]) -> Path:
    """A tiny model whose header says something else; `__` stands for a dot."""
    words = vocabulary()
    metadata = tiny_metadata(words) | {k.replace("__", "."): v for k, v in changes.items()}
    return write_gguf(path, metadata, tiny_tensors(len(words.tokens)))


def refused(path: Path, **spec: int) -> SorteError:
    """Refused in this process and in a child, in the same words; never a crash."""
    found = []
    for inline in (True, False):
        with pytest.raises(SorteError) as caught:
            open_engine(ModelSpec(path, **spec), inline=inline).close()  # type: ignore[arg-type]
        found.append(caught.value)
    assert found[0].message == found[1].message and found[0].hint
    return found[0]


@pytest.mark.parametrize(
    "change",
    [
        {"llama__block_count": (U32, 4_000_000_000)},
        {"llama__block_count": (U32, 0)},
        {"llama__attention__head_count": (U32, 0)},
        {"llama__attention__head_count": (U32, 7)},
        {"llama__attention__head_count_kv": (U32, 3_000_000_000)},
        {"llama__embedding_length": (U32, 4_000_000_000)},
        {"llama__rope__dimension_count": (U32, 9)},
        {"llama__feed_forward_length": (STRING, "many")},
        {"tokenizer__ggml__model": (STRING, "runes")},
    ],
    ids=lambda change: "-".join(map(str, next(iter(change.items())))),
)
def test_dimensions_that_do_not_go_with_the_weights(
    tmp_path: Path, change: dict[str, tuple[int, object]]
) -> None:
    """llama.cpp ends its process for some of these: then that is the error."""
    with pytest.raises(SorteError) as caught:
        open_engine(ModelSpec(with_settings(tmp_path / "lie.gguf", **change)))
    assert caught.value.message and caught.value.hint


def test_an_architecture_that_nobody_knows(tmp_path: Path) -> None:
    path = with_settings(tmp_path / "new.gguf", general__architecture=(STRING, "mindreader"))
    assert "mindreader" in refused(path).message


def test_a_vocabulary_alone(tmp_path: Path) -> None:
    words = vocabulary()
    refused(write_gguf(tmp_path / "words.gguf", tiny_metadata(words), {}))


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def more_tensors(data: bytes) -> bytes:
    return data[:8] + struct.pack("<Q", 1 << 60) + data[16:]


def more_settings(data: bytes) -> bytes:
    return data[:16] + struct.pack("<Q", (1 << 64) - 1) + data[24:]


def weights_beyond_the_end(data: bytes) -> bytes:
    name = packed_string("output_norm.weight")
    at = data.index(name) + len(name) + 4 + 8 + 4
    return data[:at] + struct.pack("<Q", 1 << 50) + data[at + 8 :]


@pytest.mark.parametrize("spoil", [cut, more_tensors, more_settings, weights_beyond_the_end])
def test_sizes_and_counts_beyond_the_file(
    tmp_path: Path, model: Path, spoil: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "spoilt.gguf"
    path.write_bytes(spoil(model.read_bytes()))
    assert isinstance(refused(path), GgufError)


def test_a_window_larger_than_all_memory(long_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known before anything is loaded, so that no process is killed for it."""
    monkeypatch.setattr(loading, "memory_bytes", lambda: (40_000_000, 40_000_000))
    with pytest.raises(ModelLoadError, match=r"needs .* GB of memory, and this"):
        LocalEngine(ModelSpec(long_model, context_tokens=1 << 23))
    LocalEngine(ModelSpec(long_model, context_tokens=512)).close()


@pytest.mark.parametrize(
    "template",
    [
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% set ns = namespace(x=[]) %}{% set _ = ns.x.append(ns.x) %}{{ ns.x | tojson }}",
        "{% for m in messages recursive %}{{ loop(messages) }}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ messages.__class__.__base__.__subclasses__() }}",
        "{{ self.__init__.__globals__['__builtins__'] }}",
        "{{ (messages | map(attribute='__class__') | list)[0].__mro__[1] }}",
        "{{ raise_exception.__globals__ }}",
        "{{ strftime_now.__closure__ }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ ('%s' | format(messages)).__format__.__self__ }}",
    ],
)
def test_a_template_that_loops_or_reaches_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    monkeypatch.setattr(chat, "RENDER_TIMEOUT_S", 0.3)
    engine = LocalEngine(ModelSpec(tiny_model(tmp_path / "m.gguf", template=template)))
    with pytest.raises(SorteError) as caught:
        engine.generate(HELLO, Options(max_tokens=3))
    assert caught.value.hint
    assert engine.count("still there") > 0
    engine.close()
