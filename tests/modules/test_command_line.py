"""What all commands have in common."""

from __future__ import annotations

import pytest

from modules.command_line import OneLineParser, one_line_errors, parted
from modules.errors import InputError


@pytest.mark.parametrize(
    ("arguments", "own", "beam"),
    [
        ([], [], []),
        (["--a", "1"], ["--a", "1"], []),
        (["--a", "--"], ["--a"], []),
        (["--", "--runner=x"], [], ["--runner=x"]),
        (["--a", "--", "--b", "--", "c"], ["--a"], ["--b", "--", "c"]),
    ],
)
def test_what_follows_two_dashes_is_for_beam(arguments: list[str], own: list[str], beam: list[str]) -> None:
    assert parted(arguments) == (own, beam)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required: --root"),
        (["--root", "r", "--fast"], "unrecognized arguments: --fast"),
        (["--root", "r", "go", "--fa", "1"], "unrecognized arguments: --fa 1"),
        (["--root", "r", "go", "--far", "x"], "--far: invalid int value: 'x'"),
    ],
)
def test_bad_flags_are_refused_in_a_line(arguments: list[str], complaint: str) -> None:
    parser = OneLineParser()
    parser.add_argument("--root", required=True)
    commands = parser.add_subparsers()
    commands.add_parser("go").add_argument("--far", type=int)
    with pytest.raises(InputError, match="flags: expected those of --help, received") as refused:
        parser.parse_args(arguments)
    assert complaint in str(refused.value) and "\n" not in str(refused.value)


def test_the_description_is_shown_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        OneLineParser(prog="it", description="first\n    second").parse_args(["--help"])
    assert end.value.code == 0
    assert "first\n    second\n" in capsys.readouterr().out


@pytest.mark.parametrize("status", [0, 3])
def test_a_status_is_passed_on(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    @one_line_errors
    def main(arguments: list[str], *, more: int) -> int:
        return len(arguments) + more

    assert main(["a"], more=status - 1) == status
    assert capsys.readouterr() == ("", "")


def test_a_mistake_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    @one_line_errors
    def main() -> int:
        try:
            raise InputError("table items", "rows", "none")
        except InputError as error:
            raise RuntimeError("while reading\nthe tables") from error

    assert main() == 2
    assert capsys.readouterr() == ("", "error: table items: expected rows, received none\n")


def test_a_bug_keeps_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    @one_line_errors
    def main() -> int:
        raise ZeroDivisionError("a bug")

    assert main() == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback") and "in main" in said and "ZeroDivisionError: a bug" in said
