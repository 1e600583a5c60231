"""One of the processes that train together, for the test of that: both models, and a sum that a person can do.

python -m tests.modules.one_of_several ARGUMENTS.json TARGET INDEX ADDRESS ADDRESS…
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(arguments: dict[str, Any], target: Path, index: int, addresses: list[str]) -> None:
    """Trains, and writes what was told to `told.json`."""
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    from modules import ranking, retrieval
    from tests.gadget_run import FnArgs

    arguments["custom_config"]["state"] = str(target / "state")
    told = {"toy": toy(FnArgs(**arguments, serving_model_dir="", model_run_dir=None), index)}
    to = str(target / "retrieval")
    retrieval.run_fn(FnArgs(**arguments, serving_model_dir=to, model_run_dir=None))
    # The chief's, which a pipeline would hand to all.
    base = target.parent / "0" / "retrieval"
    while not (base / "assets.extra" / retrieval.CURVES_FILE).exists():
        time.sleep(0.1)
    to = str(target / "ranking")
    ranking.run_fn(FnArgs(**arguments, serving_model_dir=to, base_model=str(base), model_run_dir=None))
    (target / "told.json").write_text(json.dumps(told))


def toy(fn_args: Any, index: int) -> dict[str, Any]:
    """One weight w, whose loss is the mean of w · x over a batch, and what the chief says."""
    import tensorflow as tf

    from modules.catalogue_model import CatalogueModel
    from modules.distribution import fed, of_chief, training_on
    from modules.training_data import read_training_data

    class Line(CatalogueModel):
        def __init__(self) -> None:
            super().__init__(read_training_data(fn_args).catalogue)
            self.slope = tf.Variable(0.0)

        def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
            loss = tf.reduce_mean(self.slope * inputs["x"])
            self.mean_loss.update_state(loss)
            return loss

    with training_on(fn_args) as (own_args, scope), scope:
        model = Line()
        model.compile(tf.keras.optimizers.legacy.SGD(1.0))
        batches = tf.data.Dataset.from_tensor_slices({"x": [1.0, 1, 3, 3, 5, 5, 7, 7]}).batch(2)
        history = model.fit(**fed(batches, passes=1, steps=4), epochs=1, verbose=0).history
        return {
            "steps": int(model.optimizer.iterations.numpy()),
            "slope": float(model.slope.numpy()),
            "mean_loss": history["mean_loss"],
            "evaluated": model.evaluate(batches, return_dict=True, verbose=0)["mean_loss"],
            "of_chief": of_chief({"one": index + 0.1, "other": index + 0.2}),
            "elsewhere": own_args.serving_model_dir != fn_args.serving_model_dir,
        }


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
