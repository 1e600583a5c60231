"""The command of every task: `python -m components.kubeflow.entrypoint`, with the arguments that TFX compiled.

TFX's own entry point cannot run on open-source Kubeflow Pipelines: it reads `s3://` itself, and needs the types of
inputs, which the launcher leaves out. This one imports what the task's executor imports, and little more.

Read from the environment:

    KFP_LAUNCHER_COPIES   0: artifacts are read and written under their own URIs (default 1: as the launcher's copies)
    KFP_LAUNCHER_ROOT     folder of these copies (default /)

Exit status: 0 done; 2 bad input, said in one line; anything else is a bug.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from components.kubeflow.invocation import Invocation
from components.kubeflow.launcher_copies import LauncherCopies
from modules.command_line import DONE, one_line_errors


@one_line_errors
def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs one task and returns the exit status."""
    mapped = environment.get("KFP_LAUNCHER_COPIES", "1") != "0"
    _run(Invocation.parse(arguments), LauncherCopies(environment.get("KFP_LAUNCHER_ROOT", "/")) if mapped else None)
    return DONE


def _run(invocation: Invocation, copies: LauncherCopies | None) -> None:
    from components.kubeflow.example_gen_driver import is_file_example_gen, with_span
    from components.kubeflow.task import run_task  # imports TensorFlow

    run_task(with_span(invocation) if is_file_example_gen(invocation) else invocation, copies)


if __name__ == "__main__":
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.exit(main(sys.argv[1:], os.environ))
