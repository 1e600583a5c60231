"""Where the features of a schema in text format stand, for messages: the protobuf parser does not tell."""

from __future__ import annotations

import dataclasses
import re

_TOKEN = re.compile(r"""(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\#[^\n]*|(?P<word>\w+)|(?P<sign>[{}<>\n])""")


@dataclasses.dataclass(frozen=True)
class FeatureLines:
    """The lines of one feature, numbered from 1.

    Attributes:
        name: the line of its name; the one on which it begins if it has none.
        tags: the line of each of its tags.
    """

    name: int
    tags: dict[str, int]


def feature_lines(text: str) -> list[FeatureLines]:
    """The features of a schema that parses, in their order."""
    found: list[FeatureLines] = []
    line, depth, field, message = 1, 0, "", ""
    for token in _TOKEN.finditer(text):
        sign = token["sign"]
        if token["word"]:
            field = token["word"]
        elif token["text"] and message == "feature":
            if field == "name" and depth == 1:  # not that of a domain
                found[-1] = dataclasses.replace(found[-1], name=line)
            elif field == "tag":
                found[-1].tags.setdefault(token["text"][1:-1], line)
        elif sign == "\n":
            line += 1
        elif sign in ("{", "<"):
            message = field if depth == 0 else message
            depth += 1
            if depth == 1 and message == "feature":
                found.append(FeatureLines(line, {}))
        elif sign:
            depth -= 1
            field = message if depth == 0 else field  # a list of messages names its field once
    return found
