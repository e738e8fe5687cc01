{{ config(indexes=index_on(['conversation_id'])) }}

with first_words as (
    select
        conversation.conversation_id,
        conversation.rated_teammate_id,
        case
            when conversation.opening_author_role = 'contact' then conversation.created_at
            else min(part.created_at)
        end as asked_at
    from {{ ref('stg_conversations') }} as conversation
    left join {{ ref('stg_conversation_parts') }} as part
        on part.conversation_id = conversation.conversation_id
        and part.author_role = 'contact'
        and part.is_message
    group by conversation.conversation_id, conversation.rated_teammate_id, conversation.opening_author_role, conversation.created_at
),

parts as (
    select
        part.conversation_id,
        count(*) as parts,
        max(part.conversation_total_parts) as total_parts,
        count(*) filter (where part.is_message and part.author_role = 'contact') as contact_replies,
        count(*) filter (where part.is_message and part.author_role = 'teammate') as teammate_replies,
        count(*) filter (where part.is_message and part.author_role = 'bot') as bot_replies,
        count(*) filter (where part.part_type in ('note', 'note_and_reopen')) as notes,
        coalesce(bool_or(part.author_role = 'teammate' and part.author_id = first_words.rated_teammate_id), false) as has_rated_teammate,
        count(*) filter (where part.assigned_to_id is not null) as assignments,
        min(part.created_at) filter (where part.assigned_to_id is not null) as first_assigned_at,
        min(part.created_at) filter (
            where part.is_message and part.author_role = 'teammate' and part.created_at >= first_words.asked_at
        ) as first_response_at,
        {{ first_of('part.author_id', "part.is_message and part.author_role = 'teammate' and part.created_at >= first_words.asked_at", 'part.') }} as first_response_by_id,
        min(part.created_at) filter (
            where part.is_message and part.author_role = 'bot' and part.created_at >= first_words.asked_at
        ) as first_bot_reply_at,
        {{ first_of('part.author_id', "part.part_type = 'close'", 'part.', last=true) }} as last_closed_by_id
    from {{ ref('stg_conversation_parts') }} as part
    join first_words on first_words.conversation_id = part.conversation_id
    group by part.conversation_id
),

periods as (
    select
        conversation_id,
        min(closed_at) as first_closed_at,
        max(closed_at) as last_closed_at,
        count(*) - 1 as reopens
    from {{ ref('open_periods') }}
    group by conversation_id
),

tags as (
    select
        conversation_id,
        count(*) as tags,
        string_agg(coalesce(tag_name, tag_id), ', ' order by coalesce(tag_name, tag_id)) as tag_names
    from {{ ref('stg_conversation_tags') }}
    group by conversation_id
),

contacts as (
    select conversation_id, count(*) as contacts, min(contact_id) as contact_id
    from {{ ref('stg_conversation_contacts') }}
    group by conversation_id
),

calls as (
    select conversation_id, count(*) as calls, count(*) filter (where answered_at is null) as missed_calls
    from {{ ref('stg_calls') }}
    group by conversation_id
),

judged as (
    select
        conversation_id,
        coalesce(parts.parts, 0) as parts,
        -- The API serves the last 500 parts, and may count no further.
        coalesce(parts.parts, 0) >= coalesce(parts.total_parts, 0)
            and not (coalesce(parts.parts, 0) = 0 and coalesce(conversation.counted_parts, 0) > 0)
            and not (coalesce(parts.parts, 0) >= 500 and coalesce(conversation.counted_parts, 0) > parts.parts)
            as has_all_parts
    from {{ ref('stg_conversations') }} as conversation
    left join parts using (conversation_id)
),

figures as (
    select
        conversation.conversation_id,
        first_words.asked_at,
        case
            when judged.has_all_parts then parts.first_response_at
            when conversation.counted_first_admin_reply_at >= first_words.asked_at then conversation.counted_first_admin_reply_at
        end as first_response_at,
        case when judged.has_all_parts then parts.first_response_by_id end as first_response_by_id,
        case when judged.has_all_parts then parts.first_bot_reply_at end as first_bot_reply_at,
        case when judged.has_all_parts then periods.first_closed_at else conversation.counted_first_close_at end as first_closed_at,
        case when judged.has_all_parts then periods.last_closed_at else conversation.counted_last_close_at end as last_closed_at,
        case when judged.has_all_parts then parts.last_closed_by_id else conversation.counted_last_closed_by_id end as last_closed_by_id,
        case when judged.has_all_parts then periods.reopens else coalesce(conversation.counted_reopens, 0) end as reopens,
        case when judged.has_all_parts then coalesce(parts.assignments, 0) else coalesce(conversation.counted_assignments, 0) end as assignments,
        case when judged.has_all_parts then parts.first_assigned_at else conversation.counted_first_assignment_at end as first_assigned_at
    from {{ ref('stg_conversations') }} as conversation
    join judged using (conversation_id)
    join first_words using (conversation_id)
    join periods using (conversation_id)
    left join parts using (conversation_id)
)

