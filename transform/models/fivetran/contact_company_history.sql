{%- set links = loaded('contact_companies') %}
select
    {{ column(links, 'contact_id') }} as contact_id,
    {{ column(links, 'company_id') }} as company_id,
    {{ column(links, 'contact_updated_at', 'timestamp') }} as contact_updated_at,
    {{ fivetran_active(column(links, 'contact_updated_at', 'timestamp'), loaded_at(links)) }}
from {{ rows(links) }}
where {{ is_alive(links) }}
