"""The models: those of transform/ as assets, after the changes, with dbt's tests as checks."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)

from intercom_orchestration.database import Database, dbt_variables
from intercom_orchestration.dbt import project
from intercom_orchestration.pipeline import Pipeline

LOADED = dg.AssetKey("changes")


class Translator(DagsterDbtTranslator):
    """All tables that the models read come from one asset."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The asset that a model is, or that a source comes from."""
        if dbt_resource_props["resource_type"] == "source":
            return LOADED
        return super().get_asset_key(dbt_resource_props)


@dbt_assets(
    manifest=project.manifest_path,
    project=project,
    dagster_dbt_translator=Translator(
        DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
    ),
)
def models(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: Pipeline
) -> Iterator[Any]:
    """Build and test the models; a week that lacks conversations fails a test, too."""
    os.environ.update(dbt_variables(pipeline.database_url))
    # Two builds at once would rename each other's tables.
    with Database(pipeline.database_url, pipeline.schema_name).alone("models"):
        # Always there: dagster-dbt would make a folder for each build, and leave them all behind.
        folder = project.target_path / "build"
        yield from dbt.cli(["build"], context=context, target_path=folder).stream()
