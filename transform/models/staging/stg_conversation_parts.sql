-- depends_on: {{ ref('stg_deleted_conversations') }}
{{ config(
    materialized='incremental',
    unique_key=['conversation_id', 'part_id'],
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    indexes=index_on(['conversation_id', 'part_id']),
    post_hook=["{{ delete_what_was_deleted() }}", "{{ delete_what_is_gone('conversation_parts', {'conversation_id': 'conversation_id', 'part_id': 'id'}) }}"],
) }}
{%- set parts = loaded('conversation_parts') %}

with parts as (
    select
        {{ column(parts, 'conversation_id') }} as conversation_id,
        {{ column(parts, 'id') }} as part_id,
        {{ column(parts, 'part_type') }} as part_type,
        {{ column(parts, 'created_at', 'timestamp') }} as created_at,
        {{ column(parts, 'updated_at', 'timestamp') }} as updated_at,
        {{ column(parts, 'conversation_updated_at', 'timestamp') }} as conversation_updated_at,
        {{ inside(parts, 'author.type') }} as author_type,
        {{ inside(parts, 'author.id') }} as author_id,
        {{ inside(parts, 'author.name') }} as author_name,
        coalesce({{ inside(parts, 'author.from_ai_agent', 'boolean') }}, false) as is_ai,
        {{ inside(parts, 'assigned_to.type') }} as assigned_to_type,
        {{ inside(parts, 'assigned_to.id') }} as assigned_to_id,
        {{ column(parts, 'body') }} as body,
        coalesce({{ column(parts, 'redacted', 'boolean') }}, false) as is_redacted,
        {{ column(parts, 'conversation_total_parts', 'int') }} as conversation_total_parts,
        {{ loaded_at(parts) }} as loaded_at
    from {{ rows(parts) }}
    where {{ is_alive(parts) }} and {{ is_new(parts, {'conversation_id': 'conversation_id', 'part_id': 'id'}) }}
)

select
    *,
    {{ author_role('author_type', 'is_ai') }} as author_role,
    -- "Send and close" and a reply that opens a conversation again are one part with a text. What
    -- a comment says may have been dropped for privacy; it is a message all the same.
    part_type in ('comment', 'quick_reply') or (part_type in ('close', 'open') and body is not null)
        as is_message
from parts
