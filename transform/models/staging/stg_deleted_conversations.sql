{%- set deleted = loaded('deleted_conversations') %}
select
    {{ column(deleted, 'id') }} as conversation_id,
    {{ column(deleted, 'deleted_at', 'timestamp') }} as deleted_at
from {{ rows(deleted) }}
