"""From an object of the API to a record of the schema: the fast way, and the careful way."""

from __future__ import annotations

from typing import Any

import msgspec

Record = dict[str, Any] | msgspec.Struct
"""A record. A struct is one that came the fast way; it is encoded as it is."""
