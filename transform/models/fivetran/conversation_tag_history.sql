select
    conversation_id,
    conversation_updated_at,
    tag_id,
    {{ fivetran_active('conversation_updated_at', 'conversation_updated_at') }}
from {{ ref('stg_conversation_tags') }}
