"""The message of an InputError."""

from __future__ import annotations

import pickle

from modules.errors import InputError


def test_message_is_one_line_of_bounded_length() -> None:
    error = InputError("table items", "a number", "a\n  b\tc")
    assert str(error) == "table items: expected a number, received a b c"
    assert (error.where, error.expected, error.received) == ("table items", "a number", "a b c")
    assert InputError("x", "y", "r" * 120).received == "r" * 120
    assert InputError("x", "y", "r" * 121).received == "r" * 117 + "..."


def test_survives_being_sent_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(InputError("where", "what", 5)))
    assert isinstance(error, InputError)
    assert str(error) == "where: expected what, received 5"
