select
    part_id as id,
    conversation_id,
    conversation_updated_at,
    part_type,
    body,
    author_id,
    author_type,
    assigned_to_id,
    assigned_to_type,
    created_at,
    updated_at,
    {{ fivetran_active('conversation_updated_at', 'loaded_at') }}
from {{ ref('stg_conversation_parts') }}
