{#- What is asked of models, besides what dbt brings. -#}

{#- Ranges by column, [least] or [least, most]: one test a model, as each costs dbt more than its query. -#}
{% test in_range(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where false
    {%- for name, bounds in columns.items() %}
        or {{ name }} < {{ bounds[0] }} {%- if bounds | length > 1 %} or {{ name }} > {{ bounds[1] }}{% endif %}
    {%- endfor %}
{% endtest %}

{#- What not_null asks, of several columns. -#}
{% test filled(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
{% endtest %}

{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test never(model, column_name, value) %}
    select *
    from {{ model }}
    where {{ column_name }} = '{{ value }}'
{% endtest %}
