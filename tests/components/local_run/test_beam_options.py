"""Options for Beam."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.local_run.beam_options import check_beam_options
from deploy.flink.cluster import Cluster
from modules.errors import InputError


def test_right_ones() -> None:
    check_beam_options([])
    check_beam_options(["--direct_num_workers=2", "--direct_running_mode=multi_processing"])
    check_beam_options(["--an_option_of_another_runner=2"])
    check_beam_options(Cluster(Path("anywhere")).beam_options())
    check_beam_options(["--runner=FlinkRunner", "--flink_master=host:8081", "--flink_version=1.19"])
    check_beam_options(["--runner=SparkRunner", "--spark_master_url=spark://host:7077"])
    check_beam_options(["--runner=DataflowRunner", "--project=p", "--region=r", "--sdk_container_image=i"])


@pytest.mark.parametrize("option", ["--direct_num_workers=many", "--direct_running_mode=fast"])
def test_wrong_ones(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    name = option.partition("=")[0]
    with pytest.raises(InputError, match=f"flags after --: expected options for Beam, received argument {name}"):
        check_beam_options([option])
    assert capfd.readouterr().err == ""
