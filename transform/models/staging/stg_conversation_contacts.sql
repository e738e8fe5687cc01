{%- set links = loaded('conversation_contacts') %}
-- A link that was removed stays behind: one holds while it is as new as its conversation.
select
    link.*
from (
    select
        {{ column(links, 'conversation_id') }} as conversation_id,
        {{ column(links, 'contact_id') }} as contact_id,
        {{ column(links, 'external_id') }} as external_id,
        {{ column(links, 'conversation_updated_at', 'timestamp') }} as conversation_updated_at
    from {{ rows(links) }}
) as link
join {{ ref('stg_conversations') }} as conversation
    on conversation.conversation_id = link.conversation_id
    and conversation.updated_at = link.conversation_updated_at
