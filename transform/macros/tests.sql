{#- What marts.yml asks of columns, besides what dbt brings. -#}

{% test between(model, column_name, least, most=none) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < {{ least }} {%- if most is not none %} or {{ column_name }} > {{ most }}{% endif %}
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
