"""What this machine has: processor, memory, graphics cards, and what the build can use of it.

Nothing here imports llama_cpp unless asked to; a graphics card is found through the driver's own
tool, so that Sorte can say "there is a card, but this build cannot use it".
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sorte_cli.inference import tuning

SMALL_MODEL_BYTES = 50 * 1000 * 1000
MAX_DECODE_THREADS = 8
"""Decoding waits for memory, not for arithmetic: more threads than this only get in the way."""
MAX_PROMPT_THREADS = 16
MAX_THREADS = 256
"""ggml ends the process when it is asked for more than 512."""
SPIN_COUNT = "1000"
"""How long OpenMP threads wait busily for each other. By default so long that a second thread on
a machine with other work made a token take 4 to 7 s instead of 0.2 s (measured)."""
_WSL_SMI = Path("/usr/lib/wsl/lib/nvidia-smi")
CUDA_INSTALL = (
    'CMAKE_ARGS="-DGGML_CUDA=on" pip install --force-reinstall --no-cache-dir '
    "llama-cpp-python==0.3.36"
)
VULKAN_INSTALL = CUDA_INSTALL.replace("CUDA", "VULKAN")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card; memory in bytes, 0 where it could not be learnt."""

    name: str
    total_bytes: int = 0
    free_bytes: int = 0
    driver: str = ""


@dataclass(frozen=True, slots=True)
class Hardware:
    """The machine. Memory is what this process may use: container limits count."""

    cpu: str
    physical_cores: int
    logical_cores: int
    performance_cores: int
    """Physical cores of the faster kind; all of them where there is one kind."""
    ram_total_bytes: int
    ram_available_bytes: int
    gpus: tuple[Gpu, ...] = ()
    build_gpu: bool | None = None
    """Whether the installed llama.cpp can use a GPU; None: not asked."""
    wsl: bool = False
    notes: tuple[str, ...] = ()
    """Sentences for people, each with its remedy."""


def hardware(*, ask_build: bool = False) -> Hardware:
    """Looks at the machine. `ask_build` loads llama.cpp to learn what it was built for."""
    total, available = memory_bytes()
    found = Hardware(
        cpu=_cpu_name(),
        physical_cores=_physical_cores(),
        logical_cores=_logical_cores(),
        performance_cores=_performance_cores(),
        ram_total_bytes=total,
        ram_available_bytes=available,
        gpus=gpus(),
        build_gpu=_build_gpu() if ask_build else None,
        wsl=on_wsl(),
    )
    return replace(found, notes=notes(found))


def on_wsl() -> bool:
    """Whether this is Linux inside Windows."""
    return "microsoft" in platform.release().lower()


def install_for(card: Gpu) -> str:
    """The command that installs a llama-cpp-python which can use the card."""
    return CUDA_INSTALL if "nvidia" in card.name.lower() or card.driver else VULKAN_INSTALL


def notes(found: Hardware) -> tuple[str, ...]:
    """What a person should know about this machine, with what to do about it."""
    said = []
    if found.build_gpu is False and found.gpus:
        said.append(
            f"{found.gpus[0].name} is there, but this build of llama.cpp cannot use it: "
            f"{install_for(found.gpus[0])}"
        )
    if found.build_gpu and not found.gpus and found.wsl:
        said.append(
            "llama.cpp was built for a GPU but WSL shows none: update the Windows driver, "
            "then run `wsl --shutdown` in Windows."
        )
    if found.ram_available_bytes < 2 * 1000**3:
        said.append(
            f"only {found.ram_available_bytes / 1000**3:.1f} GB of memory are free: "
            "close other programs, or stay with the nano model."
        )
    return tuple(said)


def inference_threads(model_bytes: int, wanted: int = 0) -> tuple[int, int]:
    """(threads to generate, threads to read prompts) for a model of this size.

    Very small models lose more to waking threads than they win; for the rest, what `sorte engine
    tune` measured, else the performance cores this process may use, because a slow or shared core
    holds all others back.
    """
    if wanted > 0:
        return min(wanted, MAX_THREADS), min(wanted, MAX_THREADS)
    if model_bytes < SMALL_MODEL_BYTES:
        return 1, 1
    tuned = tuning.load(machine_name())
    if tuned is not None:
        return tuned[0], tuned[1]
    cores = max(1, min(_performance_cores(), _logical_cores()))
    return min(cores, MAX_DECODE_THREADS), min(cores, MAX_PROMPT_THREADS)


def machine_name() -> str:
    """Tells machines apart for what is measured on them."""
    return f"{_cpu_name()}, {_logical_cores()} processors"


def thread_numbers() -> list[int]:
    """Numbers of threads worth measuring here."""
    return tuning.candidates(_performance_cores(), _logical_cores())


