"""What all commands have in common: how they refuse flags, what follows `--`, and how they end."""

from __future__ import annotations

import argparse
import functools
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec

from modules.errors import InputError
from modules.mistakes import input_error

DONE, BUG, BAD_INPUT = 0, 1, 2
P = ParamSpec("P")


class OneLineParser(argparse.ArgumentParser):
    """Refuses bad flags in a single line, knows no abbreviations, and shows a description as it is written.

    Args:
        options: see `argparse.ArgumentParser`.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raises InputError."""
        raise InputError("flags", "those of --help", message)


def parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """A command's own arguments, and what follows the first `--`: options for Beam."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:place], arguments[place + 1 :]


def one_line_errors(main: Callable[P, int]) -> Callable[P, int]:
    """A command whose mistakes are told: 2 and one line for a user's, 1 and the whole trace for a bug."""

    @functools.wraps(main)
    def command(*arguments: P.args, **options: P.kwargs) -> int:
        try:
            return main(*arguments, **options)
        except Exception as error:  # noqa: BLE001 – the one place where a stack trace becomes one line, or is shown
            problem = input_error(error)
            if problem is None:
                traceback.print_exc()
                return BUG
            sys.stderr.write(f"error: {problem}\n")
            return BAD_INPUT

    return command
