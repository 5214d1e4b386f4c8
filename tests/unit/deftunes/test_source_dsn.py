"""SOURCE_DSN: what libpq takes is carried over to JDBC or refused with the way out; a password is never shown."""

import pytest

from deftunes.services.source_dsn import source_address
from spark_jobs.problem import Problem


@pytest.mark.parametrize(
    ("dsn", "jdbc_url", "user", "password"),
    [
        ("postgresql://me@shop:6432/songs", "jdbc:postgresql://shop:6432/songs", "me", ""),
        ("postgres://me:pw@shop/songs", "jdbc:postgresql://shop:5432/songs", "me", "pw"),
        (
            "postgresql://svc%40corp:p%40ss%3Aw%2Frd%231%25%24@shop/songs",
            "jdbc:postgresql://shop:5432/songs",
            "svc@corp",
            "p@ss:w/rd#1%$",
        ),
        ("postgresql://me:p[w]#?:$ß@shop/songs", "jdbc:postgresql://shop:5432/songs", "me", "p[w]#?:$ß"),
        ("postgresql://me@[::1]:1,shop:2/my%20songs", "jdbc:postgresql://[::1]:1,shop:2/my%20songs", "me", ""),
        ("postgresql://me@a,b/songs", "jdbc:postgresql://a:5432,b:5432/songs", "me", ""),
        ("postgresql:///songs?host=shop&user=me&password=pw", "jdbc:postgresql://shop:5432/songs", "me", "pw"),
        ("host=shop dbname=songs user=me password='p w'", "jdbc:postgresql://shop:5432/songs", "me", "p w"),
        (
            "postgresql://me@shop/songs?sslmode=verify-full&sslrootcert=/etc/ca.crt",
            "jdbc:postgresql://shop:5432/songs?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.crt",
            "me",
            "",
        ),
        (
            "postgresql://me@shop/songs?sslrootcert=system",
            "jdbc:postgresql://shop:5432/songs?sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory",
            "me",
            "",
        ),
        (
            "postgresql://me@a,b/songs?target_session_attrs=read-write&channel_binding=require&connect_timeout=3",
            "jdbc:postgresql://a:5432,b:5432/songs?channelBinding=require&connectTimeout=3&targetServerType=primary",
            "me",
            "",
        ),
        (
            "postgresql://me@shop/songs?options=-c%20role%3Da%2Bb&client_encoding=LATIN1&keepalives_idle=5",
            "jdbc:postgresql://shop:5432/songs?options=-c%20role%3Da%2Bb",
            "me",
            "",
        ),
    ],
)
def test_address_is_carried_over(dsn: str, jdbc_url: str, user: str, password: str) -> None:
    at = source_address(dsn)

    assert sorted(at.jdbc_url.partition("?")[2].split("&")) == sorted(jdbc_url.partition("?")[2].split("&"))
    assert at.jdbc_url.partition("?")[0] == jdbc_url.partition("?")[0]
    assert (at.user, at.password) == (user, password)


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        ("postgresql://me:hid@den:w/rd#1%$@shop/songs", "write @ as %40, / as %2F, % as %25"),
        ("postgresql://me:hid/den@shop/songs", "write / as %2F; or leave the password out"),
        ("postgresql://me:hid%zen@shop/songs?application_name=a@b", "write % as %25"),
        ("postgresql://me:hidden@shop:port/songs", "its ports do not fit its hosts"),
        ("postgresql://me:hidden@a:1,b:2,c:3/songs?port=1,2", "its ports do not fit its hosts"),
        ("postgresql://me:hidden@[::1/songs", "cannot be taken apart"),
        ("postgresql://me:hidden@shop", "names no database"),
        ("postgresql://shop/songs", "names no user"),
        ("postgresql:///songs?user=me", "names no host"),
        ("postgresql://me:hidden@%2Frun%2Fpostgresql/songs", "names a Unix socket (/run/postgresql)"),
        ("jdbc:postgresql://shop/songs?password=hidden", "it is an address for JDBC"),
        ("mysql://me:hidden@shop/songs", "it begins with mysql://"),
        ("hidden", "it has no postgresql://"),
        ("postgresql://me@shop/songs?sslmod=x", "no setting sslmod"),
        ("postgresql://me@shop/songs?sslcrl=x", "its setting sslcrl has no counterpart"),
        ("postgresql://me@shop/songs?sslpassword=hidden", "its setting sslpassword has no counterpart"),
        ("postgresql://me@shop/songs?service=x", "its setting service has no counterpart"),
        ("postgresql://me@shop/songs?target_session_attrs=quick", "target_session_attrs is quick"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_by_name(dsn: str, message: str) -> None:
    with pytest.raises(Problem) as refused:
        source_address(dsn)

    assert "SOURCE_DSN" in str(refused.value)
    assert message in str(refused.value)
    assert "hid" not in str(refused.value)