def memory_bytes() -> tuple[int, int]:
    """(total, available) bytes of memory, within the limits of the container."""
    total = available = 0
    for line in _lines("/proc/meminfo"):
        key, _, rest = line.partition(":")
        if key in ("MemTotal", "MemAvailable"):
            amount = int(rest.split()[0]) * 1024
            total, available = (amount, available) if key == "MemTotal" else (total, amount)
    if not total and hasattr(os, "sysconf"):
        total = available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit_file, used_file in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        (
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        ),
    ):
        limit, used = _number(limit_file), _number(used_file)
        if 0 < limit < total:
            return limit, max(0, min(available, limit - used))
    return total, available


def gpus() -> tuple[Gpu, ...]:
    """NVIDIA cards through nvidia-smi; else whatever the kernel calls a display device."""
    tool = shutil.which("nvidia-smi") or (str(_WSL_SMI) if _WSL_SMI.exists() else "")
    found = _nvidia(tool) if tool else ()
    return found or _drm_cards()


def _nvidia(tool: str) -> tuple[Gpu, ...]:
    query = "--query-gpu=name,memory.total,memory.free,driver_version"
    try:
        done = subprocess.run(
            [tool, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(_nvidia_lines(done.stdout.splitlines())) if done.returncode == 0 else ()


def _nvidia_lines(lines: Iterable[str]) -> Iterable[Gpu]:
    for line in lines:
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 4:
            total, free = (int(p) * 1024**2 if p.isdigit() else 0 for p in parts[1:3])
            yield Gpu(parts[0], total, free, parts[3])


_VENDORS = {"0x1002": "AMD graphics", "0x8086": "Intel graphics", "0x10de": "NVIDIA graphics"}


def _drm_cards() -> tuple[Gpu, ...]:
    names = []
    for vendor in sorted(Path("/sys/class/drm").glob("card[0-9]/device/vendor")):
        name = _VENDORS.get("".join(_lines(vendor)).strip())
        if name:
            size = _number(vendor.with_name("mem_info_vram_total"))
            used = _number(vendor.with_name("mem_info_vram_used"))
            names.append(Gpu(name, size, max(0, size - used)))
    return tuple(names)


def library_folder() -> Path | None:
    """Where the installed llama.cpp keeps its libraries; None where it is not installed."""
    if override := os.environ.get("LLAMA_CPP_LIB_PATH"):
        return Path(override)
    try:
        spec = importlib.util.find_spec("llama_cpp")
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "lib"


def backends() -> frozenset[str]:
    """What the installed llama.cpp was built with ("cpu", "cuda", ...), by its library files."""
    folder = library_folder()
    if folder is None:
        return frozenset()
    names = (file.name.partition(".")[0] for file in folder.glob("libggml-*"))
    return frozenset(name.removeprefix("libggml-") for name in names)


def _build_gpu() -> bool:
    from sorte_cli.errors import EnvironmentFailure

    try:
        from sorte_cli.inference.bindings import bindings

        return bool(bindings().llama_supports_gpu_offload())
    except EnvironmentFailure:
        return False


def _cpu_name() -> str:
    for line in _lines("/proc/cpuinfo"):
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model", "Hardware"):
            return value.strip()
    return platform.processor() or platform.machine()


@cache
def _logical_cores() -> int:
    """Logical processors this process may use: affinity and the container's CPU quota count."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = "".join(_lines("/sys/fs/cgroup/cpu.max")).split()
    if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
        count = min(count, max(1, round(int(quota[0]) / int(quota[1]))))
    return max(1, count)


@cache
def _siblings() -> dict[int, str]:
    """Logical processor -> the text that names all logical processors of its core."""
    base = Path("/sys/devices/system/cpu")
    return {
        int(folder.name[3:]): "".join(_lines(folder / "topology/thread_siblings_list")).strip()
        for folder in base.glob("cpu[0-9]*")
        if (folder / "topology/thread_siblings_list").exists()
    }


def _physical_cores() -> int:
    return len(set(_siblings().values())) or _logical_cores()


def _performance_cores() -> int:
    """Intel hybrids list their fast processors; elsewhere all cores are the same kind."""
    fast = _ranges("".join(_lines("/sys/devices/cpu_core/cpus")))
    siblings = _siblings()
    cores = {siblings[c] for c in fast if c in siblings}
    return len(cores) or _physical_cores()


def _ranges(text: str) -> list[int]:
    """`0-3,8` -> [0, 1, 2, 3, 8]."""
    numbers: list[int] = []
    for part in text.strip().split(","):
        low, _, high = part.partition("-")
        if low.isdigit():
            numbers += range(int(low), int(high if high.isdigit() else low) + 1)
    return numbers


def _lines(path: str | Path) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _number(path: str | Path) -> int:
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdigit() else 0
