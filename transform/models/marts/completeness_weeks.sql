{%- set conversations = loaded('conversations', required=true) %}

-- Read from the tap's own table: what was deleted after it was counted belongs to the count.
with loaded as (
    select
        {{ column(conversations, 'id') }} as conversation_id,
        {{ column(conversations, 'created_at', 'timestamp') }} as created_at
    from {{ rows(conversations) }}
    where {{ is_alive(conversations) }}
),

compared as (
    select
        counts.week,
        counts.counted_at,
        counts.conversations as counted,
        counts.recently_changed,
        count(loaded.conversation_id) filter (
            where loaded.created_at >= counts.starts_at
                and loaded.created_at < counts.ends_at
                and (deleted.deleted_at is null or deleted.deleted_at > counts.counted_at)
        ) as loaded
    from {{ ref('stg_conversation_counts') }} as counts
    left join loaded on cast(date_trunc('week', loaded.created_at) as date) = counts.week
    left join {{ ref('stg_deleted_conversations') }} as deleted on deleted.conversation_id = loaded.conversation_id
    where counts.conversations is not null
    group by counts.week, counts.counted_at, counts.conversations, counts.recently_changed
)

select
    week,
    counted,
    recently_changed,
    loaded,
    counted - loaded as difference,
    case
        when loaded = counted then 'complete'
        when loaded > counted then 'more than counted'
        when counted - loaded <= recently_changed then 'complete but for recent changes'
        else 'incomplete'
    end as verdict,
    counted_at
from compared
