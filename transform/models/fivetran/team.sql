select team_id as id, name, {{ fivetran_kept('loaded_at') }}
from {{ ref('stg_teams') }}
