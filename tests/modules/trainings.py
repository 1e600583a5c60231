"""Trains both models in a process of its own, for the test that this changes nothing.

python -m tests.modules.trainings ARGUMENTS.json TARGET
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def train(arguments: dict[str, Any], target: str) -> None:
    """Writes the models "retrieval" and "ranking" to `target`, as their Trainers would."""
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    from modules import ranking, retrieval
    from tests.gadget_run import FnArgs

    arguments["custom_config"]["state"] = os.path.join(target, "state")
    folders = {name: os.path.join(target, name) for name in ("retrieval", "ranking")}
    retrieval.run_fn(FnArgs(**arguments, serving_model_dir=folders["retrieval"], model_run_dir=None))
    ranking.run_fn(
        FnArgs(**arguments, serving_model_dir=folders["ranking"], base_model=folders["retrieval"], model_run_dir=None)
    )


if __name__ == "__main__":
    train(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])
