"""Whatever the API sends, a record is valid and complete."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.schemas import load_schema
from tests.support.hostile import SETTINGS, anything, errors, lost, objects
from tests.unit.test_schemas import NEVER_NULL, STREAMS

SCHEMAS = {stream: load_schema(stream) for stream in STREAMS}
SHAPERS = {stream: RecordShaper(schema) for stream, schema in SCHEMAS.items()}
OBJECTS = {stream: objects(schema) for stream, schema in SCHEMAS.items()}


@pytest.mark.parametrize("stream", STREAMS)
@SETTINGS
@given(st.data())
def test_every_record_is_valid_and_nothing_is_lost(stream: str, data: st.DataObject) -> None:
    sent = data.draw(OBJECTS[stream])
    record = SHAPERS[stream].shape(deepcopy(sent))

    assert errors(SCHEMAS[stream], record) == []
    assert lost(SCHEMAS[stream], sent, record) == []


@pytest.mark.parametrize("stream", STREAMS)
@SETTINGS
@given(st.data())
def test_a_key_is_usable_or_there_is_no_record(stream: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(NEVER_NULL[stream])))
    sent = {**data.draw(OBJECTS[stream]), name: data.draw(anything)}
    try:
        record = SHAPERS[stream].shape(sent)
    except UnusableRecord as error:
        assert str(error) == f"without {name}"  # noqa: PT017  a record is as good an outcome
    else:
        assert errors(SCHEMAS[stream], record) == []
        assert record[name]
