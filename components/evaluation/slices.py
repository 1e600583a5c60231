"""Which columns the evaluation is broken down by."""

from __future__ import annotations

from collections.abc import Mapping

from modules.errors import InputError
from modules.roles import Encoding, Roles, Table, parse_schema

MAX_AUTOMATIC = 3
MAX_VALUES = 30  # of a column that is chosen automatically


def slice_columns(
    roles: Roles, configured: tuple[str, ...] | None, num_values: Mapping[str, int] | None = None
) -> tuple[str, ...]:
    """The columns of users and of the context to slice by.

    Args:
        roles: of the data set.
        configured: `[evaluation] slices`; None chooses automatically.
        num_values: distinct values of columns, as far as they are known. A column that is not in it is not chosen
            automatically: slicing by one with a value per user costs minutes and tells nothing.

    Returns:
        The configured columns, or the first three single-valued categorical ones with 2 to 30 values.

    Raises:
        InputError: a configured column does not exist or belongs neither to users nor to the context.
    """
    candidates = {column.name: column for column in roles.features(Table.USER, Table.CONTEXT)}
    if configured is not None:
        for name in configured:
            if name not in candidates:
                known = ", ".join(candidates) or "none in this schema"
                raise InputError("[evaluation] slices", f"feature columns of users or context ({known})", f'"{name}"')
        return tuple(dict.fromkeys(configured))
    few = [
        name
        for name, column in candidates.items()
        if column.encoding is Encoding.CATEGORICAL
        and not column.is_list
        and 2 <= (num_values or {}).get(name, 0) <= MAX_VALUES
    ]
    return tuple(few[:MAX_AUTOMATIC])


def declared_values(schema_text: str) -> dict[str, int]:
    """How many values the columns have that name them in the schema: for `slice_columns`, where no row can be read."""
    schema = parse_schema(schema_text)
    domains = {domain.name: len(domain.value) for domain in schema.string_domain}
    counts = {}
    for feature in schema.feature:
        kind = feature.WhichOneof("domain_info")
        if kind == "domain":
            counts[feature.name] = domains.get(feature.domain, 0)
        elif kind == "string_domain":
            counts[feature.name] = len(feature.string_domain.value)
        elif kind == "int_domain" and feature.int_domain.HasField("max"):
            counts[feature.name] = feature.int_domain.max - feature.int_domain.min + 1
    return counts
