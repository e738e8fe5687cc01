{#- At the end of a build: a line that names the weeks in which conversations are missing. -#}
{% macro name_incomplete_weeks() %}
    {#- A hook may not say ref(). -#}
    {%- set model = graph.nodes['model.intercom.completeness_weeks'] if execute and flags.WHICH in ('build', 'run', 'test') -%}
    {%- set weeks = adapter.get_relation(model.database, model.schema, model.alias) if model -%}
    {%- if weeks -%}
        {%- set found = run_query("select week, difference from " ~ weeks ~ " where verdict = 'incomplete' order by week") -%}
        {%- set names = [] -%}
        {%- for week in found.rows -%}{%- do names.append(week[0] ~ ' (' ~ week[1] | int ~ ')') -%}{%- endfor -%}
        {%- if names -%}
            {%- do log("Conversations are missing that Intercom counts, by the week in which they began: " ~ names | join(', '), info=true) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
