"""Where the dbt project is, and its manifest, which dagster-dbt prepares from this file alone."""

import os
from pathlib import Path

from dagster_dbt import DbtProject

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("INTERCOM_MODELS", ROOT / "transform"))

project = DbtProject(
    project_dir=FOLDER,
    profiles_dir=FOLDER,
    target="postgres",
    target_path=ROOT / "output" / "dbt" / "dagster",
)
project.prepare_if_dev()
