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
),

tickets as (
    select contact_id, count(*) as tickets, count(*) filter (where ticket.is_open) as open_tickets
    from {{ ref('stg_ticket_contacts') }}
    join {{ ref('stg_tickets') }} as ticket using (ticket_id)
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
    coalesce(tickets.tickets, 0) as tickets,
    coalesce(tickets.open_tickets, 0) as open_tickets,
    {{ support_columns('history') }}
from {{ ref('stg_contacts') }} as contact
full join history using (contact_id)
full join tickets using (contact_id)
left join links using (contact_id)
