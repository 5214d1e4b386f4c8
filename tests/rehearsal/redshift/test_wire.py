"""Real drivers through the front: Redshift's own, and one of PostgreSQL's that asks in simple queries."""

import socket
import struct
import threading

import psycopg2
import pytest
import redshift_connector

from tests.rehearsal.redshift.fronts import DATABASE, PASSWORD, USER, Running, error_fields


def test_driver_meets_a_server_of_redshifts_version(front: Running) -> None:
    with front.connect() as connection:
        statuses = dict(connection.parameter_statuses)
    assert statuses[b"server_version"] == b"8.0.2"


def test_client_that_asks_for_tls_is_told_that_there_is_none(front: Running) -> None:
    with socket.create_connection(("127.0.0.1", front.port)) as client:
        client.sendall(struct.pack("!II", 8, 80877103))
        assert client.recv(1) == b"N"


def test_unknown_user_is_turned_away(front: Running) -> None:
    with pytest.raises(psycopg2.OperationalError, match='role "nobody_here" does not exist'):
        psycopg2.connect(host="127.0.0.1", port=front.port, dbname=DATABASE, user="nobody_here", password=PASSWORD)


def test_values_are_bound_to_a_statement(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("insert into t values (%s, %s)", (3, "it's"))
    cursor.execute("select a, b from t where b = %s", ("it's",))
    assert [list(row) for row in cursor.fetchall()] == [[3, "it's"]]


def test_statement_prepared_once_records_each_time_it_runs(cursor: redshift_connector.Cursor) -> None:
    layout = "select diststyle from svv_table_info where \"table\" = 'again'"
    for _ in range(2):  # the driver keeps the prepared statement
        cursor.execute("create table again diststyle all as select a from t")
        cursor.execute(layout)
        assert list(cursor.fetchone()) == ["ALL"]
        cursor.execute("drop table again")


def test_error_names_its_state_and_leaves_the_connection(cursor: redshift_connector.Cursor) -> None:
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute("select nothing from t")
    assert error_fields(caught.value)["C"] == "42703"
    cursor.execute("select 1")
    assert list(cursor.fetchone()) == [1]


def test_transaction_of_the_driver_is_kept_or_taken_back(front: Running, cursor: redshift_connector.Cursor) -> None:
    connection = front.connect()
    connection.autocommit = False
    with connection.cursor() as other:
        other.execute("insert into own.t values (3, 'z')")
        cursor.execute("select count(*) from t")
        assert list(cursor.fetchone()) == [2]
        connection.rollback()
        other.execute("create table own.kept diststyle even as select a from own.t")
        connection.commit()
    connection.close()
    cursor.execute("select diststyle, tbl_rows from svv_table_info where \"table\" = 'kept'")
    assert cursor.fetchone()[0] == "EVEN"


def test_several_statements_in_a_simple_query(front: Running, cursor: redshift_connector.Cursor) -> None:
    plain = psycopg2.connect(host="127.0.0.1", port=front.port, dbname=DATABASE, user=USER, password=PASSWORD)
    with plain, plain.cursor() as other:
        other.execute(
            "create table own.p (a int) diststyle all; insert into own.p values (1); select nvl(a, 0) from own.p"
        )
        assert other.fetchone() == (1,)
    plain.close()
    cursor.execute("select diststyle from svv_table_info where \"table\" = 'p'")
    assert list(cursor.fetchone()) == ["ALL"]


def test_running_statement_is_cancelled(front: Running) -> None:
    plain = psycopg2.connect(host="127.0.0.1", port=front.port, dbname=DATABASE, user=USER, password=PASSWORD)
    plain.autocommit = True
    with plain.cursor() as other:
        other.execute("set statement_timeout = '30s'")
        slow = "with recursive n (i) as (select 1 union all select i + 1 from n where i > 0) select count(*) from n"
        timer = threading.Timer(0.5, plain.cancel)
        timer.start()
        with pytest.raises(psycopg2.errors.QueryCanceled, match="user request"):
            other.execute(slow)
        timer.join()
    plain.close()
