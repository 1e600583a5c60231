"""The signatures of the SavedModel: the contract with whoever calls it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

import tensorflow as tf

from modules.serving.limits import within_limits
from modules.serving.query import Request

if TYPE_CHECKING:
    from modules.serving.servable import Servable

DEFAULT_K = 10
"""Items that come back where a request cannot say how many."""

_K = tf.TensorSpec([], tf.int32, name="k")


def _strings(name: str, rank: int = 1) -> tf.TensorSpec:
    return tf.TensorSpec([None] * rank, tf.string, name=name)


def signatures(servable: Servable) -> dict[str, tf.types.experimental.ConcreteFunction]:
    """Traces the signatures of a servable.

    Inputs, by name (B queries; "" pads lists of ids):
        serving_default: user_id string [B]
        recommend, retrieval: user_id string [B], history string [B, H], exclude string [B, E], k int32 []
        similar_items: item_id string [B], k int32 []
        score: user_id string [B], item_id string [B]
        items_like (only where items have features): examples string [B], k int32 []
        serve_examples: examples string [B]
        evaluate, evaluate_retrieval: examples string [B], k int32 []: `serve_examples` with a k and without built-in
            histories, for queries from the past; and its retrieval stage

    Outputs: item_id string, title string and score float32, [B, k] each ([B, 10] without a k); of `score`, score
    float32 [B]. `retrieval` answers like `recommend`, in the order of the retrieval stage alone.
    """

    def serving_default(user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        return _ten(servable.recommend(Request.of(user_id), tf.constant(DEFAULT_K)))

    def recommend(user_id: tf.Tensor, history: tf.Tensor, exclude: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return servable.recommend(Request.of(user_id, history, exclude), k)

    def retrieval(user_id: tf.Tensor, history: tf.Tensor, exclude: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return servable.retrieve(Request.of(user_id, history, exclude), k)

    def similar_items(item_id: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return servable.similar(item_id, k)

    def score(user_id: tf.Tensor, item_id: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"score": servable.score(user_id, item_id)}

    def items_like(examples: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return servable.like(examples, k)

    def serve_examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return _ten(servable.recommend_from_examples(examples, tf.constant(DEFAULT_K)))

    def evaluate(examples: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return servable.recommend_from_examples(examples, k, stored_history=False)

    def evaluate_retrieval(examples: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return servable.retrieve_from_examples(examples, k, stored_history=False)

    lists = [_strings("user_id"), _strings("history", 2), _strings("exclude", 2), _K]
    specs: list[tuple[Callable[..., dict[str, tf.Tensor]], list[tf.TensorSpec]]] = [
        (serving_default, [_strings("user_id")]),
        (recommend, lists),
        (retrieval, lists),
        (similar_items, [_strings("item_id"), _K]),
        (score, [_strings("user_id"), _strings("item_id")]),
        (serve_examples, [_strings("examples")]),
        (evaluate, [_strings("examples"), _K]),
        (evaluate_retrieval, [_strings("examples"), _K]),
    ]
    if servable.items_like:
        specs.append((items_like, [_strings("examples"), _K]))
    return {
        function.__name__: tf.function(
            _limited(function, servable.most_requests), input_signature=spec, autograph=False
        ).get_concrete_function()
        for function, spec in specs
    }


def _limited(function: Callable[..., dict[str, tf.Tensor]], most: int) -> Callable[..., dict[str, tf.Tensor]]:
    """`function`, which refuses batches that are too large; its first argument has a row a request."""

    @functools.wraps(function)
    def limited(*inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        by_name = dict(zip(inspect.signature(function).parameters, inputs, strict=True))
        with tf.control_dependencies(within_limits(inputs[0], most, by_name.get("k"))):
            checked = [tf.identity(one) for one in inputs]
        return function(*checked)

    return limited


def _ten(answer: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """`answer` with its width in its static shape."""
    return {name: tf.ensure_shape(value, [None, DEFAULT_K]) for name, value in answer.items()}
