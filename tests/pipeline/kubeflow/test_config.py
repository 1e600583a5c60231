"""The [kubeflow] section."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.typed_config import from_mapping
from pipeline.config import PipelineConfig
from pipeline.kubeflow.config import KubeflowConfig, TaskConfig, Toleration, number_of


@pytest.mark.parametrize(
    ("quantity", "number"),
    [("2", 2.0), ("500m", 0.5), ("1.5", 1.5), ("8Gi", 8 * 2**30), ("8G", 8e9), ("100Mi", 100 * 2**20), ("3k", 3000.0)],
)
def test_quantities(quantity: str, number: float) -> None:
    assert number_of(quantity) == number


def test_a_task_has_its_own_or_what_all_have() -> None:
    gpu, spot = Toleration(key="gpu"), Toleration(key="spot")
    config = KubeflowConfig(
        cpu="2",
        memory="8Gi",
        beam_args=("--a",),
        node_selector={"zone": "x"},
        tolerations=(spot,),
        tasks={
            "trainer": TaskConfig(
                memory="16Gi",
                cache=False,
                retries=0,
                beam_args=("--b",),
                node_selector={"pool": "g"},
                tolerations=(gpu,),
            )
        },
    )
    own, other = config.task("trainer"), config.task("pusher")
    assert (own.cpu, own.memory, own.cache, own.retries, own.launcher_copies) == ("2", "16Gi", False, 0, True)
    assert (own.beam_args, own.node_selector) == (("--a", "--b"), {"zone": "x", "pool": "g"})
    assert own.tolerations == (spot, gpu)
    assert (other.cpu, other.memory, other.cache, other.retries) == ("2", "8Gi", True, 2)
    assert (other.beam_args, other.node_selector, other.tolerations) == (("--a",), {"zone": "x"}, (spot,))


def test_from_a_file() -> None:
    values = {
        "kubeflow": {
            "secrets": {"db": {"password": "PGPASSWORD"}},
            "tolerations": [{"key": "gpu", "effect": "NoSchedule"}],
            "tasks": {"pusher": {"memory": "1Gi"}},
        }
    }
    config = from_mapping(PipelineConfig, values, "config").kubeflow
    assert config.secrets == {"db": {"password": "PGPASSWORD"}}
    assert config.tolerations == (Toleration("gpu", "Exists", "", "NoSchedule"),)
    assert config.tasks == {"pusher": TaskConfig(memory="1Gi")}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"name": "My_Pipeline"}, "key name: expected lower-case letters, digits and -"),
        ({"image": " "}, "key image: expected the name of a container image"),
        ({"pipeline_root": "/data"}, "key pipeline_root: expected a URL"),
        ({"max_concurrency": 0}, "key max_concurrency: expected 1 to 10, received 0"),
        ({"max_concurrency": 11}, "key max_concurrency: expected 1 to 10, received 11"),
        ({"retries": -1}, "key retries: expected 0 or more"),
        ({"cpu": "lots"}, "key cpu: expected a quantity"),
        ({"volumes": {"data": "mnt"}}, "key volumes.data: expected an absolute path"),
        ({"cron": "0 3 * * *"}, 'such as "0 0 3 . . .", received five'),
        ({"tasks": {"a": {"memory": "8 GB"}}}, "key memory: expected a quantity"),
        ({"tasks": {"a": {"memroy": "8Gi"}}}, 'unknown key "memroy"'),
        ({"cpus": "2"}, 'unknown key "cpus"'),
    ],
)
def test_refused(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        from_mapping(KubeflowConfig, values, "config [kubeflow]")


def test_a_task_that_there_is_not() -> None:
    with pytest.raises(InputError, match="names of tasks [(]a, b[)], received c"):
        KubeflowConfig(tasks={"c": TaskConfig()}).check_tasks(["a", "b"])
