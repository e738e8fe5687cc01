{%- set tags = loaded('tags') %}
select
    {{ column(tags, 'id') }} as tag_id,
    {{ column(tags, 'name') }} as name,
    {{ loaded_at(tags) }} as loaded_at
from {{ rows(tags) }}
where {{ is_alive(tags) }}
