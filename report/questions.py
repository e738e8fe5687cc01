"""What the report asks of the marts: each function is one question, its rows are a chart's data.

A week is a whole one: the week that is not over yet is left out. `PERIOD` days end today, where
today is the day of the last update that was loaded.
"""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from report.database import Database, Row

PERIOD = 28
WEEKS = 26
LONGEST = 10

_WEEK = "cast(date_trunc('week', day) as date)"
_MEDIAN = "percentile_cont(0.5) within group (order by seconds)"
_LAST_WEEKS = """
    week >= (select cast(date_trunc('week', today) as date) from present) - cast(? as int)
    and week < (select cast(date_trunc('week', today) as date) from present) - cast(? as int)
"""


def today(database: Database) -> date | None:
    """The day of the data; none if there are none."""
    (row,) = database.ask("select max(today) as today from present")
    found: date | None = row["today"]
    return found


def headline(database: Database, ended: int = 0) -> Row:
    """The figures of `PERIOD` days that ended so many days before today."""
    (row,) = database.ask(
        f"""
        select
            count(*) filter (where kind = 'created') as created,
            count(*) filter (where kind = 'closed') as closed,
            {_MEDIAN} filter (where kind = 'first response') as first_response,
            {_MEDIAN} filter (where kind = 'closed') as time_to_close,
            cast(avg(rating) as float8) as rating
        from activity, present
        where day > today - cast(? as int) and day <= today - cast(? as int)
        """,
        ended + PERIOD,
        ended,
    )
    (fin,) = database.ask(
        """
        select
            cast(count(*) filter (where fin_outcome = 'resolved') as float8) / nullif(count(*), 0)
                as fin_resolved
        from conversations, present
        where fin_participated
            and created_on > today - cast(? as int) and created_on <= today - cast(? as int)
        """,
        ended + PERIOD,
        ended,
    )
    (backlog,) = database.ask(
        """
        select cast(coalesce(sum(open_conversations), 0) as bigint) as open_conversations
        from backlog_days, present
        where day = today - cast(? as int)
        """,
        ended,
    )
    return {**row, **fin, **backlog}


def volume(database: Database) -> list[Row]:
    """How many conversations began and were closed for good in each week."""
    return _weekly(
        database,
        """
        count(*) filter (where kind = 'created') as created,
        count(*) filter (where kind = 'closed') as closed
        """,
    )


def backlog(database: Database) -> list[Row]:
    """How many conversations were open at the end of each week, by age."""
    return database.ask(
        f"""
        select week, age, age_order, open_conversations
        from (select day - 6 as week, age, age_order, open_conversations from backlog_days) as ends
        where extract(isodow from week) = 1 and {_LAST_WEEKS}
        order by week, age_order
        """,
        7 * WEEKS,
        0,
    )


def first_response(database: Database) -> list[Row]:
    """How long contacts waited for the first responses of each week."""
    return _times(database, "first response")


def resolution(database: Database) -> list[Row]:
    """How long it took to close what was closed in each week."""
    return _times(database, "closed")


def hours(database: Database) -> list[Row]:
    """How many conversations contacts began in each hour of the week, and how long they waited."""
    return database.ask(
        f"""
        select
            asked_weekday as weekday,
            asked_hour as hour,
            count(*) as conversations,
            percentile_cont(0.5) within group (order by first_response_seconds) as median_seconds
        from (
            select *, cast(date_trunc('week', asked_on) as date) as week from conversations
        ) as asked
        where {_LAST_WEEKS}
        group by asked_weekday, asked_hour
        order by asked_weekday, asked_hour
        """,
        7 * WEEKS,
        0,
    )


def ratings(database: Database) -> list[Row]:
    """How many ratings of each kind there were in each week."""
    return database.ask(
        f"""
        select week, rating, count(*) as ratings
        from (select {_WEEK} as week, rating from activity where kind = 'rated') as rated
        where {_LAST_WEEKS}
        group by week, rating
        order by week, rating
        """,
        7 * WEEKS,
        0,
    )


