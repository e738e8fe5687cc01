"""The tap and the target as programs of their own, in a pipe: settings in, STATE out."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from intercom_orchestration.database import libpq_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Json = dict[str, Any]


class Pipeline(dg.ConfigurableResource["Pipeline"]):
    """What is run, and where it loads to.

    Access token, region and whatever else is the same for all loads stand in the environment, as
    TAP_INTERCOM_CONVERSATIONS_...; so no secret is in Dagster's own storage.
    """

    tap: str = "tap-intercom-conversations"
    target: str = "target-postgres"
    database_url: str
    schema_name: str = "intercom"
    lanes: int = 3
    """How many loads may run at once: the limit of the pool "intercom" in dagster.yaml."""

    def load(
        self,
        streams: Iterable[str],
        settings: Json,
        *,
        state: Json | None = None,
        keep: Callable[[Json], None] = lambda _: None,
    ) -> None:
        """Load streams.

        Args:
            streams: Their names.
            settings: The tap's, beyond those in the environment.
            state: Where to begin.
            keep: Is told each STATE that the target emits: what came before it is in the database.

        Raises:
            Failure: The tap or the target has failed.
        """
        # The runs share what the workspace grants: together no more than nine tenths of it.
        settings = {"rate_limit_share": round(0.9 / self.lanes, 3), **settings}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            arguments = [
                *("--config", "ENV", "--config", _write(folder / "config.json", settings)),
                *("--catalog", _write(folder / "catalog.json", self._catalog(streams))),
            ]
            if state is not None:
                arguments += ["--state", _write(folder / "state.json", state)]
            self._pipe(arguments, keep)

    def make_tables(self, streams: Iterable[str]) -> None:
        """Have the target make the tables, so that no two loads make one at the same time.

        Raises:
            Failure: The target has failed.
        """
        told = self._run_tap("--config", "ENV", "--test=schema").splitlines()
        wanted = set(streams)
        schemas = [line for line in told if json.loads(line)["stream"] in wanted]
        with self._start_target(stdin=subprocess.PIPE) as target:
            target.communicate("\n".join(schemas) + "\n")
        _check("target", target)

    def _pipe(self, arguments: list[str], keep: Callable[[Json], None]) -> None:
        with (
            subprocess.Popen([self.tap, *arguments], stdout=subprocess.PIPE) as tap,  # noqa: S603
            self._start_target(stdin=tap.stdout) as target,
        ):
            # The target's end alone is read, or the tap would not see the target die.
            if tap.stdout is not None:
                tap.stdout.close()
            try:
                self._keep_states(target, keep)
            except BaseException:
                # The run is to end: the tap ends, the target writes what it has, and says so.
                tap.terminate()
                self._keep_states(target, keep)
                raise
        _check("target", target)
        _check("tap", tap)

    @staticmethod
    def _keep_states(target: subprocess.Popen[str], keep: Callable[[Json], None]) -> None:
        for line in target.stdout or ():
            keep(json.loads(line))

    def _start_target(self, stdin: Any) -> subprocess.Popen[str]:
        url = libpq_url(self.database_url).replace("postgresql://", "postgresql+psycopg://", 1)
        settings = {
            "SQLALCHEMY_URL": url,
            "DEFAULT_TARGET_SCHEMA": self.schema_name,
            "SANITIZE_NULL_TEXT_CHARACTERS": "true",
        }
        env = {f"TARGET_POSTGRES_{name}": value for name, value in settings.items()}
        # Its columns have no offset: times would be those of the server's timezone.
        env["PGTZ"] = "UTC"
        return subprocess.Popen(  # noqa: S603  what the project says
            [self.target, "--config", "ENV"],
            env={**os.environ, **env},
            stdin=stdin,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _catalog(self, streams: Iterable[str]) -> Json:
        catalog: Json = json.loads(self._run_tap("--config", "ENV", "--discover"))
        wanted = set(streams)
        for entry in catalog["streams"]:
            root = next(each for each in entry["metadata"] if not each["breadcrumb"])
            root["metadata"]["selected"] = entry["stream"] in wanted
        return catalog

    def _run_tap(self, *arguments: str) -> str:
        ended = subprocess.run(  # noqa: S603
            [self.tap, *arguments], stdout=subprocess.PIPE, text=True, check=False
        )
        _check("tap", ended)
        return ended.stdout


def _check(what: str, process: Any) -> None:
    if process.returncode:
        raise dg.Failure(f"The {what} ended with {process.returncode}; its log says why")


def _write(path: Path, content: Json) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)
