"""The exit handler: a task that runs when all others have ended, however they ended, and says how."""

from __future__ import annotations

from typing import Any

from pipeline.kubeflow.admission import Document
from pipeline.kubeflow.config import KubeflowConfig
from pipeline.kubeflow.container import SERVING, container

RUN, REPORT = "run", "final-status"
_COMMAND = ["python", "-m", "components.kubeflow.final_status"]
_RUN_ID = "{{$.pipeline_job_uuid}}"  # which backends that have a final status put the id of the run for


def with_exit_handler(spec: Document, config: KubeflowConfig) -> Document:
    """The pipeline as one task, and a second one behind it that is told its final status.

    An exit handler may not read what tasks inside have made: it is told where runs publish, and finds the report there.

    TFX makes an exit handler too, but its tasks then lose their runtime parameters.
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
            "inputs": {
                "parameters": {
                    "status": {"taskFinalStatus": {"producerTask": RUN}},
                    "run": {"runtimeValue": {"constant": _RUN_ID}},
                    SERVING: {"componentInputParameter": SERVING},
                }
            },
            "triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
        },
    }
    components = {
        **spec["components"],
        f"comp-{RUN}": {"dag": root["dag"], "inputDefinitions": definitions},
        f"comp-{REPORT}": {
            "executorLabel": f"exec-{REPORT}",
            "inputDefinitions": {
                "parameters": {
                    "status": {"parameterType": "TASK_FINAL_STATUS", "isOptional": True},
                    "run": {"parameterType": "STRING"},
                    SERVING: {"parameterType": "STRING"},
                }
            },
        },
    }
    executor = {"container": container(_COMMAND, ["{{$}}"], tasks[REPORT], config, {})}
    executors = {**spec["deploymentSpec"]["executors"], f"exec-{REPORT}": executor}
    return {
        **spec,
        "root": {"inputDefinitions": definitions, "dag": {"tasks": tasks}},
        "components": components,
        "deploymentSpec": {**spec["deploymentSpec"], "executors": executors},
    }
