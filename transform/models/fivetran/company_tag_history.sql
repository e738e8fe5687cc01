{%- set companies = loaded('companies') %}
select company_id, (tag ->> 'id') as tag_id, company_updated_at, {{ fivetran_active('company_updated_at', 'loaded_at') }}
from (
    select
        {{ column(companies, 'id') }} as company_id,
        {{ objects_in(companies, 'tags.tags') }} as tag,
        {{ column(companies, 'updated_at', 'timestamp') }} as company_updated_at,
        {{ loaded_at(companies) }} as loaded_at
    from {{ rows(companies) }}
    where {{ is_alive(companies) }}
) as listed
