"""conversation_counts: how many conversations the API counts, week by week of `created_at`.

A table of conversations is complete if it has as many of each week: docs/queries.md has the query.
"""

from __future__ import annotations

import itertools
import time
import typing as t

import msgspec

from tap_intercom_conversations.errors import TapError, UnreadableAnswer
from tap_intercom_conversations.jsontext import whole_number
from tap_intercom_conversations.reading.changes import SEARCH_SHARE
from tap_intercom_conversations.reading.envelope import envelope_decoder
from tap_intercom_conversations.streams.base import IntercomStream
from tap_intercom_conversations.streams.window import Window
from tap_intercom_conversations.times import epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.envelope import Envelope
    from tap_intercom_conversations.records import Record

    Condition = dict[str, t.Any]

WEEK_SECONDS = 7 * 86_400
FIRST_MONDAY = 4 * 86_400
"""1970-01-05, the first Monday, in epoch seconds."""
CAP_MULTIPLE = 10
"""A cap, such as 10,000, is a round number: a count that is a multiple of this may be capped."""

MOST_PARTS = 500
"""Parts in which one week is counted: if they are more, it is no cap that makes counts round."""


class Conversation(msgspec.Struct):
    """What is looked at of a conversation."""

    created_at: t.Any = None


_decode = envelope_decoder(Conversation, ("conversations", "data"))


class ConversationCountsStream(IntercomStream):
    """POST /conversations/search, for its `total_count`: one light search a week, side by side.

    It is read before deleted_conversations, which then has what was deleted after it was counted.
    """

    name = "conversation_counts"
    endpoint = "/conversations/search"
    primary_keys = ("week",)
    since = "2.0"
    selected_by_default = False

    def read(self) -> Iterator[Record]:
        """Yield a row for each week, from that of the first conversation or of `start_date` on."""
        weeks = list(self._weeks())
        counts = self._count_each(weeks, [])
        # Only now: so what changed while the weeks were counted is among these.
        recently_changed = self._count_recent(weeks)
        for week, (count, counted_at), recent in zip(weeks, counts, recently_changed, strict=True):
            yield self.shape(
                {
                    "week": rfc3339(_monday(week.start))[: len("2026-06-01")],
                    "starts_at": week.start,
                    "ends_at": week.end,
                    "conversations": count,
                    "recently_changed": recent,
                    "counted_at": counted_at,
                }
            )

    def _weeks(self) -> Iterator[Window]:
        settings = self.session.settings
        end = self.session.started + self.session.clock_ahead + 1
        end = end if settings.end is None else min(settings.end, end)
        start = self._first_creation() if settings.start is None else settings.start
        while start is not None and start < end:
            next_monday = _monday(start) + WEEK_SECONDS
            yield Window(start, min(next_monday, end))
            start = next_monday

    def _first_creation(self) -> int | None:
        """When the first conversation was created; None if there is none.

        Raises:
            TapError: The search does not put it first, so earlier ones would not be counted.
        """
        first = self._wait_for(self._search, _within("created_at", 1, None))
        if not first.rows:
            return None
        start = epoch_seconds(getattr(first.rows[0], "created_at", None))
        if start is None or self._wait_for(self._count, _within("created_at", 1, start)):
            raise TapError(
                "the search does not tell when the first conversation was created; "
                "set start_date to count from there"
            )
        return start

    def _count_recent(self, weeks: list[Window]) -> list[int]:
        """Count those that changed so late that a table may not have them yet.

        That is after `end_date`, or after the moment up to which the search's index is complete.
        """
        session = self.session
        since = session.started + min(session.clock_ahead, 0) - session.settings.lookback_window
        if session.settings.end is not None:
            since = min(since, session.settings.end)
            self.logger.warning(
                "end_date is set: what changed after it is counted as recently_changed, as nobody "
                "can tell whether an earlier sync has loaded it"
            )
        changed = _within("updated_at", since, None)
        if not self._wait_for(self._count, changed):
            return [0] * len(weeks)
        return [count for count, _ in self._count_each(weeks, changed)]

    def _count_each(
        self, weeks: list[Window], conditions: list[Condition]
    ) -> list[tuple[int, int]]:
        """Count what fulfils the conditions, by week of creation; each with when it was counted."""
        lanes = max(self.session.settings.max_concurrency // SEARCH_SHARE, 1)

        def count(week: Window) -> tuple[int, int]:
            counted = self._count_within(week, conditions)
            return counted, int(time.time()) + self.session.clock_ahead

        counts = self.session.workers.ordered_map(count, weeks, ahead=lanes)
        return [future.result() for _, future in counts]

    def _count_within(self, week: Window, conditions: list[Condition]) -> int:
        """Count what was created within a week; if that may be capped, count its halves, too.

        Raises:
            TapError: Counts stay round, however short the time: the search does not look at it.
        """
        parts = itertools.count(1)

        def count_part(part: Window) -> int:
            if next(parts) > MOST_PARTS:
                raise TapError(
                    f"the search's counts of one week stay round in {MOST_PARTS} parts of it: it "
                    "seems to take no notice of created_at; deselect this stream"
                )
            count = self._count([*_within("created_at", *part), *conditions])
            if not count or count % CAP_MULTIPLE or part.end - part.start == 1:
                return count
            return max(count, sum(map(count_part, part.halves())))

        return count_part(week)

    def _count(self, conditions: list[Condition]) -> int:
        """Count what fulfils all conditions, in a worker."""
        count = whole_number(self._search(conditions).total_count)
        if count is None or count < 0:
            raise UnreadableAnswer(f"POST {self.endpoint}", message="it has no total_count")
        return count

    def _search(self, conditions: list[Condition]) -> Envelope:
        """Ask for one conversation, the first that was created, and for the count of all."""
        filters = list(map(msgspec.to_builtins, self.session.settings.search_filters))
        # In a group of their own: a group takes 15 conditions, and these may be 13.
        group = [{"operator": "AND", "value": filters}] if filters else []
        body = {
            "query": {"operator": "AND", "value": [*conditions, *group]},
            "sort": {"field": "created_at", "order": "ascending"},
            "pagination": {"per_page": 1},
        }
        answer, _ = self.session.client.fetch("POST", self.endpoint, decode=_decode, json=body)
        return answer

    def _wait_for(self, ask: t.Callable[[list[Condition]], t.Any], what: list[Condition]) -> t.Any:
        return self.session.workers.result(self.session.workers.submit(ask, what))


def _monday(moment: int) -> int:
    """The beginning of a moment's week, in UTC."""
    return moment - (moment - FIRST_MONDAY) % WEEK_SECONDS


def _within(field: str, start: int, end: int | None) -> list[Condition]:
    """The conditions for start <= field < end, in whole seconds, whatever `>` and `<` mean.

    The documents call `>` "greater (or equal)", users measured it strict (API documentation,
    "Search conversations"): so what must not be there is left out by name.
    """
    conditions = [(">", start - 1), ("!=", start - 1)]
    if end is not None:
        conditions += [("<", end), ("!=", end)]
    return [{"field": field, "operator": how, "value": value} for how, value in conditions]
