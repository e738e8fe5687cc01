{%- set teams = loaded('teams') %}
select
    {{ column(teams, 'id') }} as team_id,
    {{ column(teams, 'name') }} as name,
    {{ loaded_at(teams) }} as loaded_at
from {{ rows(teams) }}
where {{ is_alive(teams) }}
