"""Questions: what is asked, and that asking changes nothing."""

from pathlib import Path

import duckdb
import pytest

from deftunes.lake import queries
from spark_jobs.problem import Problem


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute("create table t as select range as a, range % 2 = 0 as even from range(4)")
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(a) from t",
        "from t select sum(a);",
        "with s as (select sum(a) as a from t) select a from s",
        "values (6)",
        "/* a comment */ select sum(a) from t -- and another",
    ],
)
def test_question_is_answered(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert queries.rows(connection, sql)[1] == [(6,)]


@pytest.mark.parametrize("sql", ["describe t", "show tables", "summarize t", "explain select 1", "pivot t on even"])
def test_other_words_for_a_question_are_heard(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert queries.rows(connection, sql)[1]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from t",
        "drop table t",
        "alter table t add column b int",
        "create table u (a int)",
        "create or replace table t as select 1 as a",
        "insert into t values (9, true)",
        "update t set a = 0",
        "copy t to '{folder}/t.csv'",
        "copy t from '{folder}/t.csv'",
        "export database '{folder}'",
        "attach '{folder}/t.duckdb'",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "pragma enable_profiling",
        "call pragma_version()",
        "checkpoint",
        "vacuum",
        "prepare q as delete from t",
        "explain analyze delete from t",
        "explain /* not a question */ analyze delete from t",
        "explain (analyze) delete from t",
        "select 1; delete from t",
        "select 1; select 2",
        "",
        ";",
    ],
)
def test_what_is_no_question_is_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path, sql: str) -> None:
    with pytest.raises(Problem, match="This is not one question"):
        queries.rows(connection, sql.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert queries.rows(connection, "select count(*), sum(a) from t")[1] == [(4, 6)]


def test_columns_of_one_name_get_different_names(connection: duckdb.DuckDBPyConnection) -> None:
    assert queries.rows(connection, "select 1 as a, 2 as a, 3 as a_2")[0] == ["a", "a_2", "a_2_2"]


def test_wrong_sql_is_a_problem_with_the_words_of_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Problem, match="nope"):
        queries.rows(connection, "select nope from t")
