"""The annotated schema: the one place where a column's name and its part in the recommender are written.

`schema/<dataset>.pbtxt` is a TensorFlow Metadata `Schema` whose features carry `annotation.tag`s (the words are
NVIDIA Merlin's). `read_roles` turns it into a `Roles`, which every later stage asks for names instead of knowing them.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable
from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from modules.errors import InputError


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


LIST_TAG = "list"
TITLE_TAG = "title"
_KNOWN_TAGS = frozenset([LIST_TAG, TITLE_TAG, *(tag.value for kind in (Part, Table, Encoding) for tag in kind)])

# Names that the pipeline itself gives to features of its examples.
HISTORY = "history"
HISTORY_TARGET = "history_target"
WEIGHT = "interaction_weight"
RELEVANT = "relevant_items"
SEEN = "seen_items"
RESERVED_NAMES = frozenset([HISTORY, HISTORY_TARGET, WEIGHT, RELEVANT, SEEN])


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


@dataclasses.dataclass(frozen=True)
class Roles:
    """What `read_roles` found. Columns keep the order of the schema.

    Attributes:
        columns: every column of the schema.
        title: name of the item column shown to people, or None.
    """

    columns: tuple[Column, ...]
    title: str | None = None

    def part(self, part: Part) -> Column | None:
        """The column that plays `part`, or None."""
        return next((column for column in self.columns if column.part is part), None)

    def _name(self, part: Part) -> str | None:
        column = self.part(part)
        return column.name if column else None

    @property
    def user_id(self) -> str:
        """Name of the user id column."""
        return self._required(Part.USER_ID)

    @property
    def item_id(self) -> str:
        """Name of the item id column."""
        return self._required(Part.ITEM_ID)

    @property
    def time(self) -> str | None:
        """Name of the interaction time column (seconds since the epoch in examples), if there is one."""
        return self._name(Part.TIME)

    @property
    def target(self) -> str | None:
        """Name of the column that the ranker predicts, if there is one."""
        return self._name(Part.TARGET)

    @property
    def split(self) -> str | None:
        """Name of the column with train/eval/test, if there is one."""
        return self._name(Part.SPLIT)

    @property
    def event(self) -> str | None:
        """Name of the column with the kind of interaction, if there is one."""
        return self._name(Part.EVENT)

    def features(self, *tables: Table) -> tuple[Column, ...]:
        """The modelled columns of the given tables (of all three, if none is given)."""
        wanted = tables or tuple(Table)
        return tuple(column for column in self.columns if column.table in wanted and column.encoding)

    def column(self, name: str) -> Column:
        """The column called `name`.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def _required(self, part: Part) -> str:
        name = self._name(part)
        if name is None:  # read_roles refuses such a schema
            raise KeyError(part.value)
        return name


_DTYPES = {schema_pb2.BYTES: "bytes", schema_pb2.INT: "int", schema_pb2.FLOAT: "float"}


def read_roles(path: str | Path) -> Roles:
    """Reads and checks an annotated schema.

    Raises:
        InputError: the file is missing, does not parse, or its tags are unknown or contradict each other; the
            message names the file and the line.
    """
    return parse_roles(read_schema_text(path), str(path))


