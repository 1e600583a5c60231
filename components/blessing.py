"""Blessings in the form of TFX's own: a custom property and a marker file, which must agree."""

from __future__ import annotations

from pathlib import Path

from tfx.types.artifact import Artifact

# The marker files of tfx.components.evaluator and of tfx.components.infra_validator: (blessed, not blessed).
MODEL_MARKERS = ("BLESSED", "NOT_BLESSED")
INFRA_MARKERS = ("INFRA_BLESSED", "INFRA_NOT_BLESSED")
_BLESSED, _OF = "blessed", "blessed_servable"


def is_blessed(blessing: Artifact, markers: tuple[str, str] = MODEL_MARKERS) -> bool | None:
    """What a blessing says: True, False, or None where it says nothing (or its property and its file differ)."""
    if not blessing.has_custom_property(_BLESSED):
        return None
    says = blessing.get_int_custom_property(_BLESSED) == 1
    marked = [(Path(blessing.uri) / marker).is_file() for marker in markers]
    return says if marked == [says, not says] else None


def blessed_servable(blessing: Artifact) -> str:
    """The digest of the servable that a blessing of the gate is for; empty if it names none."""
    return str(blessing.get_string_custom_property(_OF)) if blessing.has_custom_property(_OF) else ""


def bless(blessing: Artifact, blessed: bool, markers: tuple[str, str] = MODEL_MARKERS, of: str = "") -> None:
    """Writes a blessing in the form that TFX's Pusher reads; `of` is the digest of what it is for."""
    folder = Path(blessing.uri)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / markers[0 if blessed else 1]).write_text("", encoding="utf-8")
    blessing.set_int_custom_property(_BLESSED, int(blessed))
    if of:
        blessing.set_string_custom_property(_OF, of)
