"""A system-call filter for the sandbox: closes what namespaces leave open (keyrings, vsock, bpf).

Written as classic BPF by hand because the only library for it is seldom installed. Numbers are
from the kernel's syscall tables (asm/unistd_64.h, asm-generic/unistd.h).
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24  # struct seccomp_data
_X32_BIT = 0x40000000

# AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Not among them: AF_VSOCK, which reaches the
# host of a virtual machine whatever the network namespace, and families no test suite needs.
_SOCKET_FAMILIES = (0, 1, 2, 10, 16)
_TERMINAL_REQUESTS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into somebody's terminal


@dataclass(frozen=True, slots=True)
class _Table:
    architecture: int  # AUDIT_ARCH_*
    socket: int
    ioctl: int
    denied: Mapping[str, int]


# The same number on all architectures since Linux 5.2.
_NEWER = {
    "io_uring_setup": 425,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
}
_TABLES = {
    "x86_64": _Table(
        architecture=0xC000003E,
        socket=41,
        ioctl=16,
        denied={
            "pivot_root": 155,
            "acct": 163,
            "settimeofday": 164,
            "mount": 165,
            "umount2": 166,
            "swapon": 167,
            "swapoff": 168,
            "reboot": 169,
            "iopl": 172,
            "ioperm": 173,
            "init_module": 175,
            "delete_module": 176,
            "quotactl": 179,
            "clock_settime": 227,
            "kexec_load": 246,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "perf_event_open": 298,
            "open_by_handle_at": 304,
            "setns": 308,
            "finit_module": 313,
            "kexec_file_load": 320,
            "bpf": 321,
            "userfaultfd": 323,
            **_NEWER,
        },
    ),
    "aarch64": _Table(
        architecture=0xC00000B7,
        socket=198,
        ioctl=29,
        denied={
            "umount2": 39,
            "mount": 40,
            "pivot_root": 41,
            "quotactl": 60,
            "acct": 89,
            "kexec_load": 104,
            "init_module": 105,
            "delete_module": 106,
            "clock_settime": 112,
            "reboot": 142,
            "settimeofday": 170,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "swapon": 224,
            "swapoff": 225,
            "perf_event_open": 241,
            "open_by_handle_at": 265,
            "setns": 268,
            "finit_module": 273,
            "bpf": 280,
            "userfaultfd": 282,
            "kexec_file_load": 294,
            **_NEWER,
        },
    ),
}


def program(machine: str | None = None) -> bytes | None:
    """The filter as bubblewrap reads it (`--seccomp FD`); None for a machine without a table.

    Denied calls fail with EPERM, socket families with EAFNOSUPPORT, calls in the convention of
    another architecture with ENOSYS, so that programs can fall back.
    """
    table = _TABLES.get(machine or platform.machine())
    if table is None:
        return None
    code = [
        _step(_LOAD_WORD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, table.architecture, 1, 0),
        _fail(errno.ENOSYS),
        _step(_LOAD_WORD, _NUMBER),
        _step(_JUMP_AT_LEAST, _X32_BIT, 0, 1),
        _fail(errno.ENOSYS),
    ]
    for number in sorted(table.denied.values()):
        code += [_step(_JUMP_EQUAL, number, 0, 1), _fail(errno.EPERM)]
    code += _only(table.socket, _FIRST_ARGUMENT, _SOCKET_FAMILIES, errno.EAFNOSUPPORT)
    code += _never(table.ioctl, _SECOND_ARGUMENT, _TERMINAL_REQUESTS, errno.EPERM)
    code.append(_step(_RETURN, _ALLOW))
    return b"".join(code)


def _only(number: int, argument: int, values: Sequence[int], error: int) -> list[bytes]:
    """Let call `number` through only with one of `values` as its argument. Ends the program when
    it is that call; falls through, with the number still loaded, when it is not."""
    tests: list[bytes] = []
    for value in values:
        tests += [_step(_JUMP_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW)]
    body = [_step(_LOAD_WORD, argument), *tests, _fail(error)]
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]


def _never(number: int, argument: int, values: Sequence[int], error: int) -> list[bytes]:
    """Let call `number` through unless its argument is one of `values`."""
    tests: list[bytes] = []
    for value in values:
        tests += [_step(_JUMP_EQUAL, value, 0, 1), _fail(error)]
    body = [_step(_LOAD_WORD, argument), *tests, _step(_RETURN, _ALLOW)]
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def _fail(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)
