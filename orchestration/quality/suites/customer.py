"""The customer gate: one customer a person, and orders whose lines, people and days agree."""

from orchestration.quality.declarations import (
    Builtin,
    Check,
    FactSpec,
    GateSpec,
    NoRows,
    no_twins,
    not_null,
)


def gate() -> GateSpec:
    """Return the customer gate, over `dim_customers`, its identifiers and attributes, and the order facts."""
    return GateSpec(
        "customer",
        "A person is one customer, and every order, line and amount has its place.",
        (*_identifiers(), *_attributes(), *_customers(), *_orders(), *_order_owners_and_amounts(), *_lines()),
    )


def _identifiers() -> tuple[FactSpec, ...]:
    table, key = "vault.dim_customer_identifiers", ("customer", "dim_customer_identifiers")
    return (
        FactSpec(
            table,
            "no_email_in_two_customers",
            "Records that share an e-mail address are one customer, or the review queue says why these two are not.",
            key,
            (
                NoRows(
                    "with held as (select customer_id, identifier_hash from $batch "
                    "semi join (select identifier_hash from identity.int_identifiers_observed "
                    "where identifier_type = 'email') using (identifier_hash) "
                    "anti join (select identifier_hash from lake_identity.review_queue "
                    "where rule = 'email' and record_id_left is null) using (identifier_hash) "
                    "where identifier_type = 'email' group by all), "
                    "told as (select identifier_hash, lefts.customer_id as one_id, rights.customer_id as other_id "
                    "from lake_identity.review_queue "
                    "join lake_identity.customer_records as lefts on lefts.record_id = record_id_left "
                    "join lake_identity.customer_records as rights on rights.record_id = record_id_right "
                    "where rule = 'email'), "
                    "apart as (select one.customer_id as one_id, other.customer_id as other_id, identifier_hash "
                    "from held as one join held as other using (identifier_hash) "
                    "where one.customer_id < other.customer_id) "
                    "select one_id || ' ' || other_id as key from apart "
                    "anti join (from told union all select identifier_hash, other_id, one_id from told) as told "
                    "using (identifier_hash, one_id, other_id)"
                ),
            ),
        ),
        FactSpec(
            table,
            "every_identifier_belongs_to_a_customer",
            "A contact point leads to a customer that exists.",
            key,
            (*not_null("customer_id", "identifier_value"), _known_customers()),
        ),
    )


def _attributes() -> tuple[FactSpec, ...]:
    table, key = "vault.dim_customer_attributes", ("customer", "dim_customer_attributes")
    return (
        FactSpec(
            table,
            "no_value_of_a_customer_in_two_rows",
            "What was said of a customer's attribute is one row a value.",
            key,
            (*not_null("customer_id", "attribute", "value_hash"), no_twins("customer_id", "attribute", "value_hash")),
        ),
        FactSpec(
            table,
            "exactly_one_value_of_an_attribute_is_chosen",
            "Of the values of a customer's attribute the golden record has one, neither none nor two.",
            key,
            (
                NoRows(
                    "select customer_id || ' ' || attribute as key from $batch "
                    "group by customer_id, attribute having count(*) filter (where is_chosen) <> 1"
                ),
            ),
        ),
        FactSpec(
            table,
            "no_suspect_value_is_chosen_beside_a_clean_one",
            "A suspect value is in the golden record only where no clean one was ever said.",
            key,
            (
                NoRows(
                    "select customer_id || ' ' || attribute as key from $batch group by customer_id, attribute "
                    "having bool_or(is_chosen and is_suspect) and bool_or(not is_suspect)"
                ),
            ),
        ),
    )


def _customers() -> tuple[FactSpec, ...]:
    table, key = "customer.dim_customers", ("customer", "dim_customers")
    return (
        FactSpec(
            table,
            "no_customer_in_two_rows",
            "A customer has one row.",
            key,
            (*not_null("customer_id"), no_twins("customer_id")),
        ),
        FactSpec(
            table,
            "every_source_record_is_in_one_customer",
            "The customers' records add up to the records that were linked.",
            key,
            (
                NoRows(
                    "with linked as (select customer_id, count(*) as records_count "
                    "from identity.int_customer_records_linked group by all) "
                    "select coalesce(linked.customer_id, c.customer_id) as key "
                    "from $batch as c full join linked on c.customer_id = linked.customer_id "
                    "where c.records_count is distinct from linked.records_count"
                ),
            ),
        ),
    )


