"""The ExampleGen as a node of the pipeline."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types import standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.artifacts import DataFacts
from components.example_gen.executor import Executor
from components.example_gen.settings import ExampleSettings
from modules.typed_config import as_json


class TableExampleGenSpec(ComponentSpec):
    """See `TableExampleGen`."""

    PARAMETERS = {
        "source": ExecutionParameter(type=str),
        "span": ExecutionParameter(type=str),
        "fingerprint": ExecutionParameter(type=str),
        "settings": ExecutionParameter(type=str),
        "seed": ExecutionParameter(type=int),
        "code_version": ExecutionParameter(type=str),
    }
    INPUTS = {"schema": ChannelParameter(type=standard_artifacts.Schema)}
    OUTPUTS = {
        "interactions": ChannelParameter(type=standard_artifacts.Examples),
        "candidates": ChannelParameter(type=standard_artifacts.Examples),
        "queries": ChannelParameter(type=standard_artifacts.Examples),
        "facts": ChannelParameter(type=DataFacts),
    }


class TableExampleGen(base_beam_component.BaseBeamComponent):
    """Reads a database or a folder and writes three kinds of tf.Examples.

    Outputs:
        interactions: splits train, eval, test; an interaction with its user's and item's columns and its history.
        candidates: split catalogue; every item once.
        queries: splits eval and test, evaluation queries; split serving, the state of every user.
        facts: counts of what was read.
    """

    SPEC_CLASS = TableExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        schema: types.BaseChannel,
        source: str | RuntimeParameter,
        span: str | RuntimeParameter,
        fingerprint: str,
        settings: ExampleSettings,
        seed: int | RuntimeParameter,
        code_version: str,
    ) -> None:
        """Describes the node.

        Args:
            schema: the annotated schema.
            source: redacted URL or folder of the tables, perhaps with a place for a span.
            span: that is read; empty: the newest.
            fingerprint: of the tables' content, so that changed data is never served from the cache; empty if nobody
                has looked at them yet.
            settings: how rows become examples, but for the seed.
            seed: of the random choices.
            code_version: digest of the code, for the same reason.
        """
        super().__init__(
            TableExampleGenSpec(
                schema=schema,
                source=source,
                span=span,
                fingerprint=fingerprint,
                settings=as_json(settings),
                seed=seed,
                code_version=code_version,
                interactions=types.Channel(type=standard_artifacts.Examples),
                candidates=types.Channel(type=standard_artifacts.Examples),
                queries=types.Channel(type=standard_artifacts.Examples),
                facts=types.Channel(type=DataFacts),
            )
        )
