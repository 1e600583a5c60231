"""The schemas of the examples, derived from the annotated schema of the tables."""

from __future__ import annotations

from tensorflow_metadata.proto.v0 import schema_pb2

from modules.roles import HISTORY, HISTORY_TARGET, RELEVANT, SEEN, WEIGHT, Column, Encoding, Part, Roles, Table

_TYPES = {"bytes": schema_pb2.BYTES, "int": schema_pb2.INT, "float": schema_pb2.FLOAT}


def interactions_schema(schema: schema_pb2.Schema, roles: Roles) -> schema_pb2.Schema:
    """Of the examples of interactions: every column but images, the history and the weight.

    What the schema demands of the users table was checked where its rows were read. An interaction may be of somebody
    whom that table lacks, a guest say, and then has none of its columns.
    """
    result = schema_pb2.Schema()
    result.CopyFrom(schema)
    _keep(result, roles, [column for column in roles.columns if column.encoding is not Encoding.IMAGE])
    _presence_is_optional(result, [column for column in roles.columns if column.table is Table.USER])
    _add(result, HISTORY, schema_pb2.BYTES)
    if roles.target:
        _add(result, HISTORY_TARGET, schema_pb2.FLOAT)
    _add(result, WEIGHT, schema_pb2.FLOAT)
    return result


def candidates_schema(schema: schema_pb2.Schema, roles: Roles) -> schema_pb2.Schema:
    """Of the examples of items: the id, the columns of the items table, and those without tags, which may be there."""
    result = schema_pb2.Schema()
    result.CopyFrom(schema)
    untagged = [column for column in roles.columns if column.part is None and column.table is None]
    of_items = [c for c in roles.columns if c.part is Part.ITEM_ID or c.table is Table.ITEM]
    _keep(result, roles, [*of_items, *untagged])
    _presence_is_optional(result, untagged)  # they may be in another table; in the interactions they have to be
    return result


def queries_schema(schema: schema_pb2.Schema, roles: Roles) -> schema_pb2.Schema:
    """Of the evaluation queries: what is known of a user at a moment, and what was held out."""
    result = schema_pb2.Schema()
    result.CopyFrom(schema)
    _keep(
        result,
        roles,
        [c for c in roles.columns if c.part in (Part.USER_ID, Part.TIME) or c.table in (Table.USER, Table.CONTEXT)],
    )
    _add(result, HISTORY, schema_pb2.BYTES)
    if roles.target:
        _add(result, HISTORY_TARGET, schema_pb2.FLOAT)
    _add(result, RELEVANT, schema_pb2.BYTES)
    _add(result, SEEN, schema_pb2.BYTES)
    return result


def transform_schema(schema: schema_pb2.Schema, roles: Roles) -> schema_pb2.Schema:
    """What the Transform graph may be fed: interactions, or candidates with their images."""
    result = interactions_schema(schema, roles)
    for column in roles.features(Table.ITEM):
        if column.encoding is Encoding.IMAGE:
            _add(result, column.name, schema_pb2.BYTES)
    return result


def _keep(schema: schema_pb2.Schema, roles: Roles, columns: list[Column]) -> None:
    """Reduces a schema to some columns, typed as examples hold them."""
    names = {column.name for column in columns}
    for feature in [feature for feature in schema.feature if feature.name not in names]:
        schema.feature.remove(feature)
    for feature in schema.feature:
        feature.ClearField("shape")  # a cell may lack a value, so every column is read as one of varying length
        wanted = _TYPES[roles.column(feature.name).dtype]
        if feature.type != wanted:
            # An id that is a number in the table is text in examples, where a domain of numbers means nothing.
            feature.type = wanted
            _retype_domain(feature)


def _presence_is_optional(schema: schema_pb2.Schema, columns: list[Column]) -> None:
    names = {column.name for column in columns}
    for feature in schema.feature:
        if feature.name in names:
            feature.ClearField("presence")


def _retype_domain(feature: schema_pb2.Feature) -> None:
    kind = feature.WhichOneof("domain_info")
    if kind == "int_domain" and feature.type == schema_pb2.FLOAT:
        limits = schema_pb2.IntDomain()
        limits.CopyFrom(feature.int_domain)
        feature.float_domain.SetInParent()
        if limits.HasField("min"):
            feature.float_domain.min = limits.min
        if limits.HasField("max"):
            feature.float_domain.max = limits.max
    elif kind:
        feature.ClearField(kind)


def _add(schema: schema_pb2.Schema, name: str, kind: int) -> None:
    schema.feature.add(name=name, type=kind)
