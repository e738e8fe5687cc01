{%- set parts = loaded('ticket_parts') %}
select
    {{ column(parts, 'ticket_id') }} as ticket_id,
    {{ column(parts, 'id') }} as part_id,
    {{ column(parts, 'part_type') }} as part_type,
    {{ column(parts, 'created_at', 'timestamp') }} as created_at,
    {{ author_role(inside(parts, 'author.type')) }} as author_role,
    {{ inside(parts, 'author.id') }} as author_id,
    {{ column(parts, 'previous_ticket_state') }} as previous_state,
    {{ column(parts, 'ticket_state') }} as state,
    -- Version 2.17 has two ids in place of the object; 0 takes the ticket away.
    coalesce(
        {{ inside(parts, 'assigned_to.id') }},
        nullif({{ column(parts, 'admin_assignee_id') }}, '0'),
        nullif({{ column(parts, 'team_assignee_id') }}, '0')
    ) as assigned_to_id,
    coalesce({{ column(parts, 'part_type') }} in ('comment', 'quick_reply'), false) as is_message,
    {{ column(parts, 'ticket_total_parts', 'int') }} as total_parts
from {{ rows(parts) }}
where {{ is_alive(parts) }}
