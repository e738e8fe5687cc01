"""Which versions of the API there are, and which came before which."""

from __future__ import annotations

_NUMBERS = [f"1.{minor}" for minor in range(5)] + [f"2.{minor}" for minor in range(18)]
# Of 2.17 there are guides and examples only: it is taken for 2.16 but for what those say. Unstable
# is taken for Preview.
KNOWN: dict[str, int] = {name: place for place, name in enumerate(_NUMBERS)}
KNOWN["Preview"] = KNOWN["Unstable"] = len(_NUMBERS)

V2_0 = KNOWN["2.0"]
V2_6 = KNOWN["2.6"]
V2_8 = KNOWN["2.8"]
V2_9 = KNOWN["2.9"]
V2_10 = KNOWN["2.10"]
V2_11 = KNOWN["2.11"]
V2_12 = KNOWN["2.12"]
V2_14 = KNOWN["2.14"]
V2_15 = KNOWN["2.15"]
V2_16 = KNOWN["2.16"]
V2_17 = KNOWN["2.17"]
PREVIEW = KNOWN["Preview"]


def since(name: str) -> int:
    """Return a version's place in the order of versions."""
    return KNOWN[name]
