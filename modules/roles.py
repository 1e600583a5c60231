"""The annotated schema: the one place where a column's name and its part in the recommender are written.

`schema/<dataset>.pbtxt` is a TensorFlow Metadata `Schema` whose features carry `annotation.tag`s (the words are
NVIDIA Merlin's). `read_roles` turns it into a `Roles`, which every later stage asks for names instead of knowing them.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from modules.column import Column, Encoding, Part, Table
from modules.errors import InputError
from modules.feature_tags import RELEASED_TAG, TITLE_TAG, Refuse, read_feature
from modules.schema_lines import FeatureLines, feature_lines

__all__ = [
    "HISTORY",
    "HISTORY_TARGET",
    "RELEVANT",
    "RESERVED_NAMES",
    "SEEN",
    "WEIGHT",
    "Column",
    "Encoding",
    "Part",
    "Roles",
    "Table",
    "parse_roles",
    "parse_schema",
    "read_roles",
    "read_schema_text",
]

# Names that the pipeline itself gives to features of its examples.
HISTORY = "history"
HISTORY_TARGET = "history_target"
WEIGHT = "interaction_weight"
RELEVANT = "relevant_items"
SEEN = "seen_items"
RESERVED_NAMES = frozenset([HISTORY, HISTORY_TARGET, WEIGHT, RELEVANT, SEEN])


@dataclasses.dataclass(frozen=True)
class Roles:
    """What `read_roles` found. Columns keep the order of the schema.

    Attributes:
        columns: every column of the schema.
        title: name of the item column shown to people, or None.
        released: name of the item column that says when an item came, in seconds since the epoch, or None.
    """

    columns: tuple[Column, ...]
    title: str | None = None
    released: str | None = None

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
    features = parse_schema(text, source).feature
    columns: dict[str, Column] = {}
    special: dict[str, str] = {}
    for feature, lines in zip(features, feature_lines(text), strict=True):
        refuse = _refuse_at(lines, source)
        if not feature.name or feature.name in RESERVED_NAMES:
            expected = f"a name the pipeline does not use itself (as it does {', '.join(sorted(RESERVED_NAMES))})"
            raise refuse(expected, f'"{feature.name}"')
        if feature.name in columns:
            raise refuse("each column once", f'a second feature "{feature.name}"')
        column, tags = read_feature(feature, refuse)
        part = column.part
        if part and (other := Roles(tuple(columns.values())).part(part)):
            raise refuse(f"one {part.value} column", f'"{other.name}" and "{column.name}"', part.value)
        for tag in tags:
            if tag in special:
                raise refuse(f"one {tag} column", f'"{special[tag]}" and "{column.name}"', tag)
            special[tag] = column.name
        columns[column.name] = column
    roles = Roles(tuple(columns.values()), special.get(TITLE_TAG), special.get(RELEASED_TAG))
    for part in (Part.USER_ID, Part.ITEM_ID):
        if roles.part(part) is None:
            raise InputError(source, f'a feature tagged "{part.value}"', "none")
    return roles


def _refuse_at(lines: FeatureLines, source: str) -> Refuse:
    """What makes errors that name a line of a feature: that of a tag, or of the name."""

    def refuse(expected: str, received: str, tag: str = "") -> InputError:
        line = lines.tags.get(tag, lines.name)
        return InputError(f"{source}, line {line}", expected, received)

    return refuse
