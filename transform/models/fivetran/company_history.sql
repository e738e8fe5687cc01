select
    company_id as id,
    name,
    industry,
    website,
    plan_id,
    plan_name,
    monthly_spend,
    session_count,
    user_count,
    created_at,
    updated_at,
    {{ fivetran_active('updated_at', 'loaded_at') }}
from {{ ref('stg_companies') }}
