"""What a TFMA metric is handed for one row, unwrapped."""

from __future__ import annotations

from typing import Any

import numpy as np


def of_model(value: Any, model_name: str) -> Any:
    """The label or prediction of one model: TFMA keeps it by the model's name beside a baseline, and bare without."""
    return value[model_name] if isinstance(value, dict) and model_name in value else value


def ids(value: Any) -> list[bytes]:
    """The item ids of a label or prediction as bytes, without the "" pads."""
    if value is None:
        return []
    flat = np.asarray(value, dtype=object).ravel().tolist()
    return [item.encode() if isinstance(item, str) else item for item in flat if item]


def number(value: Any, key: str | None = None) -> float:
    """The one number of a label or prediction; `key` is the signature's output, where it has several.

    Raises:
        ValueError: there is none, or there are several.
    """
    if isinstance(value, dict):
        value = value[key]
    flat = np.asarray(value, dtype=np.float64).ravel()
    if flat.size != 1:
        raise ValueError(f"expected one number, received {flat.size}: {value!r}")
    return float(flat[0])
