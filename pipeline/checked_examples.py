"""The data part of every pipeline: rows → examples, checked before anything is made of them."""

from __future__ import annotations

import dataclasses

from tfx.components import ExampleValidator, StatisticsGen
from tfx.dsl.components.base.base_component import BaseComponent

from components.example_gen.component import TableExampleGen
from components.example_gen.settings import ExampleSettings
from components.source import DataConfig
from components.table_schemas.annotated_schema import AnnotatedSchema
from components.table_schemas.component import TableSchemas
from components.validation_gate.component import ValidationGate
from pipeline.inputs import RunInputs


@dataclasses.dataclass(frozen=True)
class CheckedExamples:
    """The nodes.

    Attributes:
        schema: the annotated schema.
        schemas: of each kind of examples.
        examples: what the rest is made of.
        statistics, validators: of "interactions" and "candidates".
        gate: what uses the examples waits for it.
    """

    schema: BaseComponent
    schemas: BaseComponent
    examples: BaseComponent
    statistics: dict[str, BaseComponent]
    validators: dict[str, BaseComponent]
    gate: BaseComponent

    @property
    def nodes(self) -> list[BaseComponent]:
        """All of them, in the order in which data meets them."""
        return [
            self.schema,
            self.schemas,
            self.examples,
            *self.statistics.values(),
            *self.validators.values(),
            self.gate,
        ]


def checked_examples(inputs: RunInputs, data: DataConfig) -> CheckedExamples:
    """Wires the components.

    Args:
        inputs: what the run is made of.
        data: how the tables are read.
    """
    config, code = inputs.config, inputs.code_version
    schema = AnnotatedSchema(text=inputs.schema_text)
    schemas = TableSchemas(schema=schema.outputs["schema"], code_version=code)
    examples = TableExampleGen(
        schema=schema.outputs["schema"],
        source=inputs.source,
        span=inputs.span,
        fingerprint=inputs.fingerprint,
        settings=ExampleSettings(
            data=data,
            protocol=config.evaluation.protocol,
            max_queries=config.evaluation.max_queries,
            history_until=config.serving.history_until,
        ),
        seed=inputs.seed,
        code_version=code,
    )
    statistics, validators = {}, {}
    for name in ("interactions", "candidates"):
        statistics[name] = StatisticsGen(examples=examples.outputs[name], schema=schemas.outputs[name]).with_id(
            f"StatisticsGen.{name}"
        )
        validators[name] = ExampleValidator(
            statistics=statistics[name].outputs["statistics"], schema=schemas.outputs[name]
        ).with_id(f"ExampleValidator.{name}")
    gate = ValidationGate(
        interactions_anomalies=validators["interactions"].outputs["anomalies"],
        interactions_statistics=statistics["interactions"].outputs["statistics"],
        candidates_anomalies=validators["candidates"].outputs["anomalies"],
        candidates_statistics=statistics["candidates"].outputs["statistics"],
    )
    return CheckedExamples(schema, schemas, examples, statistics, validators, gate)
