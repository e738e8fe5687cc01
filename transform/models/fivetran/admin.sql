select admin_id as id, name, email, job_title, {{ fivetran_kept('loaded_at') }}
from {{ ref('stg_admins') }}
