{# Returns whether somebody moved the cells of a member's row to the right: an address
   stands below the birthday, a day below the points, or, where both were empty, the
   points below the day of joining. #}
{% macro cells_shifted() -%}
    street is null
    and (
        coalesce({{ matches_fully('birthday_text', '.*@.*') }}, false)
        or {{ spreadsheet_date(
            'points_text', 'loyalty', 'members', 'birthday', has_serials=false
        ) }} is not null
        or (
            points_text is null
            and {{ matches_fully('joined_on_text', '[0-9]+([.][0-9]+)?') }}
        )
    )
{%- endmacro %}
