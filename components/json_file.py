"""JSON files of artifacts and of the published store."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from modules.errors import InputError


def write_json(folder: str | Path, file: str, value: object) -> None:
    """Writes `value` as `folder/file`; NaN and infinities are written as null, for JSON has none."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / file).write_text(json_text(value), encoding="utf-8")


def json_text(value: object) -> str:
    """What `write_json` writes."""
    return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(folder: str | Path, file: str) -> Any:
    """The value in `folder/file`.

    Raises:
        InputError: the file is missing or is not JSON; the message names it.
    """
    path = Path(folder) / file
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        text = None
    except OSError as error:
        raise InputError(str(path), "a JSON file", error) from error
    return json_value(text, str(path))


def json_value(text: bytes | None, where: str) -> Any:
    """The value that a file holds.

    Args:
        text: its content; None where there is no such file.
        where: what to call it.

    Raises:
        InputError: there is none, or it is not JSON.
    """
    if text is None:
        raise InputError(where, "a JSON file", "none")
    try:
        return json.loads(text.decode("utf-8"))
    except ValueError as error:
        raise InputError(where, "a JSON file", error) from error


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(element) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(element) for element in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