select
    conversation.conversation_id,
    conversation.title,
    conversation.subject,
    conversation.state,
    conversation.priority,
    conversation.channel,
    case conversation.opening_author_role
        when 'contact' then 'contact'
        when 'teammate' then case when conversation.delivered_as = 'admin_initiated' then 'teammate' else 'automation' end
        else 'automation'
    end as started_by,
    conversation.created_at,
    {{ local_day('conversation.created_at') }} as created_on,
    conversation.updated_at,
    conversation.waiting_since,
    conversation.snoozed_until,
    case when conversation.opening_author_role = 'contact' then conversation.opening_author_id else contacts.contact_id end as contact_id,
    coalesce(contacts.contacts, 0) as contacts,
    conversation.company_id,
    conversation.company_name,
    conversation.admin_assignee_id as teammate_id,
    admin.name as teammate_name,
    conversation.team_assignee_id as team_id,
    team.name as team_name,
    coalesce(tags.tags, 0) as tags,
    tags.tag_names,
    judged.parts,
    judged.has_all_parts,
    coalesce(parts.contact_replies, 0) as contact_replies,
    coalesce(parts.teammate_replies, 0) as teammate_replies,
    coalesce(parts.bot_replies, 0) as bot_replies,
    coalesce(parts.notes, 0) as notes,
    coalesce(calls.calls, 0) as calls,
    coalesce(calls.missed_calls, 0) as missed_calls,
    figures.assignments,
    figures.first_assigned_at,
    figures.asked_at,
    {{ local_day('figures.asked_at') }} as asked_on,
    cast(extract(isodow from {{ local('figures.asked_at') }}) as int) as asked_weekday,
    cast(extract(hour from {{ local('figures.asked_at') }}) as int) as asked_hour,
    figures.first_response_at,
    figures.first_response_by_id,
    {{ seconds('figures.asked_at', 'figures.first_response_at') }} as first_response_seconds,
    {{ office_seconds('figures.asked_at', 'figures.first_response_at') }} as first_response_office_seconds,
    figures.first_bot_reply_at,
    figures.first_closed_at,
    figures.last_closed_at,
    figures.last_closed_by_id,
    {{ seconds('conversation.created_at', 'figures.first_closed_at') }} as time_to_first_close_seconds,
    {{ seconds('conversation.created_at', 'figures.last_closed_at') }} as time_to_last_close_seconds,
    {{ office_seconds('conversation.created_at', 'figures.first_closed_at') }} as time_to_first_close_office_seconds,
    {{ office_seconds('conversation.created_at', 'figures.last_closed_at') }} as time_to_last_close_office_seconds,
    figures.reopens,
    conversation.handling_seconds,
    conversation.rating,
    conversation.rating_remark,
    conversation.rated_at,
    -- Where a workflow asked for it, versions before 2.17 name a teammate that does not exist.
    case
        when rated.admin_id is not null or parts.has_rated_teammate then conversation.rated_teammate_id
    end as rated_teammate_id,
    conversation.sla_name,
    conversation.sla_status,
    conversation.fin_participated,
    conversation.fin_resolution_state,
    case
        when not conversation.fin_participated then null
        when conversation.fin_resolution_state in ('assumed_resolution', 'confirmed_resolution') then 'resolved'
        when conversation.fin_resolution_state in ('escalated', 'procedure_handoff', 'routed_to_team', 'negative_feedback') then 'handed over'
        else 'neither'
    end as fin_outcome,
    conversation.fin_rating
from {{ ref('stg_conversations') }} as conversation
join figures using (conversation_id)
join judged using (conversation_id)
left join parts using (conversation_id)
left join tags using (conversation_id)
left join contacts using (conversation_id)
left join calls using (conversation_id)
left join {{ ref('stg_admins') }} as admin on admin.admin_id = conversation.admin_assignee_id
left join {{ ref('stg_admins') }} as rated on rated.admin_id = conversation.rated_teammate_id
left join {{ ref('stg_teams') }} as team on team.team_id = conversation.team_assignee_id