def read_schema_text(path: str | Path) -> str:
    """The text of a schema file.

    Raises:
        InputError: the file cannot be read as UTF-8 text.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"schema {path}", "a readable UTF-8 text file", error) from error


def parse_schema(text: str, source: str = "schema") -> schema_pb2.Schema:
    """Parses the text form of a schema.

    Raises:
        InputError: the text is not a TensorFlow Metadata Schema.
    """
    try:
        return text_format.Parse(text, schema_pb2.Schema())
    except text_format.ParseError as error:
        line = error.GetLine()
        where = f"{source}, line {line}" if line else source
        raise InputError(where, "a TensorFlow Metadata Schema in text format", error) from error


def parse_roles(text: str, source: str = "schema") -> Roles:
    """Like `read_roles`, from the text of a schema; `source` names it in errors."""
    schema = parse_schema(text, source)
    lines = text.splitlines()

    def refuse(feature: schema_pb2.Feature, tag: str, expected: str, received: str) -> InputError:
        return InputError(f"{source}, line {_line_of(lines, feature.name, tag)}", expected, received)

    columns: list[Column] = []
    title: str | None = None
    for feature in schema.feature:
        column, is_title = _read_feature(feature, refuse)
        twin = next((other for other in columns if other.name == column.name), None)
        if twin:
            raise refuse(feature, "", "each column once", f'a second feature "{column.name}"')
        if column.part and (other := next((c for c in columns if c.part is column.part), None)):
            raise refuse(
                feature, column.part.value, f"one {column.part.value} column", f'"{other.name}" and "{column.name}"'
            )
        if is_title and title:
            raise refuse(feature, TITLE_TAG, "one title column", f'"{title}" and "{column.name}"')
        title = column.name if is_title else title
        columns.append(column)
    roles = Roles(tuple(columns), title)
    for part in (Part.USER_ID, Part.ITEM_ID):
        if roles.part(part) is None:
            raise InputError(source, f'a feature tagged "{part.value}"', "none")
    return roles


_Refuse = Callable[[schema_pb2.Feature, str, str, str], InputError]


def _read_feature(feature: schema_pb2.Feature, refuse: _Refuse) -> tuple[Column, bool]:
    """The column that a feature describes, and whether it is the title."""
    tags = list(feature.annotation.tag)
    for tag in tags:
        if tag not in _KNOWN_TAGS:
            raise refuse(feature, tag, f"tags out of {sorted(_KNOWN_TAGS)}", f'"{tag}" on "{feature.name}"')

    def sole(kind: type[enum.Enum], what: str) -> enum.Enum | None:
        found = [member for member in kind if member.value in tags]
        if len(found) > 1:
            names = " and ".join(f'"{member.value}"' for member in found)
            raise refuse(feature, found[-1].value, f"one {what} at most", f'{names} on "{feature.name}"')
        return found[0] if found else None

    if feature.name in RESERVED_NAMES:
        raise refuse(feature, "", "a name the pipeline does not use itself", f'"{feature.name}"')
    dtype = _DTYPES.get(feature.type)
    if dtype is None:
        raise refuse(feature, "", "type BYTES, INT or FLOAT", f'none of them on "{feature.name}"')
    part, table, encoding = sole(Part, "part"), sole(Table, "table"), sole(Encoding, "encoding")
    assert part is None or isinstance(part, Part)
    assert table is None or isinstance(table, Table)
    assert encoding is None or isinstance(encoding, Encoding)
    is_list, is_title = LIST_TAG in tags, TITLE_TAG in tags

    def contradiction(tag: str, expected: str) -> InputError:
        return refuse(feature, tag, expected, f'{tags} of type {dtype} on "{feature.name}"')

    if part:
        _check_part(part, table, encoding, dtype, is_list or is_title, contradiction)
        # An id is a feature by being an id, and the other parts are none: their encoding and table say nothing new.
        table, encoding = None, None
        if part in (Part.USER_ID, Part.ITEM_ID, Part.EVENT, Part.SPLIT):
            dtype = "bytes"
        elif part is Part.TIME:
            dtype = "int"
        else:
            dtype = "float"
    elif is_title and table not in (None, Table.ITEM):
        raise contradiction(TITLE_TAG, 'a title among the columns of the "item" table')
    elif encoding and table is None:
        raise contradiction(encoding.value, 'one of "user", "item", "context" beside the encoding')
    elif table and not encoding and not is_title:
        raise contradiction(table.value, "an encoding (categorical, continuous, text, image) beside the table")
    elif is_list and not encoding:
        raise contradiction(LIST_TAG, 'an encoding beside "list"')
    elif encoding is Encoding.CONTINUOUS and dtype == "bytes":
        raise contradiction(encoding.value, "type INT or FLOAT for a continuous column")
    elif encoding in (Encoding.TEXT, Encoding.IMAGE) and dtype != "bytes":
        raise contradiction(encoding.value, f"type BYTES for a column of {encoding.value}")
    elif encoding is Encoding.IMAGE and (is_list or table is not Table.ITEM):
        raise contradiction(encoding.value, "an image to be a single value of an item")
    elif encoding is Encoding.CATEGORICAL and dtype == "float":
        raise contradiction(encoding.value, "type BYTES or INT for a categorical column")
    if is_title and not part:
        table = Table.ITEM
    minimum, maximum = _limits(feature)
    column = Column(
        name=feature.name,
        dtype=dtype,
        part=part,
        table=table,
        encoding=encoding,
        is_list=is_list,
        minimum=minimum,
        maximum=maximum,
        required=feature.presence.min_fraction == 1.0,
    )
    return column, is_title


def _check_part(
    part: Part,
    table: Table | None,
    encoding: Encoding | None,
    dtype: str,
    decorated: bool,
    contradiction: Callable[[str, str], InputError],
) -> None:
    """Refuses what cannot stand beside a part."""
    home = {Part.USER_ID: Table.USER, Part.ITEM_ID: Table.ITEM}.get(part)
    if decorated or (table and table is not home):
        raise contradiction(part.value, f'"{part.value}" without a list, title or other table beside it')
    if encoding and not (home and encoding is Encoding.CATEGORICAL):
        raise contradiction(part.value, f'"{part.value}" without an encoding beside it')
    if part in (Part.USER_ID, Part.ITEM_ID, Part.EVENT) and dtype == "float":
        raise contradiction(part.value, f'type BYTES or INT for "{part.value}"')
    if part is Part.TARGET and dtype == "bytes":
        raise contradiction(part.value, 'type INT or FLOAT for "target"')
    if part is Part.SPLIT and dtype != "bytes":
        raise contradiction(part.value, 'type BYTES for "split"')


def _limits(feature: schema_pb2.Feature) -> tuple[float | None, float | None]:
    """Least and greatest value that the schema allows, None where it sets no limit."""
    kind = feature.WhichOneof("domain_info")
    if kind not in ("int_domain", "float_domain"):
        return None, None
    domain = getattr(feature, kind)
    return (
        float(domain.min) if domain.HasField("min") else None,
        float(domain.max) if domain.HasField("max") else None,
    )


def _line_of(lines: list[str], name: str, tag: str) -> int:
    """Number of the line that gives `tag` to the feature `name`, or of the one that names the feature."""
    named = [i for i, line in enumerate(lines) if re.search(rf'\bname\s*:\s*"{re.escape(name)}"', line)]
    if not named:
        return 1
    start = named[-1] if not tag else named[0]
    if tag:
        pattern = re.compile(rf'\btag\s*:.*["\']{re.escape(tag)}["\']')
        for first in reversed(named):
            end = next((i for i in range(first + 1, len(lines)) if re.search(r"^\s*feature\b", lines[i])), len(lines))
            for i in range(first, end):
                if pattern.search(lines[i]):
                    return i + 1
    return start + 1
