"""A Flink cluster on this host: a JobManager and two TaskManagers, Beam's job server, and a pool of Python workers."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from deploy.flink import parts
from deploy.flink.configuration import JAVA_OPTIONS, SLOTS, TASK_MANAGERS, WORKER_WAIT_MS, write_configuration
from deploy.flink.processes import Processes

JOB_MANAGER, TASK_MANAGER, JOB_SERVER, WORKERS = "jobmanager", "taskmanager", "jobserver", "workers"
_JOB_MANAGER_CLASS = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER_CLASS = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_JOB_SERVER_CLASS = "org.apache.beam.runners.flink.FlinkJobServerDriver"
_PATIENCE = 120.0  # seconds until what has been started must answer


@dataclasses.dataclass(frozen=True)
class Ports:
    """Where the parts of a cluster listen, on localhost."""

    rest: int = 8081
    rpc: int = 6123
    jobs: int = 8099
    artifacts: int = 8098
    workers: int = 50000

    @classmethod
    def free(cls) -> Ports:
        """Ports that nobody listens on at this moment."""
        sockets = [socket.create_server(("localhost", 0)) for _ in dataclasses.fields(cls)]
        found = cls(*(one.getsockname()[1] for one in sockets))
        for one in sockets:
            one.close()
        return found


@dataclasses.dataclass(frozen=True)
class Cluster:
    """A cluster, running or not.

    Attributes:
        folder: of its configuration, logs and temporary files.
        ports: where its parts listen.
    """

    folder: Path
    ports: Ports = dataclasses.field(default_factory=Ports)

    def start_flink(self) -> None:
        """Starts the JobManager and the TaskManagers, and returns when these have registered.

        Raises:
            MissingPart: there is no Java, or no Flink.
            RuntimeError: a process has ended, or does not answer.
        """
        java, jars = parts.java(), [*parts.flink_jars(), *parts.job_server_jars()]
        conf = write_configuration(self.folder, self.ports.rest, self.ports.rpc)
        flags = [*JAVA_OPTIONS, f"-Dlog4j.configurationFile={conf / 'log4j.properties'}"]
        classes = ["-classpath", os.pathsep.join(map(str, jars))]
        where = ["--configDir", str(conf)]
        manager = [java, "-Xmx512m", *flags, *classes, _JOB_MANAGER_CLASS, *where]
        worker = [java, "-Xmx640m", "-XX:MaxDirectMemorySize=448m", *flags, *classes, _TASK_MANAGER_CLASS, *where]
        self.processes.start(JOB_MANAGER, manager)
        for number in range(1, TASK_MANAGERS + 1):
            name = f"{TASK_MANAGER}{number}"
            self.processes.start(name, [*worker, f"-Dtaskmanager.resource-id={name}"])
        self._wait(lambda: len(self.task_managers()) == TASK_MANAGERS, "the TaskManagers have registered")

    def start_workers(self) -> None:
        """Starts the pool in which Beam's Python code runs, in an environment that has this project installed.

        Raises:
            MissingPart: the environment cannot be made.
            RuntimeError: the pool does not answer.
        """
        python = parts.worker_python()
        pool = [str(python), "-m", "apache_beam.runners.worker.worker_pool_main"]
        # The pool starts its workers as `python`.
        path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {"PATH": path, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": ""}
        self.processes.start(WORKERS, [*pool, f"--service_port={self.ports.workers}"], environment)
        self._wait(lambda: _listens(self.ports.workers), "the workers' pool listens")

    def start_job_server(self) -> None:
        """Starts what takes Beam's pipelines and gives them to the JobManager.

        Raises:
            MissingPart: there is no Java, or no job server.
            RuntimeError: the job server does not answer.
        """
        classes = ["-classpath", os.pathsep.join(map(str, parts.job_server_jars()))]
        command = [parts.java(), "-Xmx512m", *JAVA_OPTIONS, *classes, _JOB_SERVER_CLASS]
        command += [f"--flink-master=localhost:{self.ports.rest}", "--job-host=localhost"]
        command += [f"--job-port={self.ports.jobs}", f"--artifact-port={self.ports.artifacts}", "--expansion-port=0"]
        self.processes.start(JOB_SERVER, [*command, f"--artifacts-dir={self.folder / 'artifacts'}"])
        self._wait(lambda: _listens(self.ports.jobs), "the job server listens")

    def stop(self) -> None:
        """Ends every process of the cluster."""
        self.processes.stop()

    @property
    def processes(self) -> Processes:
        """Those of the cluster."""
        return Processes(self.folder)

    def task_managers(self) -> dict[str, int]:
        """The TaskManagers that the JobManager knows, by name, with their free slots; none while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.ports.rest}/taskmanagers", timeout=5) as answer:
                return {one["id"]: one["freeSlots"] for one in json.load(answer)["taskmanagers"]}
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}

    def beam_options(self) -> list[str]:
        """What the runners are given behind `--` to run on this cluster."""
        return [
            "--runner=PortableRunner",
            f"--job_endpoint=localhost:{self.ports.jobs}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{self.ports.workers}",
            f"--parallelism={SLOTS}",
            f"--environment_cache_millis={WORKER_WAIT_MS}",
        ]

    def _wait(self, answered: Callable[[], bool], what: str) -> None:
        """Waits until something is so, as long as all processes are there."""
        expected = set(self.processes.running())
        deadline = time.monotonic() + _PATIENCE
        while not answered():
            for name in sorted(expected - set(self.processes.running())):
                raise RuntimeError(f"{name} has ended: {self.processes.last_words(name)}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"waited {_PATIENCE:.0f} seconds in vain until {what}; logs are in {self.folder}")
            time.sleep(0.2)


def _listens(port: int) -> bool:
    """Whether somebody takes connections at a port of this host."""
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False
