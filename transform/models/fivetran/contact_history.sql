-- Without the stream contacts only their ids are known, from the conversations.
select
    contact_id as id,
    contact.owner_id as admin_id,
    contact.role,
    contact.name,
    contact.email,
    contact.created_at,
    contact.updated_at,
    contact.signed_up_at,
    contact.last_contacted_at,
    contact.last_replied_at,
    contact.last_email_opened_at,
    contact.last_email_clicked_at,
    contact.unsubscribed_from_emails,
    {{ fivetran_active('contact.updated_at', 'contact.loaded_at') }}
from {{ ref('contacts') }}
left join {{ ref('stg_contacts') }} as contact using (contact_id)
