{#- Rules about parts that several models share. -#}

{#- A value of the first part that fulfils a condition, or of the last; PostgreSQL has no first().
    Parts of one second are ordered by their id, a number written as text. -#}
{% macro first_of(value, condition, alias='', last=false) %}
    {%- set direction = ' desc' if last else '' -%}
    {%- set order = (alias ~ 'created_at', 'length(' ~ alias ~ 'part_id)', alias ~ 'part_id') | join(direction ~ ', ') ~ direction -%}
    {%- if target.type == 'duckdb' -%}
        first({{ value }} order by {{ order }}) filter (where {{ condition }})
    {%- else -%}
        (array_agg({{ value }} order by {{ order }}) filter (where {{ condition }}))[1]
    {%- endif -%}
{% endmacro %}

{#- Who wrote: contact, teammate or bot; the AI agent is a bot. -#}
{% macro author_role(type, is_ai='false') %}
    case
        when {{ type }} in ('user', 'lead', 'contact', 'visitor') then 'contact'
        when {{ type }} = 'bot' or {{ is_ai }} then 'bot'
        when {{ type }} in ('admin', 'team') then 'teammate'
        else 'other'
    end
{% endmacro %}

{#- A message's HTML as text: tags become a space, the five entities that HTML always needs what they stand for. -#}
{% macro plain_text(html) %}
    {%- set result = namespace(text="regexp_replace(regexp_replace(" ~ html ~ ", '<[^>]*>', ' ', 'g'), '\\s+', ' ', 'g')") -%}
    {%- for entity, character in [('lt', '<'), ('gt', '>'), ('quot', '"'), ('#39', "''"), ('nbsp', ' '), ('amp', '&')] -%}
        {%- set result.text = "replace(" ~ result.text ~ ", '&" ~ entity ~ ";', '" ~ character ~ "')" -%}
    {%- endfor -%}
    {{ result.text }}
{% endmacro %}
