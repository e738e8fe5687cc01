{%- set links = loaded('conversation_tags') %}
-- A link that was removed stays behind: one holds while it is as new as its conversation.
select
    link.*
from (
    select
        {{ column(links, 'conversation_id') }} as conversation_id,
        {{ column(links, 'tag_id') }} as tag_id,
        {{ column(links, 'name') }} as tag_name,
        {{ column(links, 'applied_at', 'timestamp') }} as applied_at,
        {{ column(links, 'conversation_updated_at', 'timestamp') }} as conversation_updated_at
    from {{ rows(links) }}
) as link
join {{ ref('stg_conversations') }} as conversation
    on conversation.conversation_id = link.conversation_id
    and conversation.updated_at = link.conversation_updated_at
