"""ServableCheck: the component that lets a servable answer sample requests before it may be pushed."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from components.absence import is_left_out
from components.blessing import INFRA_MARKERS, bless
from components.json_file import write_json
from components.servable_check.session import ask

SAMPLE_REQUESTS = "sample_requests.json"
ANSWERS, LOG = "answers.json", "log.txt"


@component
def ServableCheck(
    model: InputArtifact[standard_artifacts.Model],
    blessing: OutputArtifact[standard_artifacts.InfraBlessing],
    timeout_seconds: Parameter[int] = 300,
) -> None:
    """Blesses a servable that loads and answers in a process that holds TensorFlow only.

    TFX's InfraValidator does this with docker, and without docker it silently refuses every model.

    Args:
        model: the servable; its SavedModel lies in `Format-Serving`, and `assets.extra/sample_requests.json` in it
            holds requests for `modules/serving/session_check.py`.
        blessing: output; with the answers, the log of the process and, if refused, the custom property `reason`.
        timeout_seconds: for loading and all answers.
    """
    if is_left_out(model):
        bless(blessing, False, INFRA_MARKERS)
        blessing.set_string_custom_property("reason", "no servable was built")
        return
    servable = Path(path_utils.serving_model_path(model.uri))
    requests = (servable / "assets.extra" / SAMPLE_REQUESTS).read_text(encoding="utf-8")
    answer = ask(servable, requests, timeout_seconds)
    bless(blessing, not answer.reason, INFRA_MARKERS)
    (Path(blessing.uri) / LOG).write_text(answer.log, encoding="utf-8")
    if answer.reason:
        blessing.set_string_custom_property("reason", answer.reason)
    else:
        write_json(blessing.uri, ANSWERS, answer.value)
