"""TensorFlow Serving's JSON ↔ arrays: https://www.tensorflow.org/tfx/serving/api_rest"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tests.model_server.loaded_version import Array, LoadedVersion
from tests.model_server.request_error import RequestError


def inputs_of(body: Any, model: LoadedVersion) -> tuple[str, dict[str, Array], bool]:
    """The signature, its inputs, and whether they came row by row."""
    if not isinstance(body, dict):
        raise RequestError.invalid("JSON Value is not an object")
    signature = body.get("signature_name", "serving_default")
    if not isinstance(signature, str):
        raise RequestError.invalid("'signature_name' must be a string")
    names = list(model.signature(signature).inputs)
    if ("inputs" in body) == ("instances" in body):
        raise RequestError.invalid("exactly one of 'inputs' and 'instances' must be there")
    by_row = "instances" in body
    columns = _columns(body["instances"], names) if by_row else body["inputs"]
    if not isinstance(columns, dict):
        if len(names) != 1:
            raise RequestError.invalid(f"'inputs' must be an object with the keys {sorted(names)}")
        columns = {names[0]: columns}
    if set(columns) != set(names):
        raise RequestError.invalid(f"inputs {sorted(columns)} where {sorted(names)} are expected")
    return signature, {name: array_of(value, model, signature, name) for name, value in columns.items()}, by_row


def outputs_of(outputs: Mapping[str, Array], by_row: bool) -> dict[str, Any]:
    """The body of an answer."""
    values = {name: _plain(value.tolist()) for name, value in outputs.items()}
    if not by_row:
        return {"outputs": values if len(values) > 1 else next(iter(values.values()))}
    if len(values) == 1:
        return {"predictions": next(iter(values.values()))}
    rows = zip(*values.values(), strict=True)
    return {"predictions": [dict(zip(values, row, strict=True)) for row in rows]}


def array_of(value: Any, model: LoadedVersion, signature: str, name: str) -> Array:
    """The array that a JSON value stands for, of the input's type."""
    dtype, rank = model.dtype(signature, name), model.rank(signature, name)
    shape: list[int] = []
    level = value
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
    cells = _cells(value, shape, name)
    if 0 in shape:
        shape += [0] * (rank - len(shape))
    converted = [_cell(cell, dtype, name) for cell in cells]
    kind = object if dtype == tf.string else dtype.as_numpy_dtype
    array = np.empty(len(converted), kind)
    array[:] = converted
    return array.reshape(shape)


def _columns(rows: Any, names: list[str]) -> dict[str, Any]:
    if not isinstance(rows, list) or not rows:
        raise RequestError.invalid("'instances' must be a list that is not empty")
    if not isinstance(rows[0], dict) or set(rows[0]) == {"b64"}:
        if len(names) != 1:
            raise RequestError.invalid("instances must be objects: the signature has several inputs")
        return {names[0]: rows}
    if any(not isinstance(row, dict) or set(row) != set(names) for row in rows):
        raise RequestError.invalid(f"every instance must have the keys {sorted(names)}")
    return {name: [row[name] for row in rows] for name in names}


def _cells(value: Any, shape: list[int], name: str) -> list[Any]:
    """The innermost values of nested lists of that shape."""
    level = [value]
    for size in shape:
        if any(not isinstance(part, list) or len(part) != size for part in level):
            raise RequestError.invalid(f"input {name}: lists of different lengths")
        level = [one for part in level for one in part]
    if any(isinstance(cell, list) for cell in level):
        raise RequestError.invalid(f"input {name}: lists of different depths")
    return level


def _cell(value: Any, dtype: tf.DType, name: str) -> Any:
    if dtype == tf.string:
        if isinstance(value, str):
            return value.encode("utf-8", "surrogatepass")
        if isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str):
            try:
                return base64.b64decode(value["b64"], validate=True)
            except (binascii.Error, ValueError) as error:
                raise RequestError.invalid(f"input {name}: no base64") from error
    elif dtype.is_integer and type(value) is int and dtype.min <= value <= dtype.max:
        return value
    elif dtype.is_floating and type(value) in (int, float):
        return float(value)
    raise RequestError.invalid(f"input {name}: JSON Value: {str(value)[:100]} is not of expected type: {dtype.name}")


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode()}
