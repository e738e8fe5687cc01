with weeks as (
    select {{ local_week('created_at') }} as week, count(*) as conversations
    from {{ ref('conversations') }}
    where created_at is not null
    group by 1
),

tagged as (
    select
        {{ local_week('conversation.created_at') }} as week,
        tag.tag_id,
        max(coalesce(named.name, tag.tag_name)) as tag_name,
        count(*) as conversations,
        {{ median('conversation.first_response_seconds') }} as median_first_response_seconds,
        {{ median('conversation.time_to_last_close_seconds') }} as median_time_to_close_seconds,
        cast(avg(conversation.rating) as float8) as average_rating
    from {{ ref('stg_conversation_tags') }} as tag
    join {{ ref('conversations') }} as conversation using (conversation_id)
    left join {{ ref('stg_tags') }} as named on named.tag_id = tag.tag_id
    where conversation.created_at is not null
    group by 1, 2
)

select
    week,
    tag_id,
    tag_name,
    tagged.conversations,
    cast(tagged.conversations as float8) / weeks.conversations as share_of_conversations,
    median_first_response_seconds,
    median_time_to_close_seconds,
    average_rating
from tagged
join weeks using (week)
