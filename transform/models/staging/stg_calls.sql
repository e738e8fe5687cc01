{%- set calls = loaded('calls') %}
select
    {{ column(calls, 'id') }} as call_id,
    {{ column(calls, 'conversation_id') }} as conversation_id,
    {{ column(calls, 'initiated_at', 'timestamp') }} as initiated_at,
    {{ column(calls, 'answered_at', 'timestamp') }} as answered_at,
    {{ column(calls, 'ended_at', 'timestamp') }} as ended_at
from {{ rows(calls) }}
where {{ is_alive(calls) }}
