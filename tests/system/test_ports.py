"""Ports that are chosen now and opened a moment later."""

import socket

import pytest

from chassis.embedded.ports import HOST, free_port, is_answered


def test_a_port_once_chosen_is_for_those_who_ask_for_it_by_number() -> None:
    port = free_port()
    assert not is_answered(port)
    with socket.socket() as anybody, pytest.raises(OSError, match="in use"):
        anybody.bind((HOST, port))
    with socket.create_server((HOST, port)):
        assert is_answered(port)


def test_no_port_is_chosen_twice_at_once() -> None:
    chosen = [free_port() for _ in range(500)]
    assert len(set(chosen)) == len(chosen)
