"""Flink's configuration of a cluster on one host."""

from __future__ import annotations

from pathlib import Path

# Flink and Beam reflect into these; the distribution's own scripts open them in the same way.
JAVA_OPTIONS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in (
        "java.lang",
        "java.lang.invoke",
        "java.lang.reflect",
        "java.io",
        "java.net",
        "java.nio",
        "java.text",
        "java.time",
        "java.util",
        "java.util.concurrent",
        "java.util.concurrent.atomic",
        "java.util.concurrent.locks",
    )
]
TASK_MANAGERS, SLOTS = 2, 2  # a TaskManager can take over what another one did
RESTART_SECONDS = 10  # from a failure to the next attempt: longer than a worker waits, so that attempts share none
WORKER_WAIT_MS = 3_000  # a worker's for the next stage of its job, having imported TensorFlow

# What the shell scripts of a full distribution work out from one number is named in full.
# - The graphs of Transform and of the statistics shuffle at dozens of places at once, each of which would take 512
#   buffers of 32 KiB by default: more than there are.
# - Beam's own classes are those of the cluster, not of the jars that come with each job: only then does Beam keep its
#   Python workers from one stage of a job to the next.
# - A TaskManager that falls silent is missed after ten seconds, and the whole job begins again on the slots that are
#   left. If only what was lost began again, each lost task would count as an attempt, and workers that live on would
#   look for the graphs of Transform where the first attempt had put them.
_CONFIG = """\
jobmanager.rpc.address: localhost
jobmanager.rpc.port: {rpc_port}
jobmanager.bind-host: localhost
rest.address: localhost
rest.port: {rest_port}
rest.bind-address: localhost
taskmanager.host: localhost
taskmanager.bind-host: localhost
taskmanager.numberOfTaskSlots: {slots}
taskmanager.cpu.cores: 1.0
taskmanager.memory.framework.heap.size: 128m
taskmanager.memory.framework.off-heap.size: 128m
taskmanager.memory.task.heap.size: 512m
taskmanager.memory.task.off-heap.size: 64m
taskmanager.memory.managed.size: 256m
taskmanager.memory.network.min: 256m
taskmanager.memory.network.max: 256m
taskmanager.network.sort-shuffle.min-buffers: 64
taskmanager.memory.jvm-metaspace.size: 128m
taskmanager.memory.jvm-overhead.min: 128m
taskmanager.memory.jvm-overhead.max: 128m
taskmanager.load-balance.mode: SLOTS
classloader.resolve-order: parent-first
parallelism.default: {slots}
heartbeat.interval: 2000
heartbeat.timeout: 10000
jobmanager.execution.failover-strategy: full
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 3
restart-strategy.fixed-delay.delay: {restart_seconds} s
io.tmp.dirs: {folder}/tmp
blob.storage.directory: {folder}/blobs
"""
_LOGGING = """\
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = Out
appender.out.name = Out
appender.out.type = CONSOLE
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
"""


def write_configuration(folder: Path, rest_port: int, rpc_port: int) -> Path:
    """Writes what JobManager and TaskManagers read.

    Args:
        folder: of everything that the cluster writes.
        rest_port, rpc_port: where the JobManager listens.

    Returns:
        the folder to name in `--configDir`.
    """
    conf = folder / "conf"
    for made in (conf, folder / "tmp", folder / "blobs"):
        made.mkdir(parents=True, exist_ok=True)
    text = _CONFIG.format(
        folder=folder, rest_port=rest_port, rpc_port=rpc_port, slots=SLOTS, restart_seconds=RESTART_SECONDS
    )
    (conf / "config.yaml").write_text(text, encoding="utf-8")
    (conf / "log4j.properties").write_text(_LOGGING, encoding="utf-8")
    return conf
