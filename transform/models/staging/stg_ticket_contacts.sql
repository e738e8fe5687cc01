{%- set tickets = loaded('tickets') %}
select distinct ticket_id, (contact ->> 'id') as contact_id
from (
    select {{ column(tickets, 'id') }} as ticket_id, {{ objects_in(tickets, 'contacts.contacts') }} as contact
    from {{ rows(tickets) }}
    where {{ is_alive(tickets) }}
) as listed
where (contact ->> 'id') is not null
