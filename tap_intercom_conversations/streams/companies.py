"""companies: those of the workspace that have users."""

from __future__ import annotations

import typing as t
from functools import cached_property

from tap_intercom_conversations.settings import at_least
from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.streams.permissions import READ_PEOPLE

if t.TYPE_CHECKING:
    from tap_intercom_conversations.reading.collection import Collection


class CompaniesStream(ChangedObjectsStream):
    """POST /companies/list, or GET /companies/scroll if the list may not serve all of them.

    Neither takes times, so each sync reads all of them.
    """

    name = "companies"
    endpoint = "/companies/list"
    primary_keys = ("id",)
    since = "2.0"
    permission = READ_PEOPLE
    selected_by_default = False

    @classmethod
    def for_version(cls, version: str) -> type[CompaniesStream]:
        """Only Preview has a search of companies."""
        return SearchedCompaniesStream if at_least(version, "Preview") else cls

    @cached_property
    def collection(self) -> Collection:
        """The companies, by list or scroll."""
        return collections.companies()

    def user_bounds(self) -> tuple[int | None, int | None]:
        """None: the user's are of conversations, and a company may have changed long before."""
        return None, None


class SearchedCompaniesStream(CompaniesStream):
    """POST /companies/search."""

    endpoint = "/companies/search"
    replication_key = "updated_at"

    @cached_property
    def collection(self) -> Collection:
        """The companies, by their search."""
        return collections.searched_companies(self.session.settings)
