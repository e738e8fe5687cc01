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
        -- Distinct, as a target may be set to append: a row twice must not stand for one that lacks.
        count(distinct loaded.conversation_id) filter (
            where deleted.deleted_at is null or deleted.deleted_at >= counts.counted_at
        ) as loaded,
        count(distinct loaded.conversation_id) filter (
            where deleted.deleted_at < counts.counted_at
                and deleted.deleted_at >= counts.counted_at - interval '1 hour'
        ) as recently_deleted
    from {{ ref('stg_conversation_counts') }} as counts
    left join loaded
        on cast(date_trunc('week', loaded.created_at) as date) = counts.week
        and loaded.created_at >= counts.starts_at
        and loaded.created_at < counts.ends_at
    left join {{ ref('stg_deleted_conversations') }} as deleted on deleted.conversation_id = loaded.conversation_id
    where counts.conversations is not null
    group by counts.week, counts.counted_at, counts.conversations, counts.recently_changed
)

select
    week,
    counted,
    recently_changed,
    recently_deleted,
    loaded,
    counted - loaded as difference,
    case
        when loaded = counted then 'complete'
        when loaded > counted then 'more than counted'
        -- The search's index lags: what was deleted just before may have been counted all the same.
        when counted - loaded <= recently_changed + recently_deleted then 'complete but for recent changes'
        else 'incomplete'
    end as verdict,
    counted_at
from compared
