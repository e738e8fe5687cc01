-- depends_on: {{ ref('stg_deleted_conversations') }}
{{ config(
    materialized='incremental',
    unique_key='conversation_id',
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    indexes=index_on(['conversation_id']),
    post_hook=["{{ delete_what_was_deleted() }}", "{{ delete_what_is_gone('conversations', {'conversation_id': 'id'}) }}"],
) }}
{%- set conversations = loaded('conversations', required=true) %}

select
    {{ column(conversations, 'id') }} as conversation_id,
    {{ column(conversations, 'title') }} as title,
    {{ column(conversations, 'created_at', 'timestamp') }} as created_at,
    {{ column(conversations, 'updated_at', 'timestamp') }} as updated_at,
    {{ column(conversations, 'waiting_since', 'timestamp') }} as waiting_since,
    {{ column(conversations, 'snoozed_until', 'timestamp') }} as snoozed_until,
    -- Old versions of the API have no state.
    coalesce(
        {{ column(conversations, 'state') }},
        case when {{ column(conversations, 'open', 'boolean') }} then 'open' else 'closed' end
    ) as state,
    {{ column(conversations, 'read', 'boolean') }} as is_read,
    {{ column(conversations, 'priority') }} as priority,
    {{ column(conversations, 'admin_assignee_id') }} as admin_assignee_id,
    {{ column(conversations, 'team_assignee_id') }} as team_assignee_id,
    {{ inside(conversations, 'company.id') }} as company_id,
    {{ inside(conversations, 'company.name') }} as company_name,
    coalesce(
        {{ inside(conversations, 'channel.initial') }},
        -- Versions before 2.16 have only the source's type, in which the Messenger has another name.
        replace({{ inside(conversations, 'source.type') }}, 'conversation', 'messenger')
    ) as channel,
    {{ inside(conversations, 'source.type') }} as source_type,
    {{ inside(conversations, 'source.delivered_as') }} as delivered_as,
    {{ inside(conversations, 'source.subject') }} as subject,
    {{ inside(conversations, 'source.body') }} as opening_body,
    {{ inside(conversations, 'source.redacted', 'boolean') }} as opening_redacted,
    {{ inside(conversations, 'source.author.type') }} as opening_author_type,
    {{ inside(conversations, 'source.author.id') }} as opening_author_id,
    {{ inside(conversations, 'source.author.name') }} as opening_author_name,
    {{ author_role(inside(conversations, 'source.author.type')) }} as opening_author_role,
    {{ inside(conversations, 'first_contact_reply.created_at', 'timestamp') }} as first_contact_reply_at,
    {{ inside(conversations, 'first_contact_reply.type') }} as first_contact_reply_type,
    {{ inside(conversations, 'conversation_rating.rating', 'int') }} as rating,
    {{ inside(conversations, 'conversation_rating.remark') }} as rating_remark,
    {{ inside(conversations, 'conversation_rating.created_at', 'timestamp') }} as rated_at,
    case when {{ inside(conversations, 'conversation_rating.teammate.type') }} = 'admin'
        then {{ inside(conversations, 'conversation_rating.teammate.id') }} end as rated_teammate_id,
    {{ inside(conversations, 'sla_applied.sla_name') }} as sla_name,
    {{ inside(conversations, 'sla_applied.sla_status') }} as sla_status,
    coalesce({{ column(conversations, 'ai_agent_participated', 'boolean') }}, false) as fin_participated,
    {{ inside(conversations, 'ai_agent.resolution_state') }} as fin_resolution_state,
    {{ inside(conversations, 'ai_agent.rating', 'int') }} as fin_rating,
    {{ inside(conversations, 'statistics.first_assignment_at', 'timestamp') }} as counted_first_assignment_at,
    {{ inside(conversations, 'statistics.first_admin_reply_at', 'timestamp') }} as counted_first_admin_reply_at,
    {{ inside(conversations, 'statistics.first_close_at', 'timestamp') }} as counted_first_close_at,
    {{ inside(conversations, 'statistics.last_close_at', 'timestamp') }} as counted_last_close_at,
    {{ inside(conversations, 'statistics.last_closed_by_id') }} as counted_last_closed_by_id,
    {{ inside(conversations, 'statistics.count_reopens', 'int') }} as counted_reopens,
    {{ inside(conversations, 'statistics.count_assignments', 'int') }} as counted_assignments,
    {{ inside(conversations, 'statistics.count_conversation_parts', 'int') }} as counted_parts,
    {{ inside(conversations, 'statistics.handling_time', 'bigint') }} as handling_seconds,
    {{ loaded_at(conversations) }} as loaded_at
from {{ rows(conversations) }}
where {{ is_alive(conversations) }} and {{ is_new(conversations, {'conversation_id': 'id'}) }}
