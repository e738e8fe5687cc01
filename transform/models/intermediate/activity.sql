-- What happened on which day to or by whom: one row for each that the days of teammates and teams count.
with conversations as (
    select * from {{ ref('conversations') }}
)

select
    'created' as kind, {{ local_day('created_at') }} as day, teammate_id, team_id, conversation_id,
    cast(null as bigint) as seconds, cast(null as bigint) as office_seconds, cast(null as int) as rating
from conversations

union all

select
    'first response', {{ local_day('first_response_at') }}, first_response_by_id, team_id, conversation_id,
    first_response_seconds, first_response_office_seconds, null
from conversations
where first_response_at is not null

union all

select
    'closed', {{ local_day('last_closed_at') }}, last_closed_by_id, team_id, conversation_id,
    time_to_last_close_seconds, time_to_last_close_office_seconds, null
from conversations
where state = 'closed' and last_closed_at is not null

union all

select
    'rated', {{ local_day('rated_at') }}, rated_teammate_id, team_id, conversation_id, null, null, rating
from conversations
where rating is not null and rated_at is not null

union all

select
    'reply', {{ local_day('part.created_at') }}, part.author_id, conversation.team_id, part.conversation_id, null, null, null
from {{ ref('stg_conversation_parts') }} as part
join conversations as conversation using (conversation_id)
where part.is_message and part.author_role = 'teammate'
