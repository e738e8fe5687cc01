"""The configurations for other places load, and say of the project's limits what ours says."""

from __future__ import annotations

import shutil
from pathlib import Path

import kubernetes
import pytest
import yaml
from dagster import DagsterInstance
from dagster_celery.launcher import CeleryRunLauncher
from dagster_k8s import K8sRunLauncher

from tests.e2e import conftest as e2e

HERE = Path(__file__).parents[1]
LAUNCHERS = {"celery": CeleryRunLauncher, "kubernetes": K8sRunLauncher}
postgres_server = e2e.postgres_server


@pytest.mark.parametrize("name", LAUNCHERS)
def test_it_loads(
    name: str, postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launcher and a storage in a real PostgreSQL; there is no broker and no cluster here."""
    shutil.copy(HERE / "deployments" / f"{name}.yaml", tmp_path / "dagster.yaml")
    for variable, value in {
        "DAGSTER_STORAGE_URL": postgres_server,
        "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
        "CELERY_RESULT_URL": "redis://127.0.0.1:6379/1",
        "INTERCOM_IMAGE": "intercom:1",
    }.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(kubernetes.config, "load_incluster_config", lambda: None)

    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert isinstance(instance.run_launcher, LAUNCHERS[name])
        assert instance.get_run_records() == []


@pytest.mark.parametrize("name", LAUNCHERS)
def test_the_rest_is_as_on_one_machine(name: str) -> None:
    ours = yaml.safe_load((HERE / "dagster.yaml").read_text("utf-8"))
    there = yaml.safe_load((HERE / "deployments" / f"{name}.yaml").read_text("utf-8"))

    assert ours.items() <= there.items()
