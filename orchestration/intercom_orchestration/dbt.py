"""Where the dbt project is, and its manifest, which dagster-dbt prepares from this file alone."""

import os
import sys
from pathlib import Path

from dagster_dbt import DbtProject

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("INTERCOM_MODELS", ROOT / "transform"))

# dagster-dbt looks for dbt in the PATH; it is in this environment, which may not be activated.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))

project = DbtProject(
    project_dir=FOLDER,
    profiles_dir=FOLDER,
    target="postgres",
    target_path=ROOT / "output" / "dbt" / "dagster",
)
project.prepare_if_dev()
