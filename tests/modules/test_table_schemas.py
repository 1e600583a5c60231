"""The schemas of examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from modules.roles import Roles, parse_roles, parse_schema
from modules.table_schemas import candidates_schema, interactions_schema, queries_schema, transform_schema

_SCHEMA = """
feature { name: "user" type: INT annotation { tag: "user_id" } int_domain { min: 1 } shape { dim { size: 1 } } }
feature { name: "item" type: INT annotation { tag: "item_id" } presence { min_fraction: 1.0 } }
feature { name: "at" type: BYTES annotation { tag: "time" } }
feature { name: "stars" type: INT annotation { tag: "target" } int_domain { min: 1 } }
feature { name: "fold" type: BYTES annotation { tag: "split" } }
feature { name: "kind" type: BYTES annotation { tag: "event" } string_domain { name: "kind" value: "buy" } }
feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } int_domain { min: 0 } }
feature { name: "name" type: BYTES annotation { tag: "title" } }
feature { name: "cover" type: BYTES annotation { tag: "item" tag: "image" } }
feature { name: "device" type: BYTES annotation { tag: "context" tag: "text" } }
feature { name: "note" type: BYTES presence { min_fraction: 1.0 } }
"""
_BYTES, _INT, _FLOAT = schema_pb2.BYTES, schema_pb2.INT, schema_pb2.FLOAT
_Derive = Callable[[schema_pb2.Schema, Roles], schema_pb2.Schema]


def _derived(derive: _Derive, text: str = _SCHEMA) -> dict[str, schema_pb2.Feature]:
    schema, roles = parse_schema(text), parse_roles(text)
    before = schema.SerializeToString(deterministic=True)
    result = derive(schema, roles)
    assert schema.SerializeToString(deterministic=True) == before
    return {feature.name: feature for feature in result.feature}


_OF_INTERACTIONS = {
    "user": _BYTES, "item": _BYTES, "at": _INT, "stars": _FLOAT, "fold": _BYTES, "kind": _BYTES, "age": _INT,
    "name": _BYTES, "device": _BYTES, "note": _BYTES, "history": _BYTES, "history_target": _FLOAT,
    "interaction_weight": _FLOAT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("derive", "expected"),
    [
        (interactions_schema, _OF_INTERACTIONS),
        (transform_schema, {**_OF_INTERACTIONS, "cover": _BYTES}),
        (candidates_schema, {"item": _BYTES, "name": _BYTES, "cover": _BYTES, "note": _BYTES}),
        (
            queries_schema,
            {
                "user": _BYTES, "at": _INT, "age": _INT, "device": _BYTES, "history": _BYTES, "history_target": _FLOAT,
                "relevant_items": _BYTES, "seen_items": _BYTES,
            },
        ),
    ],
)  # fmt: skip
def test_columns_and_types(derive: _Derive, expected: dict[str, int]) -> None:
    assert {name: feature.type for name, feature in _derived(derive).items()} == expected


def test_domains_follow_the_types() -> None:
    found = _derived(interactions_schema)
    assert found["user"].WhichOneof("domain_info") is None and found["user"].WhichOneof("shape_type") is None
    assert found["kind"].string_domain.value == ["buy"]
    assert found["age"].int_domain.min == 0
    assert found["item"].presence.min_fraction == 1.0
    stars = found["stars"]
    assert stars.WhichOneof("domain_info") == "float_domain" and stars.float_domain.min == 1.0
    assert not stars.float_domain.HasField("max")  # a limit that the schema does not set is not 0


def test_an_untagged_column_need_not_be_among_the_items() -> None:
    assert not _derived(candidates_schema)["note"].HasField("presence")
    assert _derived(interactions_schema)["note"].presence.min_fraction == 1.0
    assert _derived(candidates_schema)["item"].presence.min_fraction == 1.0


def test_without_a_target_there_are_no_targets_in_the_history() -> None:
    ids = (
        'feature { name: "u" type: BYTES annotation { tag: "user_id" } }'
        'feature { name: "i" type: BYTES annotation { tag: "item_id" } }'
    )
    assert list(_derived(interactions_schema, ids)) == ["u", "i", "history", "interaction_weight"]
    assert list(_derived(queries_schema, ids)) == ["u", "history", "relevant_items", "seen_items"]
    assert list(_derived(candidates_schema, ids)) == ["i"]


def test_an_interaction_may_be_of_somebody_the_users_table_lacks() -> None:
    demanding = _SCHEMA.replace(
        'tag: "continuous" } int_domain', 'tag: "continuous" } presence { min_fraction: 1.0 } int_domain'
    )
    features = _derived(interactions_schema, demanding)
    assert not features["age"].HasField("presence")
    assert features["item"].presence.min_fraction == 1.0
