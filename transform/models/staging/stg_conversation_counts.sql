{%- set counts = loaded('conversation_counts') %}
select
    {{ column(counts, 'week', 'date') }} as week,
    -- Less than a week is counted in the first of `start_date` and in the last.
    coalesce({{ column(counts, 'starts_at', 'timestamp') }}, {{ column(counts, 'week', 'timestamp') }}) as starts_at,
    coalesce({{ column(counts, 'ends_at', 'timestamp') }}, {{ column(counts, 'week', 'timestamp') }} + interval '7 days') as ends_at,
    {{ column(counts, 'conversations', 'bigint') }} as conversations,
    coalesce({{ column(counts, 'recently_changed', 'bigint') }}, 0) as recently_changed,
    {{ column(counts, 'counted_at', 'timestamp') }} as counted_at
from {{ rows(counts) }}
where {{ is_alive(counts) }}
