{%- set companies = loaded('companies') %}
select
    {{ column(companies, 'id') }} as company_id,
    {{ column(companies, 'name') }} as name,
    {{ column(companies, 'industry') }} as industry,
    {{ column(companies, 'website') }} as website,
    {{ inside(companies, 'plan.id') }} as plan_id,
    {{ inside(companies, 'plan.name') }} as plan_name,
    {{ column(companies, 'size', 'bigint') }} as size,
    {{ column(companies, 'monthly_spend', 'float8') }} as monthly_spend,
    {{ column(companies, 'session_count', 'bigint') }} as session_count,
    {{ column(companies, 'user_count', 'bigint') }} as user_count,
    {{ column(companies, 'created_at', 'timestamp') }} as created_at,
    {{ column(companies, 'updated_at', 'timestamp') }} as updated_at,
    {{ loaded_at(companies) }} as loaded_at
from {{ rows(companies) }}
where {{ is_alive(companies) }}
