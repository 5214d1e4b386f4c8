"""Who may ask what: Superset's own answer, and for everybody but Admin the queries of stored charts only."""

from collections.abc import Mapping
from typing import Any

from chart_queries import NotOfTheChartError, Stored, check_queries, is_result_type  # the file beside this one
from flask import has_request_context, request
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.views import AuthDBView
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.security.manager import SupersetSecurityManager
from superset.utils import json

# What /superset/explore_json can be asked for by its address instead of a chart's data.
OTHER_ANSWERS = ("samples", "drill_detail", "columns", "timegrains", "query", "post_processed")


class SecurityManager(SupersetSecurityManager):  # type: ignore[misc]
    """Superset's, with two more checks: of what is asked for, and of how often somebody tries to sign in."""

    def raise_for_access(self, *arguments: Any, **named: Any) -> None:
        """Superset's answer first. Raises SupersetSecurityException, also for a request that no chart makes."""
        super().raise_for_access(*arguments, **named)
        context, viz = named.get("query_context"), named.get("viz")
        if (context is None and viz is None) or self.is_admin():
            return
        try:
            if context is not None:
                self.check_context(context)
            if viz is not None:
                self.check_viz(viz)
        except NotOfTheChartError as error:
            raise SupersetSecurityException(
                SupersetError(
                    message=f"This is no question of the chart: {error}",
                    error_type=SupersetErrorType.DATASOURCE_SECURITY_ACCESS_ERROR,
                    level=ErrorLevel.WARNING,
                )
            ) from error

    def check_context(self, context: Any) -> None:
        """Raise NotOfTheChartError if a request to /api/v1/chart/data is not of a chart or of a dashboard's filter."""
        queries = [dict(vars(query)) for query in context.queries]
        for query in queries:
            if query.pop("datasource") not in (None, context.datasource):
                raise NotOfTheChartError("a query of another dataset")
        if not is_result_type(context.result_type):
            raise NotOfTheChartError(f"an answer of the type {context.result_type}")
        form = context.form_data or {}
        params = filter_params(form) if form.get("type") == "NATIVE_FILTER" else chart_params(form, context.datasource)
        check_queries(queries, stored_with(params, context.datasource))

    def check_viz(self, viz: Any) -> None:
        """The same for /superset/explore_json, by which charts of an older make ask: one chart, one query."""
        params = chart_params(viz.form_data, viz.datasource)
        if viz.form_data.get("viz_type") != params.get("viz_type") or viz.form_data.get("annotation_layers"):
            raise NotOfTheChartError("another kind of chart, or with annotations")
        if any(request.args.get(answer) == "true" for answer in OTHER_ANSWERS):
            raise NotOfTheChartError("an answer that is not the chart's data")
        check_queries([viz.query_obj()], stored_with(params, viz.datasource))

    def _has_view_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        """Databases are those of superset/assets, read when the server starts: no page adds, changes or probes one."""
        if has_request_context() and view_name == "Database" and permission_name in ("can_write", "can_upload"):
            return False
        return bool(super()._has_view_access(user, permission_name, view_name))

    def register_views(self) -> None:
        """Superset 6.1 limits its page of the form, which is only ever read: here what takes passwords is limited."""
        super().register_views()
        for view in self.appbuilder.baseviews:
            if isinstance(view, (AuthDBView, SecurityApi)):
                self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)


def chart_params(form: Mapping[str, Any], datasource: Any) -> dict[str, Any]:
    """The settings that the chart of this number was saved with. Raises NotOfTheChartError if it is of other data."""
    from superset.extensions import db
    from superset.models.slice import Slice

    number = form.get("slice_id")
    chart = db.session.get(Slice, number) if isinstance(number, int) else None
    if chart is None or (chart.datasource_id, chart.datasource_type) != (datasource.id, datasource.type):
        raise NotOfTheChartError(f"chart {number!r} does not exist or reads another dataset")
    params: dict[str, Any] = chart.params_dict
    return params


def filter_params(form: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that this filter of this dashboard lists values of."""
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    number = form.get("dashboardId")
    dashboard = db.session.get(Dashboard, number) if isinstance(number, int) else None
    filters = json.loads(dashboard.json_metadata or "{}").get("native_filter_configuration", []) if dashboard else []
    for each in filters:
        if each.get("id") == form.get("native_filter_id"):
            return {"targets": each.get("targets")}
    raise NotOfTheChartError("the dashboard has no such filter")


def stored_with(params: Mapping[str, Any], datasource: Any) -> Stored:
    from superset.sql.parse import sanitize_clause

    engine = datasource.database.db_engine_spec.engine
    metrics = frozenset(each.metric_name for each in datasource.metrics)
    closed = [each for each in datasource.columns if not each.filterable]
    return Stored(
        params,
        columns=frozenset(each.column_name for each in datasource.columns),
        metrics=metrics,
        filterable=frozenset(each.column_name for each in datasource.columns if each.filterable),
        closed=metrics.union(*[(each.column_name, each.verbose_name) for each in closed]),
        formatted=lambda sql: str(sanitize_clause(sql, engine)) if sql else "",
    )
