{#- Times: the tap's are UTC without an offset; days, weeks and office hours are of `timezone`. -#}

{% macro local(at) %}
    {%- if var('timezone') == 'UTC' -%}
        {{ at }}
    {%- else -%}
        (({{ at }} at time zone 'UTC') at time zone '{{ var("timezone") }}')
    {%- endif -%}
{% endmacro %}

{% macro local_day(at) %}cast({{ local(at) }} as date){% endmacro %}

{#- The Monday of its week. -#}
{% macro local_week(at) %}cast(date_trunc('week', {{ local(at) }}) as date){% endmacro %}

{#- Seconds from one time to another. -#}
{% macro seconds(start, stop) %}cast(extract(epoch from ({{ stop }} - {{ start }})) as bigint){% endmacro %}

{#- Office seconds from one time to another: those between opening and closing on office days. -#}
{% macro office_seconds(start, stop) %}
    {{- '(' ~ office_clock(stop) ~ ' - ' ~ office_clock(start) ~ ')' -}}
{% endmacro %}

{#- What a clock shows that runs in office hours only, in seconds, started on Monday, 1900-01-01. -#}
{% macro office_clock(at) %}
    {%- set opens = seconds_of_day(var('office_opens')) -%}
    {%- set length = seconds_of_day(var('office_closes')) - opens -%}
    {%- set days = var('office_days') -%}
    {%- set day = '(' ~ local_day(at) ~ " - date '1900-01-01')" -%}
    cast((floor({{ day }} / 7.0) * {{ days | length }}
        + case {{ day }} % 7
            {%- for weekday in range(7) %} when {{ weekday }} then {{ days | select('le', weekday) | list | length }}{% endfor %} end
        ) * {{ length }}
        + case when {{ day }} % 7 + 1 in ({{ days | join(', ') }})
            then least(greatest(extract(epoch from ({{ local(at) }} - date_trunc('day', {{ local(at) }}))) - {{ opens }}, 0), {{ length }})
            else 0 end as bigint)
{%- endmacro %}

{#- '09:30' in seconds. -#}
{% macro seconds_of_day(clock) %}
    {%- set parts = clock.split(':') -%}
    {{ return(parts[0] | int * 3600 + parts[1] | int * 60) }}
{% endmacro %}

{#- A row a day, first and last included; both are expressions over what follows `from`. -#}
{% macro each_day(first, last) %}
    {%- if target.type == 'duckdb' -%}
        cast(unnest(generate_series({{ first }}, {{ last }}, interval '1 day')) as date)
    {%- else -%}
        cast(generate_series({{ first }}, {{ last }}, interval '1 day') as date)
    {%- endif -%}
{% endmacro %}
