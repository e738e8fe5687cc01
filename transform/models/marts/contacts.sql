with history as (
    select link.contact_id, {{ support_history() }}
    from {{ ref('stg_conversation_contacts') }} as link
    join {{ ref('conversations') }} as conversation using (conversation_id)
    group by link.contact_id
),

links as (
    select contact_id, max(external_id) as external_id
    from {{ ref('stg_conversation_contacts') }}
    group by contact_id
)

select
    contact_id,
    contact.contact_id is not null as is_loaded,
    coalesce(contact.external_id, links.external_id) as external_id,
    contact.role,
    contact.name,
    contact.email,
    contact.created_at,
    contact.last_seen_at,
    {{ support_columns('history') }}
from {{ ref('stg_contacts') }} as contact
full join history using (contact_id)
left join links using (contact_id)
