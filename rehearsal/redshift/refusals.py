"""What Redshift refuses and PostgreSQL would run: the table of what the front refuses in its place.

Each line has an example, which a test sends through the real driver. `page` is the page of the Redshift documentation
(docs.aws.amazon.com/redshift/latest/dg/<page>.html) that says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from rehearsal.redshift.patterns import (
    Statement,
    T,
    any_node,
    column_type,
    create,
    function,
    has_type,
    is_materialized,
    lacks_frame,
    leader_only,
    mixes_catalog_and_tables,
    node,
    over_size,
    property_is,
    words,
    writes_external,
)
from rehearsal.redshift.wire import RedshiftError

FEATURES = "c_unsupported-postgresql-features"
FUNCTIONS = "c_unsupported-postgresql-functions"
TYPES = "c_unsupported-postgresql-datatypes"
LEADER = "c_SQL_functions_leader_node_only"
VIEWS = "r_CREATE_VIEW"
MATERIALIZED = "materialized-view-create-sql-command"


@dataclass(frozen=True)
class Refusal:
    what: str
    example: str
    reason: str
    page: str
    is_in: Callable[[Statement], bool]
    code: str = "0A000"

    def fault(self) -> RedshiftError:
        return RedshiftError(
            self.code, f"Redshift does not run this: {self.what}", self.reason, f"AWS page {self.page}"
        )


def refuse(statement: Statement) -> None:
    """Raises RedshiftError with the first line of the table that the statement meets."""
    for each in REFUSALS:
        if each.is_in(statement):
            raise each.fault()


REFUSALS = (
    # Clauses
    Refusal("distinct on", "select distinct on (a) a from t", "select has distinct only", "r_SELECT_list",
            any_node(exp.Distinct, lambda each: each.args.get("on"))),
    Refusal("an aggregate's filter clause", "select count(*) filter (where a > 1) from t", "write sum(case when ...)",
            FEATURES, node(exp.Filter)),
    Refusal("lateral", "select * from t cross join lateral (select t.a) as x", "from has no lateral", "r_FROM_clause30",
            node(exp.Lateral)),
    Refusal("values in from", "select * from (values (1), (2)) as v (a)", "VALUES lists are no constant tables",
            FEATURES, any_node(exp.Values, lambda each: not isinstance(each.parent, exp.Insert))),
    Refusal("returning", "delete from t returning a", "no statement hands its rows back", FEATURES,
            node(exp.Returning)),
    Refusal("on conflict", "insert into t (a) values (1) on conflict do nothing", "use merge", "r_MERGE",
            node(exp.OnConflict)),
    Refusal("a CTE that writes", "with gone as (delete from t) select 1", "with holds queries only", "r_WITH_clause",
            any_node(exp.CTE, lambda each: isinstance(each.this, exp.Insert | exp.Update | exp.Delete))),
    Refusal("intersect all, except all", "select a from t except all select a from t", "only union has all", "r_UNION",
            any_node(exp.SetOperation, lambda each: not isinstance(each, exp.Union) and not each.args["distinct"])),
    Refusal("for update", "select a from t for update", "there are no row locks", FEATURES, node(exp.Lock)),
    Refusal("tablesample", "select a from t tablesample bernoulli (5)", "from takes no sample", "r_FROM_clause30",
            node(exp.TableSample)),
    Refusal("a named window", "select sum(a) over w from t window w as (partition by a)", "select has no window clause",
            "r_SELECT_synopsis", any_node(exp.Select, lambda each: each.args.get("windows"))),
    Refusal("an aggregate over ordered rows without a frame", "select sum(a) over (order by a) from t",
            "say rows between ... and ...", "r_Window_function_synopsis", any_node(exp.Window, lacks_frame), "42601"),
    # Functions
    Refusal("string_agg", "select string_agg(b, ',') from t", "use listagg", FUNCTIONS, function("string_agg")),
    Refusal("array_agg and other aggregates", "select array_agg(a) from t", "not among Redshift's functions", FUNCTIONS,
            function("array_agg", "every", "xmlagg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg",
                     "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_count", "mode")),
    Refusal("string functions of PostgreSQL", "select format('%s', b) from t", "not among Redshift's functions",
            FUNCTIONS, function("format", "concat_ws", "overlay", "encode", "bit_length", "convert_from", "convert_to",
                                "quote_nullable", "regexp_matches", "regexp_split_to_array", "regexp_split_to_table",
                                "string_to_array", "array_to_string", "array_length", "to_json", "to_jsonb",
                                "row_to_json", "json_build_object", "jsonb_build_object", "gen_random_uuid")),
    Refusal("date functions of PostgreSQL", "select make_date(2020, 1, a) from t", "not among Redshift's functions",
            FUNCTIONS, function("make_date", "make_timestamp", "make_timestamptz", "make_interval", "date_bin",
                                "clock_timestamp", "statement_timestamp", "transaction_timestamp", "justify_days",
                                "justify_hours", "justify_interval", "pg_sleep")),
    Refusal("mathematical functions of PostgreSQL", "select div(a, 2) from t", "not among Redshift's functions",
            FUNCTIONS, function("div", "setseed", "width_bucket", "gcd", "lcm", "trim_scale", "min_scale")),
    Refusal("sets of rows from a function", "select * from unnest(array[1, 2])", "not among Redshift's functions",
            FUNCTIONS, function("unnest", "generate_subscripts", "json_array_elements", "jsonb_array_elements",
                                "regexp_split_to_table")),
    Refusal("generate_series with a table", "select a, i from t cross join generate_series(1, 3) as i",
            "the leader node alone runs it, and tables are not there", LEADER, leader_only("generate_series")),
    Refusal("a function of the leader node on a table", "select now(), a from t",
            "the leader node alone runs it, and tables are not there; use getdate()", LEADER,
            leader_only("now", "age", "isfinite", "localtime", "localtimestamp", "current_time", "current_timestamp",
                        "current_schema", "current_schemas", "has_table_privilege", "has_schema_privilege",
                        "has_database_privilege", "get_bit", "set_bit", "get_byte", "set_byte", "to_ascii")),
    Refusal("a catalog table beside a table", "select a from t cross join pg_class",
            "the catalog is on the leader node alone", "c_join_PG", mixes_catalog_and_tables),
    # Types
    Refusal("json", "select cast(b as json) from t", "there is no such type; use varchar or super", TYPES,
            column_type(T.JSON, T.JSONB)),
    Refusal("uuid", "select cast(b as uuid) from t", "there is no such type; use varchar(36)", TYPES,
            column_type(T.UUID)),
    Refusal("bytea", "create table u (a bytea)", "there is no such type; use varbyte", TYPES,
            lambda statement: "bytea" in statement.words),
    Refusal("an array", "create table u (a int[])", "there is no such type", TYPES, column_type(T.ARRAY)),
    Refusal("an array's constructor or element", "select array[1, 2]", "there is no such type", FEATURES,
            node(exp.Array, exp.Bracket)),
    Refusal("serial", "create table u (a serial)", "there is no such type; use identity(1, 1)", TYPES,
            column_type(T.SERIAL, T.BIGSERIAL, T.SMALLSERIAL)),
    Refusal("tinyint", "create table u (a tinyint)", "there is no such type; use smallint", "c_Supported_data_types",
            column_type(T.TINYINT)),
    Refusal("types of PostgreSQL", "create table u (a inet)", "there is no such type", TYPES,
            has_type("money", "inet", "cidr", "macaddr", "xml", "bit", "int4range", "int8range", "numrange",
                       "tsrange", "tstzrange", "daterange", "hstore", "tsvector", "tsquery", "point", "polygon",
                       "circle", "box", "line", "lseg", "path")),
    Refusal("a type past its size", "create table u (a numeric(40, 2))",
            "at most numeric(38), varchar(65535), char(4096)", "c_Supported_data_types",
            any_node(exp.DataType, over_size), "22023"),
    # Tables
    Refusal("an index", "create index i on t (a)", "sort keys take their place", FEATURES,
            create("INDEX")),
    Refusal("a partitioned table", "create table u (a int) partition by range (a)", "sort keys take their place",
            FEATURES, node(exp.PartitionedByProperty)),
    Refusal("inheritance", "create table u (a int) inherits (t)", "tables stand alone", FEATURES,
            node(exp.InheritsProperty)),
    Refusal("a check constraint", "create table u (a int check (a > 0))", "no constraint of rows but not null",
            "t_Defining_constraints", node(exp.CheckColumnConstraint, exp.Check)),
    Refusal("a sequence", "create sequence s", "use identity(1, 1)", FEATURES, create("SEQUENCE")),
    Refusal("a trigger", "create trigger g before insert on t execute function f()", "there are none", FEATURES,
            words("create", "trigger")),
    Refusal("an exclusion or deferred constraint", "create table u (a int unique deferrable)",
            "constraints are informational", "t_Defining_constraints", words("deferrable")),
    Refusal("another type of a column", "alter table t alter column a type bigint",
            "only the size of a varchar column changes", "r_ALTER_TABLE",
            any_node(exp.AlterColumn, lambda each: each.args.get("dtype") and each.args["dtype"].this != T.VARCHAR)),
    Refusal("a savepoint", "savepoint s", "transactions are flat", FEATURES, words("savepoint")),
    # Views and the lake
    Refusal("a bound view on an external table", "create view v as select a from lake.t",
            "add: with no schema binding", VIEWS,
            lambda statement: create("VIEW", lambda tree: not tree.args.get("no_schema_binding")
                                and not is_materialized(tree))(statement) and statement.reads_external()),
    Refusal("a materialized view of diststyle auto", "create materialized view m diststyle auto as select a from t",
            "even, all or key", MATERIALIZED, create("VIEW", lambda tree: is_materialized(tree)
                                                     and property_is(exp.DistStyleProperty, "auto")(tree))),
    Refusal("auto refresh of a materialized view on an external table",
            "create materialized view m auto refresh yes as select a from lake.t",
            "refresh it by REFRESH MATERIALIZED VIEW", "materialized-view-external-table",
            lambda statement: create("VIEW", property_is(exp.AutoRefreshProperty, "yes"))(statement)
                                     and statement.reads_external()),
    Refusal("a materialized view with order by, limit or offset",
            "create materialized view m as select a from t order by a", "neither order nor a part can be kept",
            MATERIALIZED, create("VIEW", lambda tree: is_materialized(tree) and any(
                tree.expression.unnest().args.get(part) for part in ("order", "limit", "offset")))),
    Refusal("a write to the lake", "insert into lake.t (a) values (1)",
            "silver is the Spark jobs' to write (Redshift itself could write some Iceberg tables)",
            "iceberg-writes-sql-syntax", writes_external),
)  # fmt: skip