def fin(database: Database) -> list[Row]:
    """What became of the conversations of each week in which Fin took part."""
    return database.ask(
        f"""
        select
            week, conversations, resolved, handed_over,
            involved - resolved - handed_over as neither,
            conversations - involved as without
        from fin_weeks
        where {_LAST_WEEKS}
        order by week
        """,
        7 * WEEKS,
        0,
    )


def tags(database: Database) -> list[Row]:
    """Tags by how much more often they came in the last four weeks than in the four before."""
    return database.ask(
        f"""
        with recent as (
            select tag_id, cast(sum(conversations) as bigint) as conversations
            from tag_weeks where {_LAST_WEEKS} group by tag_id
        ),
        earlier as (
            select tag_id, cast(sum(conversations) as bigint) as conversations
            from tag_weeks where {_LAST_WEEKS} group by tag_id
        ),
        names as (select tag_id, max(tag_name) as tag from tag_weeks group by tag_id)
        select
            tag,
            coalesce(earlier.conversations, 0) as before,
            coalesce(recent.conversations, 0) as now,
            coalesce(recent.conversations, 0) - coalesce(earlier.conversations, 0) as growth
        from names
        left join recent using (tag_id)
        left join earlier using (tag_id)
        where recent.conversations is not null or earlier.conversations is not null
        order by growth desc, tag
        """,
        PERIOD,
        0,
        2 * PERIOD,
        PERIOD,
    )


def teammates(database: Database) -> list[Row]:
    """What each teammate did in the last `PERIOD` days, and has open now."""
    return database.ask(
        """
        select
            coalesce(max(teammate_name), teammate_id) as teammate,
            cast(sum(replies) as bigint) as replies,
            cast(sum(first_responses) as bigint) as first_responses,
            cast(sum(closed) as bigint) as closed,
            cast(sum(case when day = today then open_at_end else 0 end) as bigint) as open_now
        from teammate_days, present
        where day > today - cast(? as int)
        group by teammate_id
        order by replies desc, teammate
        """,
        PERIOD,
    )


def waiting(database: Database) -> list[Row]:
    """The open conversations whose contacts have waited longest for an answer."""
    rows = database.ask(
        """
        select
            conversation_id as conversation,
            cast(extract(epoch from (as_of - waiting_since)) as bigint) as waiting_seconds,
            coalesce(title, regexp_replace(subject, '<[^>]*>', '', 'g'), '') as title,
            coalesce(team_name, '') as team,
            coalesce(teammate_name, '') as teammate,
            channel
        from conversations, present
        where state = 'open' and waiting_since <= as_of
        order by waiting_since, conversation_id
        limit ?
        """,
        LONGEST,
    )
    # A subject is HTML.
    return [{**row, "title": unescape(row["title"])} for row in rows]


def completeness(database: Database) -> Row:
    """How many conversations Intercom counts, how many are loaded, and the weeks that lack some.

    Returns:
        `weeks` is 0 if nothing was counted; `lacking` names weeks, with how many each lacks.
    """
    (row,) = database.ask(
        """
        select
            count(*) as weeks,
            cast(sum(counted) as bigint) as counted,
            cast(sum(loaded) as bigint) as loaded,
            count(*) filter (where verdict = 'more than counted') as weeks_with_more,
            max(counted_at) as counted_at,
            string_agg(
                cast(week as text) || ' (' || cast(difference as text) || ')', ', ' order by week
            ) filter (where verdict = 'incomplete') as lacking
        from completeness_weeks
        """
    )
    return row


def _weekly(database: Database, figures: str, kind: str = "") -> list[Row]:
    only = "kind = ?" if kind else "kind <> ?"
    return database.ask(
        f"""
        select week, {figures}
        from (select {_WEEK} as week, kind, seconds from activity where {only}) as of_week
        where {_LAST_WEEKS}
        group by week
        order by week
        """,
        kind,
        7 * WEEKS,
        0,
    )


def _times(database: Database, kind: str) -> list[Row]:
    return _weekly(
        database,
        f"""
        count(seconds) as conversations,
        {_MEDIAN} as median_seconds,
        percentile_cont(0.9) within group (order by seconds) as slow_seconds
        """,
        kind,
    )
