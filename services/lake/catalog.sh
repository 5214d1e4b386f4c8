#!/bin/sh
# Iceberg's REST catalog; its settings are the CATALOG_* variables. Janino, which Spark ships, compiles the one class of ours.
set -eu
exec "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  -cp "$(printf '%s:' "$SPARK_HOME"/jars/janino-*.jar "$SPARK_HOME"/jars/commons-compiler-*.jar \
    /opt/deftunes/var/jars/iceberg-open-api-*.jar /opt/deftunes/var/jars/postgresql-*.jar)" \
  org.codehaus.janino.SimpleCompiler /opt/deftunes/deftunes/services/LoopbackCatalog.java LoopbackCatalog
