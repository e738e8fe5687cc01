{%- set tickets = loaded('tickets') %}
select
    {{ column(tickets, 'id') }} as ticket_id,
    {{ column(tickets, 'ticket_id') }} as number,
    {{ inside(tickets, 'ticket_attributes._default_title_') }} as title,
    {{ column(tickets, 'category') }} as category,
    {{ inside(tickets, 'ticket_type.id') }} as ticket_type_id,
    {{ inside(tickets, 'ticket_type.name') }} as ticket_type,
    {{ inside(tickets, 'ticket_state.category') }} as state,
    {{ inside(tickets, 'ticket_state.internal_label') }} as state_label,
    coalesce({{ column(tickets, 'open', 'boolean') }}, false) as is_open,
    {{ column(tickets, 'is_shared', 'boolean') }} as is_shared,
    {{ column(tickets, 'admin_assignee_id') }} as admin_assignee_id,
    {{ column(tickets, 'team_assignee_id') }} as team_assignee_id,
    {{ column(tickets, 'created_at', 'timestamp') }} as created_at,
    {{ column(tickets, 'updated_at', 'timestamp') }} as updated_at,
    {{ column(tickets, 'snoozed_until', 'timestamp') }} as snoozed_until
from {{ rows(tickets) }}
where {{ is_alive(tickets) }}
