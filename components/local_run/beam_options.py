"""Options for Beam, checked before a component is the first to trip over them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

from apache_beam.options.pipeline_options import PipelineOptions

from modules.errors import InputError


def check_beam_options(options: Sequence[str]) -> None:
    """Refuses what Beam cannot parse; Beam itself would print its help and end the process.

    Raises:
        InputError: an option that Beam does not know, or a value that it cannot have.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            PipelineOptions(list(options)).get_all_options()
    except SystemExit:
        complaint = said.getvalue().strip().rpartition("error: ")[2]
        raise InputError("flags after --", "options for Beam", complaint) from None
