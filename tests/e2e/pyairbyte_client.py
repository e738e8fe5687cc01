"""Reads all streams with PyAirbyte into a DuckDB file, as a program of PyAirbyte's users does.

It runs in an environment of its own, where `airbyte` is installed and nothing of ours is:
`python pyairbyte_client.py EXECUTABLE CONFIG DATABASE`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import airbyte


def main(executable: str, config: str, database: str) -> None:
    """Check, discover and read.

    Args:
        executable: Path of the source's command.
        config: Path of its settings.
        database: Path of the DuckDB file.
    """
    source = airbyte.get_source(
        "source-intercom-conversations",
        config=json.loads(Path(config).read_text(encoding="utf-8")),
        local_executable=Path(executable),
    )
    source.check()
    source.select_all_streams()
    source.read(cache=airbyte.DuckDBCache(db_path=Path(database), schema_name="main"))


if __name__ == "__main__":
    main(*sys.argv[1:])
