"""Lines of features in a schema's text."""

from __future__ import annotations

from modules.schema_lines import FeatureLines, feature_lines


def test_one_line_each() -> None:
    text = 'feature { name: "a" annotation { tag: "x" } }\n\nfeature { name: "b" }'
    assert feature_lines(text) == [FeatureLines(1, {"x": 1}), FeatureLines(3, {})]


def test_a_field_a_line_and_names_of_other_things() -> None:
    text = """# feature { name: "no" }
string_domain {
  name: "shared"
}
feature {
  string_domain { name: "domain" value: "}" value: 'feature { "' }
  name: "a"
  annotation {
    tag: "x"  # tag: "no"
    tag: 'y'
    tag: "x"
  }
}
"""
    assert feature_lines(text) == [FeatureLines(7, {"x": 9, "y": 10})]


def test_other_spellings_of_messages_and_lists() -> None:
    text = """feature: <
  name: "a"
  annotation: < tag: ["x",
    "y"] >
>
feature: [
  { name: "b" },
  { type: INT
    name: "c" }
]
default_environment: "feature"
"""
    assert feature_lines(text) == [FeatureLines(2, {"x": 3, "y": 4}), FeatureLines(7, {}), FeatureLines(9, {})]
