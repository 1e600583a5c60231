"""Writes the configuration that gives published versions the labels stable and canary. A runner: it prints.

python -m components.publishing.model_config --root runs > models.config
python -m components.publishing.model_config --root runs --stable VERSION --canary VERSION > models.config

Without --stable the newest version is stable, and without --canary there is none. TensorFlow Serving, polling the file
(--model_config_file_poll_wait_seconds), loads both and answers at …/labels/stable and …/labels/canary; at neither, the
higher number. Exit status: 0 done; 2 there is no such version.
"""

from __future__ import annotations

import sys

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from components.publishing.store_flags import named_store, store_parser
from components.publishing.versions import SERVABLE, PublishedVersions
from modules.command_line import DONE, one_line_errors
from modules.errors import InputError


def labelled(
    store: PublishedVersions, base_path: str, stable: int | None = None, canary: int | None = None
) -> model_server_config_pb2.ModelServerConfig:
    """A ModelServerConfig of one model with labels.

    Args:
        store: the published versions.
        base_path: where the server sees them.
        stable: the version that most are answered by; None: the newest.
        canary: the version that is tried out; None: none.

    Raises:
        InputError: the store has no such version.
    """
    known = store.versions()
    stable = max(known, default=None) if stable is None else stable
    for flag, version in (("--stable", stable), ("--canary", canary)):
        if version not in known and not (flag == "--canary" and version is None):
            raise InputError(flag, f"one of the published versions {known}", version)
    config = model_server_config_pb2.ModelServerConfig()
    model = config.model_config_list.config.add(name=SERVABLE, base_path=base_path, model_platform="tensorflow")
    for label, version in (("stable", stable), ("canary", canary)):
        if version is not None:
            model.version_labels[label] = version
    model.model_version_policy.specific.versions.extend(sorted(set(model.version_labels.values())))
    return config


@one_line_errors
def main(arguments: list[str]) -> int:
    """Prints the configuration; returns the exit status."""
    parser = store_parser(prog="python -m components.publishing.model_config", description=__doc__)
    parser.add_argument("--stable", metavar="VERSION", type=int, help="default: the newest")
    parser.add_argument("--canary", metavar="VERSION", type=int, help="default: none")
    parser.add_argument(
        "--base-path", metavar="PATH", default=f"/models/{SERVABLE}", help="where the server sees the versions"
    )
    flags = parser.parse_args(arguments)
    config = labelled(named_store(flags), flags.base_path, flags.stable, flags.canary)
    sys.stdout.write(text_format.MessageToString(config))
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
