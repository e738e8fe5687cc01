{#- What Fivetran writes beside each row: ours are all current. -#}

{% macro fivetran_active(since, synced) %}
    true as _fivetran_active,
    {{ since }} as _fivetran_start,
    timestamp '9999-12-31 23:59:59' as _fivetran_end,
    {{ synced }} as _fivetran_synced
{%- endmacro %}

{% macro fivetran_kept(synced) %}
    false as _fivetran_deleted,
    {{ synced }} as _fivetran_synced
{%- endmacro %}

{#- A row for each element of a list of ids: JSON in DuckDB, an array in PostgreSQL. -#}
{% macro each_of(table, name) %}
    {%- if name not in table.columns -%}
        cast(null as text)
    {%- elif target.type == 'duckdb' -%}
        unnest(from_json({{ name }}, '["varchar"]'))
    {%- else -%}
        unnest(cast({{ name }} as text[]))
    {%- endif -%}
{% endmacro %}
