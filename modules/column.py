"""A column of the source tables and what it is for the recommender."""

from __future__ import annotations

import dataclasses
import enum


class Part(enum.Enum):
    """What a column is for the recommender, apart from being a feature. At most one column each."""

    USER_ID = "user_id"
    ITEM_ID = "item_id"
    TIME = "time"
    TARGET = "target"
    SPLIT = "split"
    EVENT = "event"


class Table(enum.Enum):
    """Where a feature comes from; `CONTEXT` is a column of `interactions` known at request time."""

    USER = "user"
    ITEM = "item"
    CONTEXT = "context"


class Encoding(enum.Enum):
    """How a feature enters the models."""

    CATEGORICAL = "categorical"
    CONTINUOUS = "continuous"
    TEXT = "text"
    IMAGE = "image"


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of the source and what it is.

    Attributes:
        name: as in the table.
        dtype: "bytes", "int" or "float": the type of its values in examples.
        part: its special part, if any.
        table: the table it describes; None for parts of the interaction and for columns without tags.
        encoding: how it enters the models; None if it is not modelled.
        is_list: whether a cell holds several values.
        minimum, maximum: limits of the values from the schema's `float_domain` or `int_domain`, or None.
        required: whether the schema's presence demands a value in every row.
    """

    name: str
    dtype: str
    part: Part | None = None
    table: Table | None = None
    encoding: Encoding | None = None
    is_list: bool = False
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
