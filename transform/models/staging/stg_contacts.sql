{%- set contacts = loaded('contacts') %}
select
    {{ column(contacts, 'id') }} as contact_id,
    {{ column(contacts, 'external_id') }} as external_id,
    {{ column(contacts, 'role') }} as role,
    {{ column(contacts, 'name') }} as name,
    {{ column(contacts, 'email') }} as email,
    {{ column(contacts, 'owner_id') }} as owner_id,
    {{ column(contacts, 'unsubscribed_from_emails', 'boolean') }} as unsubscribed_from_emails,
    {{ column(contacts, 'created_at', 'timestamp') }} as created_at,
    {{ column(contacts, 'updated_at', 'timestamp') }} as updated_at,
    {{ column(contacts, 'signed_up_at', 'timestamp') }} as signed_up_at,
    {{ column(contacts, 'last_seen_at', 'timestamp') }} as last_seen_at,
    {{ column(contacts, 'last_replied_at', 'timestamp') }} as last_replied_at,
    {{ column(contacts, 'last_contacted_at', 'timestamp') }} as last_contacted_at,
    {{ column(contacts, 'last_email_opened_at', 'timestamp') }} as last_email_opened_at,
    {{ column(contacts, 'last_email_clicked_at', 'timestamp') }} as last_email_clicked_at,
    {{ loaded_at(contacts) }} as loaded_at
from {{ rows(contacts) }}
where {{ is_alive(contacts) }}
