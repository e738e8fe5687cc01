"""The API's versions have an order."""

from __future__ import annotations

from tap_intercom_conversations.settings import VERSIONS, at_least


def test_versions_have_an_order() -> None:
    assert VERSIONS[0] == "1.0"
    assert VERSIONS[-3:] == ("2.17", "Preview", "Unstable")
    assert at_least("2.10", "2.9")
    assert at_least("2.16", "2.16")
    assert at_least("Preview", "2.16")
    assert not at_least("2.9", "2.10")
    assert not at_least("1.4", "2.0")
    assert not at_least("2.16", "Preview")
