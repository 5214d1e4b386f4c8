"""Security groups: moto forgets the description of a rule that names a group or a prefix list, and not addresses."""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule


def extend() -> None:
    """From now on moto's rules keep their description, whatever they name."""
    make = SecurityGroupRule.__init__

    def make_with_description(rule: SecurityGroupRule, *given: Any, **named: Any) -> None:
        make(rule, *given, **named)
        sources = (named.get("ip_range"), named.get("source_group"), named.get("prefix_list_id"), *given)
        rule.description_given = next(
            (each["Description"] for each in sources if isinstance(each, dict) and "Description" in each), None
        )

    SecurityGroupRule.__init__ = make_with_description
    SecurityGroupRule.description = property(lambda rule: rule.description_given)
