"""The digests of what a run is made of."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from components.gate.config import GateConfig
from pipeline.config import PipelineConfig
from pipeline.inputs import RunInputs

_INPUTS = RunInputs(
    source="sqlite:///shop.db",
    fingerprint="f",
    schema_text="feature {}",
    rules_text="",
    slice_columns=("gender",),
    code_version="c",
    config=PipelineConfig(),
)


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "g"},
        {"schema_text": "feature { }"},
        {"rules_text": "deny: [a]"},
        {"slice_columns": ()},
        {"code_version": "d"},
        {"config": PipelineConfig(seed=1)},
    ],
)
def test_what_makes_another_run(change: dict[str, Any]) -> None:
    assert dataclasses.replace(_INPUTS, **change).digest() != _INPUTS.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"source": "/elsewhere"},  # the fingerprint says what is in it
        {"config": PipelineConfig(gate=GateConfig(popularity_ratio_min=2.0))},  # decides, but makes nothing
    ],
)
def test_what_does_not(change: dict[str, Any]) -> None:
    assert dataclasses.replace(_INPUTS, **change).digest() == _INPUTS.digest()


def test_nothing_is_known_of_data_that_is_read_later() -> None:
    assert dataclasses.replace(_INPUTS, fingerprint="").digest() == ""


def test_the_schema_has_a_digest_of_its_own() -> None:
    changed = dataclasses.replace(_INPUTS, schema_text="other")
    assert changed.schema_digest() != _INPUTS.schema_digest()
    assert dataclasses.replace(_INPUTS, code_version="d").schema_digest() == _INPUTS.schema_digest()
