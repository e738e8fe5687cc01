"""docs/models.md and the models' descriptions state what transform/ has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
TRANSFORM = ROOT / "transform"
PAGE = (ROOT / "docs" / "models.md").read_text("utf-8")


def loaded(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def described(folder: str) -> set[str]:
    return {
        model["name"]
        for path in (TRANSFORM / "models" / folder).glob("*.yml")
        for model in loaded(path).get("models", [])
    }


def there(folder: str) -> set[str]:
    return {path.stem for path in (TRANSFORM / "models" / folder).glob("*.sql")}


def test_every_mart_is_on_the_page() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == there("marts")


def test_every_model_is_described() -> None:
    for folder in ("staging", "marts", "fivetran"):
        assert described(folder) == there(folder)


def test_the_page_names_every_variable() -> None:
    variables = loaded(TRANSFORM / "dbt_project.yml")["vars"]
    assert {name for name in variables if f"`{name}`" not in PAGE} == set()


def test_each_intermediate_model_says_what_a_row_is() -> None:
    for path in (TRANSFORM / "models" / "intermediate").glob("*.sql"):
        assert path.read_text("utf-8").startswith("-- ")
