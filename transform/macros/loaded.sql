{#- What the tap has loaded: a stream or a column that was not selected reads as empty. -#}

{#- A stream's table: its relation, none if it was not loaded, and the names of its columns. -#}
{% macro loaded(stream, required=false) %}
    {%- set declared = source('intercom', stream) -%}
    {%- set relation = load_relation(declared) if execute else none -%}
    {%- if execute and required and not relation -%}
        {{ exceptions.raise_compiler_error("There is no table " ~ declared ~ ": load the stream " ~ stream ~ " first, or say with the variable intercom_schema where it is.") }}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(relation) if relation else [] -%}
    {{ return({'relation': relation, 'columns': columns | map(attribute='name') | list}) }}
{% endmacro %}

{#- The rows of a loaded table; none if there is no such table. -#}
{% macro rows(table) %}
    {{- table.relation or '(select 1 where false) as nothing' -}}
{% endmacro %}

{#- Hides rows that a full load no longer had and that the target only marked. -#}
{% macro is_alive(table) %}
    {{- '_sdc_deleted_at is null' if '_sdc_deleted_at' in table.columns else 'true' -}}
{% endmacro %}

{#- A column of a loaded table; null if there is no such column. -#}
{% macro column(table, name, type='text') %}
    {{- 'cast(' ~ (adapter.quote(name) if name in table.columns else 'null') ~ ' as ' ~ type ~ ')' -}}
{% endmacro %}

{#- A value inside a JSON column by its path, 'source.author.id'; both databases give JSON's null as null. -#}
{% macro inside(table, path, type='text') %}
    {%- set steps = path.split('.') -%}
    {%- if steps[0] in table.columns -%}
        cast((
            {{- adapter.quote(steps[0]) -}}
            {%- for step in steps[1:-1] %} -> '{{ step }}'{% endfor %} ->> '{{ steps[-1] }}') as {{ type }})
    {%- else -%}
        cast(null as {{ type }})
    {%- endif -%}
{% endmacro %}

{#- When a row was loaded; null where the target keeps no such column. -#}
{% macro loaded_at(table) %}
    {{- column(table, '_sdc_extracted_at', 'timestamp') -}}
{% endmacro %}

{#- What an incremental model has not seen: rows that it does not have as they were read last. Row by row, not by the
    newest time: where loads run side by side, what was read earlier may be written later. `key` has the model's names. -#}
{% macro is_new(table, key) %}
    {%- if is_incremental() and '_sdc_extracted_at' in table.columns -%}
        {%- set loaded = adapter.quote(table.relation.identifier) -%}
        not exists (
            select 1 from {{ this }} as kept
            where kept.loaded_at = {{ loaded_at(table) }}
            {%- for kept, name in key.items() %} and kept.{{ kept }} = {{ loaded }}.{{ adapter.quote(name) }}{% endfor %}
        )
        and not exists (
            select 1 from {{ ref('stg_deleted_conversations') }} as deleted
            where deleted.conversation_id = {{ loaded }}.{{ adapter.quote(key['conversation_id']) }}
        )
    {%- else -%}
        true
    {%- endif -%}
{% endmacro %}

{#- Conversations that were deleted in Intercom leave the incremental models, too. -#}
{% macro delete_what_was_deleted() %}
    delete from {{ this }} where conversation_id in (select conversation_id from {{ ref('stg_deleted_conversations') }})
{% endmacro %}

{#- And so do rows that left the table that they came from, or that a full load no longer had. `key` as of `is_new`. -#}
{% macro delete_what_is_gone(stream, key) %}
    {%- set table = loaded(stream) -%}
    {%- if table.relation -%}
        delete from {{ this }} where not exists (
            select 1 from {{ table.relation }} as living
            where {{ is_alive(table) }}
            {%- for kept, name in key.items() %} and living.{{ adapter.quote(name) }} = {{ adapter.quote(this.identifier) }}.{{ kept }}{% endfor %}
        )
    {%- endif -%}
{% endmacro %}

{#- An index where they help: DuckDB has none that a scan of its columns would not beat. -#}
{% macro index_on(columns) %}
    {{ return([{'columns': columns}] if target.type == 'postgres' else []) }}
{% endmacro %}

{#- A row for each object of a list inside a JSON column, 'tags.tags'; what is no list has none. -#}
{% macro objects_in(table, path) %}
    {%- set name, list = path.split('.') -%}
    {%- set type = 'json' if target.type == 'duckdb' else 'jsonb' -%}
    {%- if name not in table.columns -%}
        cast(null as {{ type }})
    {%- elif target.type == 'duckdb' -%}
        unnest(json_extract({{ adapter.quote(name) }}, '$.{{ list }}[*]'))
    {%- else -%}
        {%- set found = adapter.quote(name) ~ " -> '" ~ list ~ "'" -%}
        jsonb_array_elements(case when jsonb_typeof({{ found }}) = 'array' then {{ found }} end)
    {%- endif -%}
{% endmacro %}
