"""The exit handler: a task that runs when all others have ended, however they ended, and says how."""

from __future__ import annotations

from typing import Any

from pipeline.kubeflow.admission import Document
from pipeline.kubeflow.config import KubeflowConfig

RUN, REPORT = "run", "final-status"
_COMMAND = ["python", "-m", "components.kubeflow.final_status"]
_STATUS = "status"


def with_exit_handler(spec: Document, platform: Document, config: KubeflowConfig) -> tuple[Document, Document]:
    """The pipeline as one task, and a second one behind it that is told its final status.

    TFX makes an exit handler too, but its tasks then lose their runtime parameters.

    Returns:
        Both documents anew.
    """
    root = spec["root"]
    definitions = root.get("inputDefinitions", {})
    given = {name: {"componentInputParameter": name} for name in definitions.get("parameters", {})}
    tasks: dict[str, Any] = {
        RUN: {
            "taskInfo": {"name": RUN},
            "componentRef": {"name": f"comp-{RUN}"},
            "inputs": {"parameters": given},
        },
        REPORT: {
            "taskInfo": {"name": REPORT},
            "componentRef": {"name": f"comp-{REPORT}"},
            "dependentTasks": [RUN],
            "inputs": {"parameters": {_STATUS: {"taskFinalStatus": {"producerTask": RUN}}}},
            "triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
        },
    }
    components = {
        **spec["components"],
        f"comp-{RUN}": {"dag": root["dag"], "inputDefinitions": definitions},
        f"comp-{REPORT}": {
            "executorLabel": f"exec-{REPORT}",
            "inputDefinitions": {"parameters": {_STATUS: {"parameterType": "TASK_FINAL_STATUS", "isOptional": True}}},
        },
    }
    environment = [{"name": name, "value": value} for name, value in config.env.items()]
    container = {"image": config.image, "command": _COMMAND, "args": ["{{$}}"], "env": environment}
    executors = {**spec["deploymentSpec"]["executors"], f"exec-{REPORT}": {"container": container}}
    wrapped = {
        **spec,
        "root": {"inputDefinitions": definitions, "dag": {"tasks": tasks}},
        "components": components,
        "deploymentSpec": {**spec["deploymentSpec"], "executors": executors},
    }
    return wrapped, platform
