"""The lists that conversations refer to: whole each time, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.serving import Said

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner

LISTS = (
    "admins",
    "teams",
    "tags",
    "conversation_attributes",
    "ticket_types",
    "ticket_states",
    "segments",
    "contact_attributes",
    "company_attributes",
)


@pytest.mark.parametrize("items", [[{"name": "no id"}], None])
def test_no_version_is_activated_if_the_load_is_not_whole(
    run_tap: Runner, answer: Answer, items: Any
) -> None:
    run = run_tap(answer(Said({"data": items})), "tags", emit_activate_version_messages=True)

    assert run.status == 1
    assert "ACTIVATE_VERSION" not in {message["type"] for message in run.messages}


@pytest.mark.parametrize("following", ["https://x/tags?page=2", {"starting_after": "x"}])
def test_a_list_that_names_another_page_is_not_whole(
    run_tap: Runner, answer: Answer, following: Any
) -> None:
    said = Said({"data": [{"id": "1", "name": "vip"}], "pages": {"next": following}})
    run = run_tap(answer(said), "tags")

    assert (run.status, run.ids("tags")) == (1, ["1"])
    assert "not the last page" in run.failures[0]


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("said", [{}, {"type": "list"}, {"data": None, "admins": {}, "teams": 1}])
def test_a_list_without_its_items_is_an_error_never_empty(
    run_tap: Runner, answer: Answer, stream: str, said: dict[str, Any]
) -> None:
    run = run_tap(answer(Said(said)), stream)

    assert run.status == 1
    assert run.records(stream) == []


def test_an_item_without_a_key_fails_the_stream_at_its_end(run_tap: Runner, answer: Answer) -> None:
    """All others are written first."""
    items = [{"id": "1", "name": "a"}, {"name": "b"}, {"id": "3", "name": "c"}]
    run = run_tap(answer(Said({"type": "list", "data": items})), "tags")

    assert run.ids("tags") == ["1", "3"]
    assert run.status == 1
    assert "1 without id" in run.failures[0]


@pytest.mark.parametrize(
    ("stream", "entry"),
    [*((stream, None) for stream in LISTS), *(("tags", entry) for entry in (5, "a", ["a"], True))],
)
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any
) -> None:
    """All others are written first."""
    items = [{"id": "1", "full_name": "a"}, entry, {"id": "3", "full_name": "c"}]
    names = ("admins", "teams", "segments", "data")
    run = run_tap(answer(Said(dict.fromkeys(names, items))), stream)

    assert run.ids(stream) == ["1", "3"]
    assert run.status == 1
    assert run.failures == [
        (
            f"{stream}: the API sent what cannot be a row: 1 null or of another type than an "
            "object; all other rows are written"
        )
    ]
