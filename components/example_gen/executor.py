"""Runs the ExampleGen's Beam graph and refuses tables that cannot be learned from."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import apache_beam as beam
import tensorflow as tf
from tfx import types
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils
from tfx.utils import io_utils

from components.example_gen.facts import Facts
from components.example_gen.item_shard import UNKNOWN_ITEMS
from components.example_gen.job import OUTPUTS, Job
from components.example_gen.settings import ExampleSettings
from components.example_gen.tables_to_examples import read_and_write
from components.source import INTERACTIONS, check_source, open_source
from components.source.spans import location_of_span
from modules.errors import InputError
from modules.roles import parse_roles, read_schema_text
from modules.typed_config import from_mapping

FACTS_FILE = "facts.json"


class Executor(base_beam_executor.BaseBeamExecutor):
    """Tables → `interactions`, `candidates` and `queries`."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Reads the source and writes the examples.

        Args:
            input_dict: `schema`, the annotated schema.
            output_dict: `interactions`, `candidates`, `queries` and `facts`.
            exec_properties: `source`, the redacted location; `span` of it; `settings`, an `ExampleSettings` as JSON;
                `seed` of these; `fingerprint`, empty where the tables were not looked at before.

        Raises:
            InputError: rows that no model could learn from; names the first.
        """
        schema_path = io_utils.get_only_uri_in_dir(artifact_utils.get_single_uri(input_dict["schema"]))
        roles = parse_roles(read_schema_text(schema_path))
        settings = from_mapping(ExampleSettings, json.loads(exec_properties["settings"]), "example settings")
        settings = dataclasses.replace(settings, seed=exec_properties["seed"])
        location = location_of_span(exec_properties["source"], exec_properties["span"])
        source = open_source(location)
        if not exec_properties["fingerprint"]:
            check_source(source, roles, settings.data)
        folders = {name: artifact_utils.get_single_uri(output_dict[name]) for name in OUTPUTS}
        facts_folder = artifact_utils.get_single_uri(output_dict["facts"])
        facts_file = beam.io.WriteToText(os.path.join(facts_folder, FACTS_FILE), shard_name_template="", num_shards=1)
        with self._make_beam_pipeline() as pipeline:
            facts = read_and_write(pipeline, source, Job.of(source, roles, settings, folders))
            _ = facts | "FactsToJson" >> beam.Map(json.dumps, sort_keys=True) | "WriteFacts" >> facts_file
        refuse_unusable(read_facts(facts_folder), settings)
        for name, splits in OUTPUTS.items():
            artifact = artifact_utils.get_single_instance(output_dict[name])
            artifact.set_string_custom_property("source", location)
            artifact.split_names = artifact_utils.encode_split_names(list(splits))
            examples_utils.set_payload_format(artifact, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
            for split in splits:
                tf.io.gfile.makedirs(os.path.join(artifact.uri, f"Split-{split}"))


def read_facts(folder: str) -> Facts:
    """What an ExampleGen found out about its source.

    Raises:
        OSError: there is no such file.
    """
    with tf.io.gfile.GFile(os.path.join(folder, FACTS_FILE)) as file:
        facts: Facts = json.loads(file.read())
    return facts


def refuse_unusable(facts: Facts, settings: ExampleSettings) -> None:
    """Raises what was found wrong while the rows were read.

    Raises:
        InputError: the first problem of a cell; too many interactions with unknown items; nothing to learn from.
    """
    if facts.get("problems"):
        raise InputError(*facts["problems"][0])
    rows = facts["rows"][INTERACTIONS]
    unknown, limit = facts.get(UNKNOWN_ITEMS, 0), settings.data.max_unknown_items
    if unknown > limit * rows:
        examples = ", ".join(map(repr, facts.get("unknown_item_examples", [])))
        raise InputError(
            "table interactions",
            f"at most {limit:.1%} of rows with an item that is not in table items ([data] max_unknown_items)",
            f"{unknown} of {rows} ({unknown / rows:.1%}), such as {examples}",
        )
    if not facts.get("positives"):
        raise InputError("table interactions", "positive interactions ([data] positive_min, event_weights)", "none")
    for split in ("train", "eval"):
        if not facts["interactions_rows"].get(split):
            raise InputError("table interactions", f"rows in the {split} split", f"none among {rows} rows")
    if not facts["train_positives"]:
        raise InputError("table interactions", "positive interactions in the train split", f"none among {rows} rows")
    if not facts["queries_rows"].get("eval"):
        expected = "positive interactions in the eval split with items that are new to their users"
        raise InputError("table interactions", expected, f"none among {rows} rows")
