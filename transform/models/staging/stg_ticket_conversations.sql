{%- set tickets = loaded('tickets') %}
-- Only links that hold: the conversation may be deleted, or of a kind that the token may not read.
select distinct ticket_id, conversation_id
from (
    select {{ column(tickets, 'id') }} as ticket_id, {{ objects_in(tickets, 'linked_objects.data') }} as linked
    from {{ rows(tickets) }}
    where {{ is_alive(tickets) }}
) as listed
join {{ ref('stg_conversations') }} as conversation on conversation.conversation_id = (linked ->> 'id')
where (linked ->> 'type') = 'conversation'
