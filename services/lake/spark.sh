#!/bin/sh
# A daemon of Spark's standalone cluster: spark master.Master …, spark worker.Worker …
# Only who knows the secret, which stands in _SPARK_AUTH_SECRET, speaks with it; its page shows, and ends nothing.
set -eu
class=$1
shift
exec "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC \
  -Dspark.authenticate=true -Dspark.network.crypto.enabled=true -Dspark.ui.killEnabled=false \
  -Dspark.worker.cleanup.enabled=true -Dspark.worker.cleanup.appDataTtl=86400 \
  -Dlog4j2.configurationFile=/opt/deftunes/targets/embedded.log4j2.properties \
  -cp "$SPARK_HOME/jars/*" "org.apache.spark.deploy.$class" "$@"
