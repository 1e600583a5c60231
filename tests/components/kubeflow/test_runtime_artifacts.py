"""Artifacts to Kubeflow and back."""

from __future__ import annotations

import json

import pytest
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components import artifacts
from components.kubeflow.runtime_artifacts import artifact_of, message_of, title_of


def through_kubeflow(artifact: Artifact) -> Artifact:
    """As the next task gets it: the metadata through JSON, the type from the component."""
    message = json.loads(json.dumps(message_of(artifact, "name")))
    assert (message["name"], message["uri"]) == ("name", artifact.uri)
    return artifact_of({**message, "type": {"instanceSchema": f"title: {title_of(type(artifact))}\ntype: object\n"}})


def test_examples() -> None:
    sent = standard_artifacts.Examples()
    sent.uri, sent.span, sent.version = "s3://b/k", 3, 0
    sent.split_names = '["train", "eval"]'
    sent.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    found = through_kubeflow(sent)
    assert isinstance(found, standard_artifacts.Examples)
    assert (found.uri, found.span, found.version, found.split_names) == ("s3://b/k", 3, 0, '["train", "eval"]')
    assert found.get_string_custom_property("payload_format") == "FORMAT_TF_EXAMPLE"


def test_properties_of_this_projects_own() -> None:
    sent = artifacts.CandidateIndex()
    sent.uri, sent.kind, sent.num_items, sent.recall_at_100 = "/x", "exact", 50, 1.0
    sent.set_float_custom_property("recent_weight", 2.0)
    found = through_kubeflow(sent)
    assert (found.kind, found.num_items, found.recall_at_100) == ("exact", 50, 1.0)
    assert set(found.mlmd_artifact.properties) == {"kind", "num_items", "recall_at_100"}
    assert found.get_float_custom_property("recent_weight") == 2.0


@pytest.mark.parametrize("blessed", [0, 1])
def test_whole_numbers_stay_whole(blessed: int) -> None:
    sent = standard_artifacts.ModelBlessing()
    sent.set_int_custom_property("blessed", blessed)
    found = through_kubeflow(sent)
    assert found.has_custom_property("blessed")
    assert found.get_int_custom_property("blessed") == blessed
    assert through_kubeflow(found).get_int_custom_property("blessed") == blessed


def test_a_custom_property_of_a_declared_name() -> None:
    sent = standard_artifacts.Examples()
    sent.span = 3
    sent.set_string_custom_property("span", "three")
    found = through_kubeflow(sent)
    assert (found.span, found.get_string_custom_property("span")) == (3, "three")


def test_every_type_of_this_project_is_found_again() -> None:
    kinds = [
        kind
        for kind in vars(artifacts).values()
        if isinstance(kind, type) and issubclass(kind, Artifact) and kind is not Artifact
    ]
    assert len(kinds) > 4
    for kind in kinds:
        assert type(through_kubeflow(kind())) is kind


def test_a_type_from_elsewhere() -> None:
    class Other(Artifact):
        TYPE_NAME = "Other"

    with pytest.raises(ValueError, match="is in none of"):
        title_of(Other)
