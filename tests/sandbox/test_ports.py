"""Ports that nothing else takes before a server of the sandbox listens there."""

import socket
from pathlib import Path

import pytest

from sandbox import ports


def test_the_kernel_gives_them_to_nobody_who_asks_for_any() -> None:
    free = ports.find(50)
    assert len(set(free)) == 50
    assert all(map(ports.is_free, free))
    first, last = map(
        int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    )
    assert not set(free) & set(range(first, last + 1))


def test_what_is_taken_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(ports, "_OURS", range(taken, taken + 1))
        assert ports.find(1) == []
    assert ports.find(1) == [taken]


def test_a_kernel_that_may_give_all_of_them_is_no_hindrance(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "range").write_text("1024\t65535\n")
    monkeypatch.setattr(ports, "_KERNELS", tmp_path / "range")
    assert len(ports.find(7)) == 7
