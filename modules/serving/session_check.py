"""Loads a SavedModel the way TensorFlow Serving does, and asks it. Needs nothing but TensorFlow.

    python session_check.py MODEL_DIR REQUESTS.json

The requests are a JSON list of {"signature": name, "inputs": {input: value}}, values as (nested) lists; a text is a
string, bytes are {"b64": base64 text}, as in TensorFlow Serving's REST interface. Prints a JSON list, in the same
order, of {"signature": name, "outputs": {output: value}}; bytes that are not UTF-8 come out as {"b64": ...}. Exits with
a status other than 0 if the model cannot be loaded, a signature or input is missing, an answer fails, or a number in
it is not finite.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# Python puts the folder of a script first on the path; its neighbours must not pass for packages of the same name.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != _HERE]

import tensorflow as tf  # noqa: E402


def encode(value: Any) -> Any:
    """JSON form of an output: nested lists of numbers and text."""
    if isinstance(value, list):
        return [encode(one) for one in value]
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode()}


def decode(value: Any) -> Any:
    """The input that a JSON form stands for."""
    if isinstance(value, list):
        return [decode(one) for one in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value


def answers(model_dir: str, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Asks the model in `model_dir`, as many requests at once as there are processors.

    The first request of a signature takes TensorFlow a second or two of planning, on one processor.
    """
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        model = tf.compat.v1.saved_model.load(session, [tf.compat.v1.saved_model.tag_constants.SERVING], model_dir)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda request: _answer(session, model, request), requests))


def _answer(session: Any, model: Any, request: dict[str, Any]) -> dict[str, Any]:
    """One answer."""
    # Asked for a key that it has not, a map of messages makes an empty one up.
    if request["signature"] not in model.signature_def:
        raise KeyError(f"signature {request['signature']} out of {sorted(model.signature_def)}")
    signature = model.signature_def[request["signature"]]
    if set(request["inputs"]) != set(signature.inputs):
        raise KeyError(f"inputs {sorted(request['inputs'])} for those of {sorted(signature.inputs)}")
    fed = {}
    for name, value in request["inputs"].items():
        info = signature.inputs[name]
        dtype = tf.dtypes.as_dtype(info.dtype)
        # Lists without elements do not show their rank: [[], []] is text [2, 0] all the same.
        fed[info.name] = tf.compat.v1.make_ndarray(tf.make_tensor_proto(decode(value), dtype))
    outputs = session.run({name: info.name for name, info in signature.outputs.items()}, fed)
    return {
        "signature": request["signature"],
        "outputs": {name: encode(value.tolist()) for name, value in sorted(outputs.items())},
    }


def main() -> None:
    """Runs as the module says."""
    if len(sys.argv) != 3:
        sys.exit("usage: session_check.py MODEL_DIR REQUESTS.json")
    requests = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(answers(sys.argv[1], requests), allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
