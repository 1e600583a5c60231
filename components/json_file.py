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
    text = json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False)
    (Path(folder) / file).write_text(text + "\n", encoding="utf-8")


def read_json(folder: str | Path, file: str) -> Any:
    """The value in `folder/file`.

    Raises:
        InputError: the file is missing or is not JSON; the message names it.
    """
    path = Path(folder) / file
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(str(path), "a JSON file", "none") from error
    except (OSError, ValueError) as error:
        raise InputError(str(path), "a JSON file", error) from error


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(element) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(element) for element in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
