"""Options for Beam."""

from __future__ import annotations

import pytest

from components.local_run.beam_options import check_beam_options
from modules.errors import InputError


def test_right_ones() -> None:
    check_beam_options([])
    check_beam_options(["--direct_num_workers=2", "--direct_running_mode=multi_processing"])
    check_beam_options(["--an_option_of_another_runner=2"])


@pytest.mark.parametrize("option", ["--direct_num_workers=many", "--direct_running_mode=fast"])
def test_wrong_ones(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    name = option.partition("=")[0]
    with pytest.raises(InputError, match=f"flags after --: expected options for Beam, received argument {name}"):
        check_beam_options([option])
    assert capfd.readouterr().err == ""
