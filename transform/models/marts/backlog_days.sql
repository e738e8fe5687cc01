{%- set bands = [('up to 1 day', 0, 2), ('2 to 7 days', 2, 8), ('8 to 30 days', 8, 31), ('over 30 days', 31, none)] %}

with periods as (
    select
        {{ local_day('conversation.created_at') }} as born,
        {{ local_day('period.opened_at') }} as first_day,
        {{ local_day('period.closed_at') }} as after_day
    from {{ ref('open_periods') }} as period
    join {{ ref('stg_conversations') }} as conversation using (conversation_id)
    where conversation.created_at is not null
),

-- From which day to which day an open conversation is of which age.
ages as (
    {%- for name, since, until in bands %}
    select
        '{{ name }}' as age,
        {{ loop.index }} as age_order,
        greatest(first_day, born + {{ since }}) as first_day,
        {% if until %}least(coalesce(after_day, born + {{ until }}), born + {{ until }}){% else %}after_day{% endif %} as after_day
    from periods
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

changes as (
    select age, age_order, day, sum(change) as change
    from (
        select age, age_order, first_day as day, 1 as change from ages where after_day is null or first_day < after_day
        union all
        select age, age_order, after_day, -1 from ages where first_day < after_day
    ) as both_ends
    group by age, age_order, day
),

days as (
    select age, age_order, day
    from (
        select {{ each_day('min(born)', 'max(present.today)') }} as day
        from periods
        cross join {{ ref('present') }} as present
    ) as all_days
    cross join (select distinct age, age_order from ages) as all_ages
)

select
    day,
    age,
    age_order,
    cast(sum(coalesce(change, 0)) over (partition by age order by day) as bigint) as open_conversations
from days
left join changes using (age, age_order, day)
