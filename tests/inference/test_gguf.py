"""Reading GGUF headers: what is kept, and that no file can hurt the reader."""

from __future__ import annotations

import struct
from array import array
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorte_cli.errors import ExitCode
from sorte_cli.inference.gguf import GgufArray, GgufError, read_header
from sorte_cli.inference.placement import need

from .tiny import ARRAY, F32, I32, STRING, TEMPLATE, U32, packed_string, tiny_model, write_gguf


def test_a_header_says_what_the_model_is(model: Path) -> None:
    header = read_header(model)
    assert (header.version, header.architecture, header.name) == (3, "llama", "tiny")
    assert header.quantisation == "F32"
    assert header.trained_context_tokens == 512
    assert header.layers == 2
    assert header.chat_template == TEMPLATE
    assert header.parameters == sum(t.elements for t in header.tensors)
    assert header.size_bytes == model.stat().st_size
    assert header.size_bytes - header.data_offset >= 4 * header.parameters
    embedding = header.tensors[0]
    assert (embedding.name, embedding.type_name) == ("token_embd.weight", "F32")
    assert embedding.shape[0] == 32
    assert embedding.size_bytes == 4 * embedding.elements


def test_long_arrays_are_counted_and_short_ones_kept(tmp_path: Path) -> None:
    path = write_gguf(
        tmp_path / "a.gguf",
        {
            "general.architecture": (STRING, "llama"),
            "long.text": (ARRAY, (STRING, ["é" * 3] * 500)),
            "long.number": (ARRAY, (I32, list(range(2000)))),
            "short": (ARRAY, (F32, [1.0, 2.0])),
            "nested": (ARRAY, (ARRAY, [(STRING, ["a"]), (STRING, ["b", "c"])])),
            "per.layer": (ARRAY, (U32, [8, 0, 8])),
        },
        {"t": ((2, 2), array("f", [1, 2, 3, 4]))},
    )
    header = read_header(path)
    assert header.metadata["long.text"] == GgufArray(8, 500)
    assert header.metadata["long.number"] == GgufArray(5, 2000)
    assert header.metadata["short"] == [1.0, 2.0]
    assert header.metadata["nested"] == [["a"], ["b", "c"]]
    assert header.numbers("per.layer") == [8, 0, 8]
    assert header.numbers("missing", 3) == [3]


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    one = tiny_model(tmp_path / "one.gguf")
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(one.read_bytes())
    other = tiny_model(tmp_path / "other.gguf", seed=1)
    assert read_header(one).fingerprint == read_header(copy).fingerprint
    assert read_header(one).fingerprint != read_header(other).fingerprint


def test_the_name_falls_back_to_the_file(tmp_path: Path) -> None:
    assert read_header(tiny_model(tmp_path / "my-model.gguf", name=" ")).name == "my-model"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"hello world, this is a text\n", "text file"),
        (b"short", "text file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "LFS"),
        (b"PK\x03\x04" + bytes(60), "PyTorch"),
        (bytes(100), "signature"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + bytes(40), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0) + bytes(40), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0) + bytes(40), "more than the file"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 63) + bytes(40), "more than the file"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 50) + bytes(40), "longer than the file"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + packed_string("k"), "truncated"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + packed_string("k") + b"\x63" * 9, "type"),
        (
            b"GGUF"
            + struct.pack("<IQQ", 3, 0, 1)
            + packed_string("k")
            + struct.pack("<IIQ", 9, 4, 1 << 61)
            + bytes(40),
            "longer than the file",
        ),
        (
            b"GGUF"
            + struct.pack("<IQQ", 3, 0, 1)
            + packed_string("k")
            + struct.pack("<I", 9)
            + struct.pack("<IQ", 9, 1) * 40
            + bytes(40),
            "nested",
        ),
        (
            b"GGUF"
            + struct.pack("<IQQ", 3, 1, 0)
            + packed_string("t")
            + struct.pack("<I4Q", 4, 1 << 40, 1 << 40, 1, 1)
            + bytes(40),
            "claims",
        ),
        (
            b"GGUF"
            + struct.pack("<IQQ", 3, 1, 0)
            + packed_string("t")
            + struct.pack("<I", 99)
            + bytes(40),
            "dimensions",
        ),
        (
            b"GGUF"
            + struct.pack("<IQQ", 3, 0, 1)
            + packed_string("general.alignment")
            + struct.pack("<II", 4, 0)
            + bytes(40),
            "alignment",
        ),
    ],
)
def test_what_is_no_sound_gguf_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(GgufError) as caught:
        read_header(path)
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


def test_a_truncated_model_is_refused_wherever_it_was_cut(tmp_path: Path, model: Path) -> None:
    whole = model.read_bytes()
    path = tmp_path / "cut.gguf"
    for size in [0, 3, 4, 20, 25, 100, 1000, 5000, 12_000, len(whole) // 2, len(whole) - 200]:
        path.write_bytes(whole[:size])
        with pytest.raises(GgufError):
            read_header(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(GgufError, match="cannot read"):
            read_header(path)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(4, 13_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_flipped_bytes_give_a_header_or_a_gguf_error(
    tmp_path: Path, model: Path, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(model.read_bytes())
    for at, value in changes:
        data[at] = value
    path = tmp_path / "flipped.gguf"
    path.write_bytes(data)
    try:
        header = read_header(path)
    except GgufError:
        return
    assert header.quantisation is not None
    assert 0 <= header.layers <= len(header.tensors)
    assert need(header, 4096).total >= 0
