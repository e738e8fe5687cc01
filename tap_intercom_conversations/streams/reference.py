"""What conversations refer to: admins, teams, tags, and the attributes that they may have."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.api.tolerant import decoder
from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.settings import at_least
from tap_intercom_conversations.streams.base import IntercomStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

_decode = decoder(dict[str, t.Any])


class ListStream(IntercomStream):
    """One request, one list without pages, FULL_TABLE."""

    primary_keys = ("id",)
    items: t.ClassVar[str]

    def parameters(self) -> dict[str, str]:
        """The query string's."""
        return {}

    def read(self) -> Iterator[Record]:
        """Yield the list."""
        future = self.session.workers.submit(self._ask)
        answer = self.session.workers.result(future)
        items = answer.get(self.items)
        if not isinstance(items, list):
            raise UnreadableAnswer(
                f"GET {self.endpoint}", message=f"the answer holds no {self.items}"
            )
        for item in items:
            if (record := self.shape(item)) is not None:
                yield record

    def _ask(self) -> dict[str, t.Any]:
        return self.session.client.get(self.endpoint, self.parameters(), decode=_decode)


class AdminsStream(ListStream):
    """GET /admins: the teammates."""

    name = "admins"
    endpoint = "/admins"
    items = "admins"
    permission = "Read admins"


class TeamsStream(ListStream):
    """GET /teams."""

    name = "teams"
    endpoint = "/teams"
    items = "teams"
    permission = "Read admins"


class TagsStream(ListStream):
    """GET /tags."""

    name = "tags"
    endpoint = "/tags"
    items = "data"
    permission = "Read tags"


class ConversationAttributesStream(ListStream):
    """GET /conversations/attributes from 2.16 on, GET /data_attributes before."""

    name = "conversation_attributes"
    items = "data"
    permission = "Read conversations"

    @property
    def endpoint(self) -> str:  # type: ignore[override]  # which one depends on the version
        """The endpoint that the version has; the other answers 422 or 400."""
        own = at_least(self.session.settings.api_version, "2.16")
        return "/conversations/attributes" if own else "/data_attributes"

    def parameters(self) -> dict[str, str]:
        """Archived ones too: old conversations still have values of them."""
        if at_least(self.session.settings.api_version, "2.16"):
            return {"include_archived": "true"}
        return {"model": "conversation", "include_archived": "true"}
