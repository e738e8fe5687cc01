with history as (
    select conversation.company_id, max(conversation.company_name) as company_name, {{ support_history() }}
    from {{ ref('conversations') }} as conversation
    where conversation.company_id is not null
    group by conversation.company_id
)

select
    company_id,
    company.company_id is not null as is_loaded,
    coalesce(company.name, history.company_name) as name,
    company.industry,
    company.plan_name,
    company.monthly_spend,
    company.user_count,
    company.created_at,
    {{ support_columns('history') }}
from {{ ref('stg_companies') }} as company
full join history using (company_id)
