"""The driver of TFX's ExampleGens of files, which finds the newest span.

TFX compiles it as a hook that Vertex AI runs before a task and that open-source Kubeflow ignores: the task would then
read a pattern with `{SPAN}` in it. (This project's own ExampleGen has no driver; it looks for its span itself.)
"""

from __future__ import annotations

import dataclasses
from typing import Any

from components.kubeflow.invocation import Invocation

_PARAMETERS = {"input_base", "input_config"}


def is_file_example_gen(invocation: Invocation) -> bool:
    """Whether it is one of TFX's, by the parameters that they all have."""
    return set(invocation.parameters) >= _PARAMETERS


def with_span(invocation: Invocation) -> Invocation:
    """The orders with what the driver would have added: span, version, fingerprint, and patterns of that span."""
    from tfx.components.example_gen import input_processor, utils
    from tfx.proto import example_gen_pb2, range_config_pb2
    from tfx.utils import proto_utils

    given: dict[str, Any] = invocation.parameters
    config, span_range = example_gen_pb2.Input(), None
    proto_utils.json_to_proto(given["input_config"], config)
    if given.get("range_config"):
        span_range = range_config_pb2.RangeConfig()
        proto_utils.json_to_proto(given["range_config"], span_range)
    processor = input_processor.FileBasedInputProcessor(given["input_base"], config.splits, span_range)
    span, version = processor.resolve_span_and_version()
    fingerprint = processor.get_input_fingerprint(span, version)
    for split in config.splits:
        split.pattern = processor.get_pattern_for_span_version(split.pattern, span, version)
    found = {
        utils.SPAN_PROPERTY_NAME: span,
        utils.VERSION_PROPERTY_NAME: version,
        utils.FINGERPRINT_PROPERTY_NAME: fingerprint,
        "input_config": proto_utils.proto_to_json(config),
    }
    return dataclasses.replace(invocation, parameters={**given, **found})
