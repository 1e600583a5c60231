"""Which columns the evaluation is broken down by."""

from __future__ import annotations

from collections.abc import Mapping

from modules.errors import InputError
from modules.roles import Encoding, Roles, Table

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
