{%- set teams = loaded('teams') %}
select
    {{ column(teams, 'id') }} as team_id,
    {{ each_of(teams, 'admin_ids') }} as admin_id,
    {{ fivetran_kept(loaded_at(teams)) }}
from {{ rows(teams) }}
where {{ is_alive(teams) }}
