"""A project of one's own, from an empty folder, with what docs/meltano.md says and nothing else."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from ruamel.yaml import YAML

from demo.processes import BIN, ROOT, environment
from tap_intercom_conversations.streams.registry import STREAMS
from tests.e2e.loaders import SCHEMA, Postgres

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Workspace

PAGE = (ROOT / "docs" / "meltano.md").read_text("utf-8")
TAP, TARGET = "tap-intercom-conversations", "target-postgres"


def meltano(project: Path, *arguments: str, **settings: str) -> str:
    """Run Meltano in a project; returns what it said, after its exit status."""
    ended = subprocess.run(  # noqa: S603  our own command
        [BIN / "meltano", *arguments],
        cwd=project,
        env=environment(settings, "TAP_", "TARGET_"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    return f"status {ended.returncode}\n{ended.stdout}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project as the page has it; its plugins are those that are installed here."""
    assert meltano(tmp_path, "init", "intercom", "--no-usage-stats").startswith("status 0")
    folder = tmp_path / "intercom"
    definition = str(ROOT / "docs" / "meltano-hub.yml")
    for line in re.findall(r"^meltano ((?:add|config) .*)", PAGE, re.MULTILINE):
        arguments = shlex.split(line.replace("meltano-hub.yml", definition))
        # Installing takes the package from where it is published.
        more = ("--no-install",) if arguments[0] == "add" else ()
        assert meltano(folder, *arguments, *more).startswith("status 0")
    file = folder / "meltano.yml"
    [loaders] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file.write_text(file.read_text("utf-8").rstrip() + f"\n{loaders}", "utf-8")
    for kind, name in (("extractors", TAP), ("loaders", TARGET)):
        command = f".meltano/{kind}/{name}/venv/bin/{name}"
        (folder / command).parent.mkdir(parents=True)
        (folder / command).symlink_to(ROOT / command)
    return folder


def test_the_page_selects_what_is_on_by_default(project: Path) -> None:
    [extractor] = YAML(typ="safe").load(project / "meltano.yml")["plugins"]["extractors"]
    assert extractor["select"] == [f"{each.name}.*" for each in STREAMS if each.selected_by_default]


def ask(server: str, title: str) -> list[tuple[Any, ...]]:
    """Run a query of the page."""
    queries: dict[str, str] = dict(re.findall(r"```sql\n-- (.*?)\n(.*?)```", PAGE, re.DOTALL))
    with psycopg.connect(server, options=f"-c search_path={SCHEMA}") as connection:
        return connection.execute(queries[title].encode()).fetchall()


def test_a_project_of_ones_own(workspace: Workspace, project: Path, postgres_server: str) -> None:
    loader = Postgres(postgres_server)
    loader.clear()
    url = postgres_server.replace("postgresql://", "postgresql+psycopg://")
    settings = {
        "TAP_INTERCOM_CONVERSATIONS_ACCESS_TOKEN": "sandbox-token",
        "TAP_INTERCOM_CONVERSATIONS_API_URL": workspace.url,
        "TAP_INTERCOM_CONVERSATIONS_API_VERSION": "Preview",
        "TAP_INTERCOM_CONVERSATIONS_INCLUDE_QA": "true",
        "TAP_INTERCOM_CONVERSATIONS_RATE_LIMIT_SHARE": "0.5",
        "TARGET_POSTGRES_SQLALCHEMY_URL": url,
    }
    run = ("run", "--no-install", TAP, TARGET)
    wrong = meltano(project, *run, **settings, TAP_INTERCOM_CONVERSATIONS_REGION="eurpe")
    assert not wrong.startswith("status 0")
    assert "region" in wrong

    for change in (lambda: None, lambda: workspace.order("touch", count=20)):
        change()
        ended = meltano(project, *run, **settings)
        assert ended.startswith("status 0"), ended
    for stream in ("conversations", "conversation_parts", "conversation_tags", "admins"):
        assert workspace.differences(loader, stream) == []
    with pytest.raises(psycopg.errors.UndefinedTable):
        loader.rows("side_conversation_parts")

    truth = list(workspace.truth("conversations"))
    ratings = [row["conversation_rating"] for row in truth if row["conversation_rating"]]
    assert sorted(rating for _, rating in ask(postgres_server, "rated conversations")) == sorted(
        rating["rating"] for rating in ratings
    )
    assert not [row for row in loader.rows("conversations") if row["conversation_rating"] == {}]
    held = ask(postgres_server, "who has it")
    assert len(held) == len(truth)
    assert sum(admin is not None for _, admin, _ in held) == sum(
        bool(row["admin_assignee_id"]) for row in truth
    )
