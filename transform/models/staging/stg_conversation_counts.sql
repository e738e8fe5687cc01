{%- set counts = loaded('conversation_counts') %}
select
    {{ column(counts, 'week', 'date') }} as week,
    {{ column(counts, 'starts_at', 'timestamp') }} as starts_at,
    {{ column(counts, 'ends_at', 'timestamp') }} as ends_at,
    {{ column(counts, 'conversations', 'bigint') }} as conversations,
    coalesce({{ column(counts, 'recently_changed', 'bigint') }}, 0) as recently_changed,
    {{ column(counts, 'counted_at', 'timestamp') }} as counted_at
from {{ rows(counts) }}
where {{ is_alive(counts) }}
