{#- The days of each teammate or team: what was done on a day, and what was open at its end. -#}
{% macro days_of(assignee, names) %}
{%- set id = assignee ~ '_id' %}
with counted as (
    select
        day,
        {{ id }},
        {%- if assignee == 'team' %}
        count(*) filter (where kind = 'created') as created,
        {%- endif %}
        count(*) filter (where kind = 'reply') as replies,
        count(distinct conversation_id) filter (where kind = 'reply') as conversations_replied_to,
        count(*) filter (where kind = 'first response') as first_responses,
        {{ median('seconds', "kind = 'first response'") }} as median_first_response_seconds,
        {{ median('office_seconds', "kind = 'first response'") }} as median_first_response_office_seconds,
        count(*) filter (where kind = 'closed') as closed,
        {{ median('seconds', "kind = 'closed'") }} as median_time_to_close_seconds,
        {{ median('office_seconds', "kind = 'closed'") }} as median_time_to_close_office_seconds,
        count(*) filter (where kind = 'rated') as ratings,
        cast(avg(rating) as float8) as average_rating
    from {{ ref('activity') }}
    where {{ id }} is not null {%- if assignee == 'teammate' %} and kind <> 'created'{% endif %}
    group by day, {{ id }}
),

backlog as (
    select day, assignee_id as {{ id }}, open_at_end
    from {{ ref('assigned_backlog') }}
    where assignee_type = '{{ assignee }}'
)

select
    day,
    coalesce(counted.{{ id }}, backlog.{{ id }}) as {{ id }},
    name.name as {{ assignee }}_name,
    {%- if assignee == 'team' %}
    coalesce(counted.created, 0) as created,
    {%- endif %}
    {%- for count in ('replies', 'conversations_replied_to', 'first_responses', 'closed', 'ratings') %}
    coalesce(counted.{{ count }}, 0) as {{ count }},
    {%- endfor %}
    counted.median_first_response_seconds,
    counted.median_first_response_office_seconds,
    counted.median_time_to_close_seconds,
    counted.median_time_to_close_office_seconds,
    counted.average_rating,
    coalesce(backlog.open_at_end, 0) as open_at_end
from counted
full join backlog using (day, {{ id }})
left join {{ names }} as name
    on name.{{ 'admin_id' if assignee == 'teammate' else id }} = coalesce(counted.{{ id }}, backlog.{{ id }})
{% endmacro %}

{#- A median of what fulfils a condition; null where nothing does. -#}
{% macro median(value, condition='true') %}
    cast(percentile_cont(0.5) within group (order by {{ value }}) filter (where {{ condition }}) as float8)
{%- endmacro %}