def _orders() -> tuple[FactSpec, ...]:
    table, key = "customer.fct_orders", ("customer", "fct_orders")
    return (
        FactSpec(
            table,
            "no_order_in_two_rows",
            "An order has one row.",
            key,
            (*not_null("order_id"), no_twins("order_id")),
        ),
        FactSpec(
            table,
            "no_order_after_the_night",
            "No order is dated after the day that the night closes.",
            key,
            _up_to_the_night(),
        ),
        FactSpec(
            table,
            "no_order_is_lost",
            "Every staged order up to the night is among the order facts, and no other.",
            key,
            (
                NoRows(
                    "select coalesce(o.order_id, u.order_id) as key from $batch as o "
                    "full join customer.int_orders_unified as u on o.order_id = u.order_id "
                    "where o.order_id is null or u.order_id is null"
                ),
            ),
        ),
    )


def _order_owners_and_amounts() -> tuple[FactSpec, ...]:
    table, key = "customer.fct_orders", ("customer", "fct_orders")
    return (
        FactSpec(
            table,
            "every_order_of_a_known_record_has_a_customer",
            "An order placed by a linked source record belongs to that record's customer.",
            key,
            (
                NoRows(
                    "select o.order_id as key from $batch as o "
                    "join customer.int_orders_unified as u on o.order_id = u.order_id "
                    "join identity.int_customer_records_linked as r on u.record_id = r.record_id "
                    "where o.customer_id is distinct from r.customer_id"
                ),
            ),
        ),
        FactSpec(
            table,
            "every_ordering_customer_exists",
            "The customer of an order is one of the customers.",
            key,
            (_known_customers(),),
        ),
        FactSpec(
            table,
            "order_amounts_equal_the_sum_of_their_lines",
            "An order's amounts and line count are those of its lines, to the penny.",
            key,
            (NoRows(_orders_that_do_not_add_up()),),
        ),
    )


def _lines() -> tuple[FactSpec, ...]:
    table, key = "customer.fct_order_lines", ("customer", "fct_order_lines")
    return (
        FactSpec(
            table,
            "no_order_line_in_two_rows",
            "A line of an order has one row.",
            key,
            (*not_null("order_line_id"), no_twins("order_line_id")),
        ),
        FactSpec(
            table,
            "every_line_has_an_order_of_the_same_customer",
            "A line belongs to an order, and to its order's customer.",
            key,
            (
                NoRows(
                    "select l.order_line_id as key from $batch as l "
                    "left join customer.fct_orders as o on l.order_id = o.order_id "
                    "where o.order_id is null or l.customer_id is distinct from o.customer_id"
                ),
            ),
        ),
        FactSpec(
            table,
            "what_comes_back_is_negative",
            "Lines of returns take quantities and amounts away; lines of sales bring them.",
            key,
            (
                NoRows(
                    "select order_line_id as key from $batch where "
                    "(order_type = 'return' and (quantity >= 0 or line_amount > 0)) or "
                    "(order_type = 'sale' and (quantity <= 0 or line_amount < 0))"
                ),
            ),
        ),
    )


def _orders_that_do_not_add_up() -> str:
    return (
        "with summed as (select order_id, count(*) as lines_count, "
        "sum(line_amount) as lines_amount, "
        "coalesce(sum(line_amount) filter (where is_revenue), 0) as net_revenue_amount "
        "from customer.fct_order_lines group by all) "
        "select o.order_id as key from $batch as o "
        "left join summed on o.order_id = summed.order_id "
        "where o.lines_count is distinct from summed.lines_count "
        "or o.lines_amount is distinct from summed.lines_amount "
        "or o.net_revenue_amount is distinct from summed.net_revenue_amount"
    )


def _up_to_the_night() -> tuple[Check, ...]:
    return (
        *not_null("ordered_on"),
        Builtin("ExpectColumnMaxToBeBetween", {"column": "ordered_on", "max_value": "$as_of_on"}),
    )


def _known_customers() -> NoRows:
    return NoRows(
        "select t.customer_id as key from $batch as t "
        "left join customer.dim_customers as c on t.customer_id = c.customer_id "
        "where t.customer_id is not null and c.customer_id is null"
    )
