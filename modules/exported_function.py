"""A part of a trained model that can be restored without its Python code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf


class ExportedFunction(tf.Module):
    """One function with its variables, and nothing else of the Keras objects that made it.

    Keras layers would bring functions and metadata of their own into the SavedModel; here only the graph and the
    weights go in, and `tf.saved_model.load` gives them back as `.call`.
    """

    def __init__(self, function: Callable[..., Any], signature: Sequence[Any], weights: Sequence[tf.Variable]) -> None:
        """Traces `function`.

        Args:
            function: of tensors or dictionaries of tensors.
            signature: the TensorSpecs of its arguments.
            weights: the variables it uses.
        """
        super().__init__()
        self.weights = list(weights)
        self.call = tf.function(function, input_signature=list(signature), autograph=False)
        self.call.get_concrete_function()
