"""The schemas that requests and feedback are held against."""

from __future__ import annotations

from collections.abc import Collection

from tensorflow_metadata.proto.v0 import schema_pb2

from modules.roles import RELEVANT, Roles
from modules.table_schemas import interactions_schema, queries_schema


def request_schema(schema: schema_pb2.Schema, roles: Roles) -> schema_pb2.Schema:
    """Of what a request may say of a query; it need not say any of it."""
    result = queries_schema(schema, roles)
    for feature in [feature for feature in result.feature if feature.name == RELEVANT]:
        result.feature.remove(feature)
    for feature in result.feature:
        feature.ClearField("presence")
    return result


def feedback_schema(schema: schema_pb2.Schema, roles: Roles, columns: Collection[str]) -> schema_pb2.Schema:
    """Of interactions as in training, of those columns that the tables of feedback have."""
    result = interactions_schema(schema, roles)
    for feature in [feature for feature in result.feature if feature.name not in columns]:
        result.feature.remove(feature)
    return result
