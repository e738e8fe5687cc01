{{ config(materialized='view') }}

-- A view: the texts are in the staging tables once, and a condition on conversation_id reaches them.
with texts as (
    select
        conversation_id,
        cast(null as text) as part_id,
        created_at as sent_at,
        'opening' as part_type,
        opening_author_role as author_role,
        opening_author_id as author_id,
        opening_author_name as author_name,
        false as is_internal,
        coalesce(opening_redacted, false) as is_redacted,
        opening_body as body,
        0 as step,
        0 as length
    from {{ ref('stg_conversations') }}

    union all

    select
        conversation_id,
        part_id,
        created_at,
        part_type,
        author_role,
        author_id,
        author_name,
        not is_message,
        is_redacted,
        body,
        1,
        length(part_id)
    from {{ ref('stg_conversation_parts') }}
    where is_message or body is not null or part_type in ('note', 'note_and_reopen')
)

select
    conversation_id,
    cast(row_number() over (partition by conversation_id order by step, sent_at, length, part_id) as int) as position,
    part_id,
    sent_at,
    part_type,
    author_role,
    author_id,
    author_name,
    is_internal,
    is_redacted,
    body,
    trim({{ plain_text('body') }}) as plain_body
from texts
