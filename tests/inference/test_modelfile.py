"""Modelfiles, by the rules of Ollama's own parser."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.inference.modelfile import (
    Modelfile,
    ModelfileError,
    decode_modelfile,
    parse_modelfile,
    print_modelfile,
)
from sorte_cli.inference.specs import create_model, created_as_found, created_model, spec_for

SHIPPED = sorted(Path(__file__).parents[2].glob("Modelfiles/*/*.modelfile"))


def test_commands_values_and_comments_are_read() -> None:
    found = parse_modelfile(
        "# a comment\n# sorte: role=executor tier=8gb-128gb cpu_experts=all kv=q8_0\n"
        "from hf.co/org/repo:Q4_K_M\n"
        "PARAMETER num_ctx 32768\nparameter temperature 0.7\nPARAMETER use_mmap false\n"
        'PARAMETER stop "<|im_end|>"\nPARAMETER stop # not a comment\n'
        'SYSTEM """two\nlines "quoted" here"""\n'
        "LICENSE MIT\nLICENSE Apache-2.0\nADAPTER ./a.gguf\n"
        "MESSAGE user hello there\nREQUIRES 0.5.0\nPARSER qwen3-coder\n"
    )
    assert found.source == "hf.co/org/repo:Q4_K_M"
    assert found.parameters == {
        "num_ctx": 32_768,
        "temperature": 0.7,
        "use_mmap": False,
        "stop": ("<|im_end|>", "# not a comment"),
    }
    assert found.system == 'two\nlines "quoted" here'
    assert found.licenses == ("MIT", "Apache-2.0")
    assert found.adapters == ("./a.gguf",)
    assert found.messages == (("user", "hello there"),)
    assert (found.requires, found.parser) == ("0.5.0", "qwen3-coder")
    assert found.metadata["cpu_experts"] == "all"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PARAMETER num_ctx 1\n", "no FROM"),
        ("FROM x\nSORTE role=brain\n", "line 2 of Modelfile: 'SORTE' is not a command"),
        ("FROM x\nPARAMETER gpu_layers 3\n", "'gpu_layers' is not a parameter"),
        ("FROM x\nPARAMETER num_ctx many\n", "whole number"),
        ("FROM x\nPARAMETER use_mmap perhaps\n", "true or false"),
        ("FROM x\nMESSAGE wizard hi\n", "role 'wizard'"),
        ('FROM x\nSYSTEM """never closed\n', "no end"),
        ("FROM\n", "FROM has no value"),
        ("FROM x\nPARAMETER stop\n", "PARAMETER stop has no value"),
        ("# sorte: colour=red\nFROM x\n", "'colour' is not a setting"),
        ("# sorte: kv=q9\nFROM x\n", "'q9' is no value for kv"),
        ("", "no FROM"),
    ],
)
def test_what_ollama_would_refuse_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(ModelfileError, match=reason):
        parse_modelfile(text)


def test_the_last_value_wins_and_old_parameters_are_only_warned_about() -> None:
    found = parse_modelfile(
        "FROM a\nFROM b\nPARAMETER num_ctx 1\nPARAMETER num_ctx 2\nPARAMETER mirostat 1\n"
    )
    assert (found.source, found.integer("num_ctx")) == ("b", 2)
    assert found.warnings == ("PARAMETER mirostat is no longer used",)


def test_other_encodings_and_line_ends_are_read() -> None:
    text = "FROM x\r\nSYSTEM olá\r\n"
    for data in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
        assert decode_modelfile(data).system == "olá"
    with pytest.raises(ModelfileError, match="UTF-8"):
        decode_modelfile(b"FROM \xff\xff")


words = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), min_size=1)


@given(
    system=words,
    stop=st.lists(words.map(str.strip).filter(bool), max_size=3),
    window=st.integers(0, 9999),
)
def test_what_is_printed_reads_the_same(system: str, stop: list[str], window: int) -> None:
    parameters: dict[str, int | tuple[str, ...]] = {"num_ctx": window}
    if stop:
        parameters["stop"] = tuple(stop)
    wanted = Modelfile("hf.co/o/r", parameters, system, metadata={"role": "brain"})
    try:
        text = print_modelfile(wanted)
    except ModelfileError:
        return  # there are no escapes: some texts cannot be written at all
    found = parse_modelfile(text)
    assert (found.system, found.parameters) == (wanted.system, wanted.parameters)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_modelfile(text)
    except ModelfileError as error:
        assert error.message


@pytest.mark.parametrize("file", SHIPPED, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_the_modelfiles_that_ship_are_exact(file: Path) -> None:
    found = decode_modelfile(file.read_bytes(), name=file.name)
    assert found.source.startswith("hf.co/") and found.source.count(":") <= 1
    assert found.metadata["tier"] == file.parent.name
    assert found.metadata["role"] in ("both", file.stem)
    assert found.integer("num_ctx") >= 8192
    assert not found.warnings
    assert parse_modelfile(print_modelfile(found)) == found


def test_every_tier_has_its_modelfiles() -> None:
    assert {f.parent.name for f in SHIPPED} == {
        "8gb-128gb",
        "16gb-alternating",
        "24gb",
        "laptop",
    }
    for tier in {f.parent for f in SHIPPED}:
        assert {f.stem for f in tier.glob("*.modelfile")} == {"brain", "executor"}


# -- models made from them


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SORTE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_created_model_is_loaded_as_its_modelfile_says(tmp_path: Path, model: Path) -> None:
    place = tmp_path / "project"
    place.mkdir()
    (place / "w.gguf").symlink_to(model)
    (place / "a.gguf").symlink_to(model)
    (place / "Modelfile").write_text(
        "# sorte: kv=q8_0 cpu_experts=all adapter_scale=0.5\nFROM ./w.gguf\nADAPTER a.gguf\n"
        "PARAMETER num_ctx 300\nPARAMETER num_gpu 1\nPARAMETER num_thread 3\n"
    )
    made = create_model("mine:8gb", place / "Modelfile")
    assert made.weights == place / "w.gguf"
    spec = spec_for("mine:8gb")
    assert spec.path == place / "w.gguf"
    assert (spec.context_tokens, spec.gpu_layers, spec.threads) == (300, 1, 3)
    assert (spec.kv_type, spec.cpu_expert_layers) == ("q8_0", 2)
    assert spec.adapters == ((place / "a.gguf", 0.5),)
    assert spec_for("mine:8gb", context_tokens=200).context_tokens == 200
    assert [m.name for m in created_as_found()] == ["mine:8gb"]
    assert spec_for("nano").path.name == "nano.gguf"


def test_a_bad_modelfile_creates_nothing(tmp_path: Path, model: Path) -> None:
    file = tmp_path / "Modelfile"
    with pytest.raises(EnvironmentFailure, match="cannot read"):
        create_model("mine", file)
    file.write_text("FROM no-such-model\n")
    with pytest.raises(EnvironmentFailure, match="no-such-model"):
        create_model("mine", file)
    file.write_text(f"FROM {model}\nADAPTER gone.gguf\n")
    with pytest.raises(EnvironmentFailure, match=r"gone\.gguf"):
        create_model("mine", file)
    for name in ("../up", "nano", "", "a b"):
        with pytest.raises(UsageError, match="name"):
            create_model(name, file)
    assert created_model("mine") is None
