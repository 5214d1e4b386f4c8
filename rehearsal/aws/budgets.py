"""Budgets: moto keeps them and their notifications, but is not asked for subscribers and tags."""

from typing import Any

from rehearsal.aws.answers import Answer, NotOursError


class Budgets:
    """Subscribers by budget and notification, taken from the calls that make them."""

    def __init__(self) -> None:
        self._subscribers: dict[str, list[dict[str, Any]]] = {}
        self._tags: dict[str, list[dict[str, str]]] = {}

    def answers(self) -> dict[str, Answer]:
        calls = {
            "CreateBudget": self._keep_tags,
            "CreateNotification": self._keep_subscribers,
            "DescribeSubscribersForNotification": lambda request: {
                "Subscribers": self._subscribers.get(_name(request), [])
            },
            "ListTagsForResource": lambda request: {
                "ResourceTags": self._tags.get(request["ResourceARN"].rsplit("/", 1)[1], [])
            },
        }
        return {f"AWSBudgetServiceGateway.{name}": answer for name, answer in calls.items()}

    def _keep_tags(self, request: dict[str, Any]) -> dict[str, Any]:
        self._tags[request["Budget"]["BudgetName"]] = request.get("ResourceTags", [])
        raise NotOursError

    def _keep_subscribers(self, request: dict[str, Any]) -> dict[str, Any]:
        self._subscribers[_name(request)] = request["Subscribers"]
        raise NotOursError


def _name(request: dict[str, Any]) -> str:
    """The budget and its notification, whose threshold may be written as 80 or 80.0."""
    notification = {**request["Notification"], "Threshold": float(request["Notification"]["Threshold"])}
    known = ("ComparisonOperator", "NotificationType", "Threshold", "ThresholdType")
    return f"{request['BudgetName']} {[notification.get(name) for name in known]}"
