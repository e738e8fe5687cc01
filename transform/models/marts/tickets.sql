{#- A ticket without parts has all of them, if the stream ticket_parts is loaded. -#}
{%- set has_all_parts = 'coalesce(parts.has_all_parts, ' ~ ('true' if loaded('ticket_parts').relation else 'false') ~ ')' -%}
with turns as (
    select
        ticket_id,
        created_at,
        state,
        coalesce(lag(state) over (partition by ticket_id order by created_at, length(part_id), part_id), previous_state, '') as state_before
    from {{ ref('stg_ticket_parts') }}
    where state is not null
),

resolutions as (
    select
        ticket_id,
        min(created_at) filter (where state = 'resolved' and state_before <> 'resolved') as first_resolved_at,
        max(created_at) filter (where state = 'resolved' and state_before <> 'resolved') as last_resolved_at,
        count(*) filter (where state <> 'resolved' and state_before = 'resolved') as reopens
    from turns
    group by ticket_id
),

parts as (
    select
        ticket_id,
        count(*) as parts,
        -- The API serves the last 500 parts, and counts all.
        count(*) >= coalesce(max(total_parts), 0) as has_all_parts,
        count(*) filter (where is_message and author_role = 'contact') as contact_replies,
        count(*) filter (where is_message and author_role = 'teammate') as teammate_replies,
        count(*) filter (where part_type = 'note') as notes,
        min(created_at) filter (where assigned_to_id is not null) as first_assigned_at,
        min(created_at) filter (where is_message and author_role = 'teammate') as first_response_at,
        {{ first_of('author_id', "is_message and author_role = 'teammate'") }} as first_response_by_id
    from {{ ref('stg_ticket_parts') }}
    group by ticket_id
),

contacts as (
    select ticket_id, count(*) as contacts, min(contact_id) as contact_id
    from {{ ref('stg_ticket_contacts') }}
    group by ticket_id
),

conversations as (
    select ticket_id, count(*) as conversations, string_agg(conversation_id, ', ' order by conversation_id) as conversation_ids
    from {{ ref('stg_ticket_conversations') }}
    group by ticket_id
),

-- The first of a kind may be among the parts that are missing.
whole as (
    select * from parts where has_all_parts
)

select
    ticket.ticket_id,
    ticket.number,
    ticket.title,
    ticket.category,
    ticket.ticket_type_id,
    ticket.ticket_type,
    ticket.state,
    ticket.state_label,
    ticket.is_open,
    ticket.is_shared,
    ticket.created_at,
    {{ local_day('ticket.created_at') }} as created_on,
    ticket.updated_at,
    ticket.snoozed_until,
    contacts.contact_id,
    coalesce(contacts.contacts, 0) as contacts,
    ticket.admin_assignee_id as teammate_id,
    admin.name as teammate_name,
    ticket.team_assignee_id as team_id,
    team.name as team_name,
    coalesce(conversations.conversations, 0) as conversations,
    conversations.conversation_ids,
    coalesce(parts.parts, 0) as parts,
    {{ has_all_parts }} as has_all_parts,
    coalesce(parts.contact_replies, 0) as contact_replies,
    coalesce(parts.teammate_replies, 0) as teammate_replies,
    coalesce(parts.notes, 0) as notes,
    whole.first_assigned_at,
    {{ seconds('ticket.created_at', 'whole.first_assigned_at') }} as time_to_assignment_seconds,
    whole.first_response_at,
    whole.first_response_by_id,
    {{ seconds('ticket.created_at', 'whole.first_response_at') }} as first_response_seconds,
    {{ office_seconds('ticket.created_at', 'whole.first_response_at') }} as first_response_office_seconds,
    resolutions.first_resolved_at,
    resolutions.last_resolved_at,
    {{ seconds('ticket.created_at', 'resolutions.first_resolved_at') }} as time_to_first_resolution_seconds,
    {{ office_seconds('ticket.created_at', 'resolutions.first_resolved_at') }} as time_to_first_resolution_office_seconds,
    {{ seconds('ticket.created_at', 'resolutions.last_resolved_at') }} as time_to_last_resolution_seconds,
    {{ office_seconds('ticket.created_at', 'resolutions.last_resolved_at') }} as time_to_last_resolution_office_seconds,
    case when {{ has_all_parts }} then coalesce(resolutions.reopens, 0) end as reopens
from {{ ref('stg_tickets') }} as ticket
left join parts on parts.ticket_id = ticket.ticket_id
left join whole on whole.ticket_id = ticket.ticket_id
left join resolutions on resolutions.ticket_id = whole.ticket_id
left join contacts on contacts.ticket_id = ticket.ticket_id
left join conversations on conversations.ticket_id = ticket.ticket_id
left join {{ ref('stg_admins') }} as admin on admin.admin_id = ticket.admin_assignee_id
left join {{ ref('stg_teams') }} as team on team.team_id = ticket.team_assignee_id
